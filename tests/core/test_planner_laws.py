"""What holds for every plan, whatever the manifests and the account."""

from dataclasses import replace
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lebots.core.compare.change import Sinks
from lebots.core.compare.digest import plan_digest
from lebots.core.model.address import Address
from lebots.core.model.change import WRITES, Action, Change
from lebots.core.model.desired import Desired
from lebots.core.model.inventory import Inventory
from lebots.core.model.live import Account, Live
from lebots.core.model.plan import Plan
from lebots.core.planner import is_blocking, plan
from tests.toys import KINDS, account, desired, law, live

SHELVES = ["A", "B"]
BOOKS = ["Emma", "Persuasion", "Sanditon"]
words = st.sampled_from(["", "x", "y"])
some_words = st.lists(st.sampled_from(["x", "y", "z"]), max_size=3, unique=True)
some_books = st.lists(st.sampled_from(BOOKS), max_size=2, unique=True)

SHELF_FIELDS: dict[str, Any] = {
    "description": words,
    "width": st.none() | st.integers(0, 2),
    "topics": some_words,
    "room": st.just("Hall"),
}
BOOK_FIELDS: dict[str, Any] = {
    "sequels": some_books,
    "original": st.sampled_from(BOOKS),
    "tags": some_words,
    "print": st.fixed_dictionaries({}, optional={"year": st.integers(0, 2), "press": words}),
    "lent": st.booleans(),
    "place": st.none() | st.integers(0, 2),
    "author": words,
    "subtitle": st.sampled_from(["x", "y"]),
}
TICKET_FIELDS: dict[str, Any] = {"colour": words}


