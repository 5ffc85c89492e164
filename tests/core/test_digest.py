"""The digest moves with everything that would be written, and with nothing else."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lebots.core.compare.digest import change_digest, keyed, personal_values, plan_digest
from lebots.core.model.address import Address, Source
from lebots.core.model.change import WRITES, Action, Change, FieldChange
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.plan import Calls, Plan
from lebots.core.model.secret import Secret

SKILL = Address("Skill", "billing")
KEY = Address("Key", "refunds")
BOT = Address("BotUser", "refund-bot")

law = settings(derandomize=True, database=None, deadline=None)
texts = st.text(max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from([0.5, 1.0]) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
addresses = st.builds(Address, st.sampled_from(["Skill", "Key", "BotUser"]), texts)
fields = st.builds(FieldChange, texts, values, values)
changes = st.builds(
    Change,
    addresses,
    st.sampled_from(sorted(WRITES)),
    texts,
    st.none() | texts,
    fields=st.lists(fields, max_size=3).map(tuple),
    references=st.dictionaries(addresses, st.none() | texts, max_size=2),
    sink=texts,
)
plans = st.builds(Plan, texts, st.lists(changes, max_size=4, unique_by=lambda c: c.address))


def example() -> Plan:
    return Plan(
        "10000001",
        (
            Change(
                SKILL,
                Action.UPDATE,
                "skills",
                "1204",
                fields=(
                    FieldChange("description", "Bills", "Bills and invoices"),
                    FieldChange("maxWaitTime", 120, 90),
                ),
            ),
            Change(
                KEY,
                Action.CREATE,
                "installations",
                fields=(FieldChange("scope", None, {"a": [1, 2]}),),
                sink="vault",
            ),
            Change(
                BOT,
                Action.CREATE,
                "users",
                fields=(FieldChange("skills", None, ["billing"]),),
                references={SKILL: "1204", KEY: None},
                depends_on=(KEY,),
            ),
        ),
    )


def test_the_digest_of_a_plan_stays_the_same_over_releases() -> None:
    assert plan_digest(example()) == (
        "e2e794e533c893e09c15dd2cdb5d8a4f0a1e977d4296b80aea59108afb47426c"
    )


@law
@given(plans, st.randoms(use_true_random=False))
def test_order_means_nothing(plan: Plan, random: Random) -> None:
    def mixed(change: Change) -> Change:
        parts, references = list(change.fields), list(change.references.items())
        random.shuffle(parts)
        random.shuffle(references)
        return replace(change, fields=tuple(parts), references=dict(references))

    shuffled = [mixed(change) for change in plan.changes]
    random.shuffle(shuffled)
    assert plan_digest(replace(plan, changes=tuple(shuffled))) == plan_digest(plan)


@pytest.mark.parametrize(
    "alter",
    [
        lambda p: replace(p, live=99),
        lambda p: replace(p, calls=Calls(9, 9)),
        lambda p: replace(p, findings=(Finding("code", "message", Severity.NOTE),)),
        lambda p: replace(p, changes=(*p.changes, Change(Address("Skill", "x"), Action.UNCHANGED))),
        lambda p: replace(p, changes=(*p.changes, Change(BOT, Action.UNMANAGED, id="7", note="n"))),
        lambda p: of_each(p, source=Source("other.yaml", 9, 9)),
        lambda p: of_each(p, note="another"),
        lambda p: of_each(p, depends_on=()),
        lambda p: of_each_field(p, source=Source("other.yaml", 9, 9)),
        lambda p: of_each_field(p, loss="another"),
    ],
)
def test_display_means_nothing(alter: Callable[[Plan], Plan]) -> None:
    altered = alter(example())
    assert altered != example()
    assert plan_digest(altered) == plan_digest(example())


def of_each(plan: Plan, **parts: Any) -> Plan:
    return replace(plan, changes=tuple(replace(change, **parts) for change in plan.changes))


def of_each_field(plan: Plan, **parts: Any) -> Plan:
    return replace(
        plan,
        changes=tuple(
            replace(change, fields=tuple(replace(part, **parts) for part in change.fields))
            for change in plan.changes
        ),
    )


def altered_value(value: Any) -> Iterator[Any]:
    """Every value with one leaf moved, and a few of another type that look alike."""
    if isinstance(value, bool) or value is None:
        yield from (0, "", "null", not value)
    elif isinstance(value, int | float):
        yield from (value + 1, str(value), None)
    elif isinstance(value, str):
        yield from (value + " ", value + "\u200b", None)
    elif isinstance(value, dict):
        yield {**value, "more": None}
        for key, part in value.items():
            yield {k: v for k, v in value.items() if k != key}
            yield from ({**value, key: other} for other in altered_value(part))
    else:
        yield [*value, None]
        for at, part in enumerate(value):
            yield [*value[:at], *value[at + 1 :]]
            yield from ([*value[:at], other, *value[at + 1 :]] for other in altered_value(part))


def altered_field(part: FieldChange) -> Iterator[FieldChange]:
    yield replace(part, path=part.path + "x")
    yield from (replace(part, before=other) for other in altered_value(part.before))
    yield from (replace(part, after=other) for other in altered_value(part.after))


def altered_change(change: Change) -> Iterator[Change]:
    yield replace(change, address=Address(change.address.kind + "x", change.address.name))
    yield replace(change, address=Address(change.address.kind, change.address.name + "x"))
    yield from (replace(change, action=verb) for verb in WRITES if verb is not change.action)
    yield replace(change, endpoint=change.endpoint + "x")
    yield replace(change, id=None if change.id else "1")
    yield replace(change, id=(change.id or "") + "1")
    yield replace(change, sink=change.sink + "x")
    yield replace(change, fields=(*change.fields, FieldChange("more", None, None)))
    for at, part in enumerate(change.fields):
        rest = change.fields[:at], change.fields[at + 1 :]
        yield replace(change, fields=(*rest[0], *rest[1]))
        yield from (
            replace(change, fields=(*rest[0], other, *rest[1])) for other in altered_field(part)
        )
    for address, known in change.references.items():
        yield replace(change, references={**change.references, address: (known or "") + "1"})
        yield replace(
            change, references={a: k for a, k in change.references.items() if a != address}
        )


def altered_plan(plan: Plan) -> Iterator[Plan]:
    yield replace(plan, account=plan.account + "1")
    for at, change in enumerate(plan.changes):
        rest = plan.changes[:at], plan.changes[at + 1 :]
        yield replace(plan, changes=(*rest[0], *rest[1]))
        for verb in (Action.UNCHANGED, Action.UNMANAGED):
            yield replace(plan, changes=(*rest[0], replace(change, action=verb), *rest[1]))
        yield from (
            replace(plan, changes=(*rest[0], other, *rest[1])) for other in altered_change(change)
        )


@law
@given(plans)
def test_every_altered_leaf_moves_the_digest(plan: Plan) -> None:
    digest = plan_digest(plan)
    for altered in altered_plan(plan):
        assert plan_digest(altered) != digest


@law
@given(changes)
def test_every_altered_leaf_moves_the_digest_of_a_change(change: Change) -> None:
    digest = change_digest(change)
    for altered in altered_change(change):
        assert change_digest(altered) != digest


def test_a_value_moved_from_one_object_to_another_moves_the_digest() -> None:
    first, second = FieldChange("a", 1, 2), FieldChange("b", 1, 2)

    def plan_with(one: FieldChange, two: FieldChange) -> Plan:
        update = Action.UPDATE
        return Plan("1", (Change(SKILL, update, fields=(one,)), Change(KEY, update, fields=(two,))))

    assert plan_digest(plan_with(first, second)) != plan_digest(plan_with(second, first))


def test_lists_and_tuples_are_the_same_value() -> None:
    one = Change(SKILL, Action.UPDATE, fields=(FieldChange("a", ["x"], ("y", {"z": ("q",)})),))
    two = Change(SKILL, Action.UPDATE, fields=(FieldChange("a", ("x",), ["y", {"z": ["q"]}]),))
    assert change_digest(one) == change_digest(two)


PERSONAL = Change(
    BOT,
    Action.UPDATE,
    "users",
    "7",
    fields=(FieldChange("email", "a@acme.test", "b@acme.test", personal=True),),
    desired={"email": "b@acme.test", "employeeId": "17", "nickname": "Ava"},
    personal=frozenset({"email", "employeeId"}),
)
KEY_OF_PLANS, ANOTHER_KEY = (
    Secret(f"{one} key of plans, which is long enough", known=False) for one in ("the", "another")
)


def altered_personally() -> Iterator[Change]:
    (field,) = PERSONAL.fields
    yield replace(PERSONAL, fields=(replace(field, before="x@acme.test"),))
    yield replace(PERSONAL, fields=(replace(field, after="x@acme.test"),))
    for name in PERSONAL.personal:
        yield replace(PERSONAL, desired={**PERSONAL.desired, name: "x"})


@pytest.mark.parametrize("altered", list(altered_personally()))
def test_a_personal_value_moves_the_digest_under_a_key_alone(altered: Change) -> None:
    one, other = Plan("1", (PERSONAL,)), Plan("1", (altered,))
    assert plan_digest(one) == plan_digest(other)
    assert plan_digest(keyed(one, KEY_OF_PLANS)) != plan_digest(keyed(other, KEY_OF_PLANS))
    assert personal_values(one) != personal_values(other)


def test_a_key_matters_where_there_are_personal_values_alone() -> None:
    plan = Plan("1", (PERSONAL,))
    marked = [plan, keyed(plan, KEY_OF_PLANS), keyed(plan, ANOTHER_KEY)]
    assert len(set(map(plan_digest, marked))) == 3
    assert plan_digest(keyed(example(), KEY_OF_PLANS)) == plan_digest(example())


def test_a_mark_is_of_one_object_in_one_account() -> None:
    elsewhere = replace(PERSONAL, address=replace(BOT, name="another"))
    plans = [Plan("1", (PERSONAL,)), Plan("2", (PERSONAL,)), Plan("1", (elsewhere,))]
    marks = [keyed(plan, KEY_OF_PLANS).changes[0].personal_mark for plan in plans]
    assert len(set(marks)) == 3


def test_which_fields_are_personal_is_in_the_digest() -> None:
    fewer = replace(PERSONAL, personal=frozenset({"email"}))
    assert change_digest(fewer) != change_digest(PERSONAL)
    assert change_digest(replace(PERSONAL, fields=())) != change_digest(PERSONAL)


def test_a_mark_is_in_the_digest_of_the_plan_and_not_of_the_change() -> None:
    marked = replace(PERSONAL, personal_mark="0" * 64)
    assert change_digest(marked) == change_digest(PERSONAL)
    assert plan_digest(Plan("1", (marked,))) != plan_digest(Plan("1", (PERSONAL,)))


def test_any_text_has_a_digest() -> None:
    hostile = Change(Address("Skill", "\ud800\u202e\0"), Action.CREATE)
    assert len(change_digest(hostile)) == 64