def specs(fields: dict[str, Any], **always: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(always, optional=fields)


@st.composite
def projects(draw: st.DrawFn) -> tuple[list[Desired], Account]:
    """Manifests and an account; every reference leads somewhere."""
    shelf = st.sampled_from(SHELVES)
    wanted = [desired(f"Shelf/{name}", **draw(specs(SHELF_FIELDS))) for name in SHELVES]
    wanted += [desired(f"Book/{b}", **draw(specs(BOOK_FIELDS, shelf=shelf))) for b in BOOKS]
    wanted += [desired("Ticket/Ann", type="plastic", **draw(specs(TICKET_FIELDS)))]
    present = draw(st.lists(st.sampled_from(wanted), unique_by=lambda w: w.address))
    full = {
        "Shelf": specs({}, **SHELF_FIELDS),
        "Book": specs({}, shelf=shelf, **BOOK_FIELDS),
        "Ticket": specs({}, **TICKET_FIELDS),
    }
    objects = [
        live(str(each.address), str(number), **draw(full[each.address.kind]))
        for number, each in enumerate(present)
    ]
    objects += [live("Book/Undeclared", "90", shelf="A"), live("Shelf/Z", "91")]
    return wanted, account(*objects)


def applied(wanted: list[Desired], where: Account) -> Account:
    """The account after its plan: every change written as the plan has it."""
    objects = {each.address: each for each in where.objects}
    for number, change in enumerate(plan(wanted, Inventory(where, KINDS)).writes, 200):
        old = objects.get(change.address)
        new = old or Live(change.address, str(number), change.endpoint, {})
        merged = dict(new.spec)
        for name, value in change.desired.items():
            part = merged.get(name)
            if isinstance(part, dict) and isinstance(value, dict):
                merged[name] = {**part, **value}
            else:
                merged[name] = value
        objects[change.address] = replace(new, spec=merged)
    return replace(where, objects=tuple(objects.values()))


@law
@given(projects(), st.randoms(use_true_random=False))
def test_a_plan_does_not_depend_on_the_order_of_manifests_or_of_the_account(
    project: tuple[list[Desired], Account], random: Random
) -> None:
    wanted, where = project
    first = plan(wanted, Inventory(where, KINDS))
    objects = list(where.objects)
    random.shuffle(objects)
    mixed = list(wanted)
    random.shuffle(mixed)
    assert plan(mixed, Inventory(replace(where, objects=tuple(objects)), KINDS)) == first
    assert plan_digest(first) == plan_digest(plan(wanted, Inventory(where, KINDS)))


@law
@given(projects())
def test_a_plan_that_was_applied_leaves_nothing_to_do(
    project: tuple[list[Desired], Account],
) -> None:
    wanted, where = project
    after = applied(wanted, where)
    ids = {each.address: each.id for each in after.objects}
    delivered = {w.address: ids[w.address] for w in wanted if w.address.kind == "Ticket"}
    again = plan(wanted, Inventory(after, KINDS), Sinks(delivered=delivered))
    assert not is_blocking(again.findings)
    assert again.writes == ()
    assert {c.action for c in again.changes} <= {Action.UNCHANGED, Action.UNMANAGED}


@law
@given(projects())
def test_a_plan_owns_what_the_manifests_say_and_nothing_else(
    project: tuple[list[Desired], Account],
) -> None:
    wanted, where = project
    by_address = {each.address: each for each in wanted}
    for change in plan(wanted, Inventory(where, KINDS)).writes:
        kind = KINDS[change.address.kind]
        owned = by_address[change.address].spec.keys() | {"drawer"}
        allowed = owned | (kind.on_create.keys() if change.action is Action.CREATE else set())
        assert change.desired.keys() <= allowed
        for part in change.fields:
            name = part.path.partition(".")[0]
            assert name in allowed or part.note, "a reset says why it shows"


@law
@given(projects(), st.integers(0, 5), some_words)
def test_what_is_not_owned_never_shows(
    project: tuple[list[Desired], Account], width: int, topics: list[str]
) -> None:
    wanted, where = project
    silent = [replace(each, spec={}) if each.address.kind == "Shelf" else each for each in wanted]
    objects = tuple(
        replace(each, spec={**each.spec, "width": width, "topics": topics})
        if each.address.kind == "Shelf"
        else each
        for each in where.objects
    )
    assert plan(silent, Inventory(replace(where, objects=objects), KINDS)) == plan(
        silent, Inventory(where, KINDS)
    )


@law
@given(projects())
def test_every_manifest_has_its_place_in_a_plan(project: tuple[list[Desired], Account]) -> None:
    wanted, where = project
    found = plan(wanted, Inventory(where, KINDS))
    assert not is_blocking(found.findings)
    first = [c for c in found.changes if c.action is not Action.UNMANAGED and not c.note]
    assert sorted(str(c.address) for c in first) == sorted(str(w.address) for w in wanted)
    verbs = [change.action in WRITES for change in found.changes]
    assert verbs == sorted(verbs, reverse=True), "what is written comes first"


def formerly(name: str) -> str:
    return f"old {name}"


def called(value: Any, names: set[str]) -> Any:
    """The value with these names as they were before; no other text of these tests is like them."""
    if isinstance(value, dict):
        return {name: called(part, names) for name, part in value.items()}
    if isinstance(value, list):
        return [called(part, names) for part in value]
    return formerly(value) if value in names else value


def facts(found: Plan) -> dict[Address, tuple[object, ...]]:
    """Which object each change is about, and what of it changes."""

    def of(change: Change) -> tuple[object, ...]:
        fields = [(part.path, part.before, part.after, part.note) for part in change.fields]
        return change.endpoint, change.id, change.sink, fields

    return {change.address: of(change) for change in found.changes}


@law
@given(projects(), st.data())
def test_a_rename_changes_a_name_and_nothing_else(
    project: tuple[list[Desired], Account], data: st.DataObject
) -> None:
    """Every id and every reference stays, and nothing is made or removed for it."""
    wanted, where = project
    there = [each.address for each in where.objects if each.address in {w.address for w in wanted}]
    chosen = set(data.draw(st.lists(st.sampled_from(there), unique=True))) if there else set()
    names = {address.name for address in chosen}
    objects = tuple(
        replace(
            each,
            address=Address(each.address.kind, called(each.address.name, names)),
            spec=called(each.spec, names),
        )
        for each in where.objects
    )
    asking = [
        replace(each, previously=(formerly(each.address.name),)) if each.address in chosen else each
        for each in wanted
    ]
    plain = plan(wanted, Inventory(where, KINDS))
    renamed = plan(asking, Inventory(replace(where, objects=objects), KINDS))
    assert facts(renamed) == facts(plain)
    assert renamed.findings == plain.findings
    assert {c.address for c in renamed.changes if c.action is Action.RENAME} == chosen
    assert {c.was for c in renamed.changes if c.was} == {formerly(name) for name in names}
    for action in (Action.CREATE, Action.DELETE, Action.DISABLE):
        assert renamed.count(action) == plain.count(action)


@law
@given(projects(), st.data())
def test_what_is_ignored_is_set_once_and_never_again(
    project: tuple[list[Desired], Account], data: st.DataObject
) -> None:
    wanted, where = project
    there = {each.address for each in where.objects}
    ignoring, owning = [], []
    for each in wanted:
        fields = sorted(each.spec.keys() & KINDS[each.address.kind].ignorable)
        drawn = data.draw(st.lists(st.sampled_from(fields), unique=True)) if fields else []
        ignoring.append(replace(each, ignore=frozenset(drawn)))
        spec = {name: value for name, value in each.spec.items() if name not in drawn}
        owning.append(replace(each, spec=spec) if each.address in there else each)
    assert plan(ignoring, Inventory(where, KINDS)) == plan(owning, Inventory(where, KINDS))
