"""A change of manifests as values: its digest, the plan kept to it, and what is left beside."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lebots.core.compare.change import Sinks
from lebots.core.model.address import Address
from lebots.core.model.change import Action, Change
from lebots.core.model.desired import Desired
from lebots.core.model.inventory import Inventory
from lebots.core.model.live import Account
from lebots.core.model.options import PlanOptions
from lebots.core.model.plan import Plan
from lebots.core.planner import plan
from lebots.core.proposal.kept import beside, differences
from lebots.core.proposal.manifest_change import ManifestChange, manifest_change, stated
from tests.toys import KINDS, account, at, desired, law, live


def change(before: Sequence[Desired], after: Sequence[Desired]) -> ManifestChange:
    return manifest_change(stated(before, KINDS), stated(after, KINDS))


def digest(before: Sequence[Desired], after: Sequence[Desired], account: str = "L1") -> str:
    return change(before, after).digest(account, KINDS)


def whole(manifests: Sequence[Desired], found: Account, **asked: Any) -> Plan:
    return plan(manifests, Inventory(found, KINDS), Sinks(("drawer",)), PlanOptions(**asked))


def former(manifest: Desired, *names: str) -> Desired:
    return replace(manifest, previously=names)


A = desired("Shelf/a", width=1, topics=["x", "y"])


def test_one_value_has_one_form() -> None:
    assert digest([], [A]) == digest([], [desired("Shelf/a", 7, topics=["y", "x"], width=1)])
    assert not change([A], [desired("Shelf/a", topics=["y", "x"], width=1)]).fields


def test_a_personal_value_is_not_in_it_but_that_it_changes_is() -> None:
    base = [desired("Book/b", shelf="a")]
    one, other = (
        digest(base, [desired("Book/b", shelf="a", author=who)]) for who in ("Ann", "Bob")
    )
    assert one == other != digest(base, [])


def test_it_is_of_one_account() -> None:
    assert digest([], [A]) != digest([], [A], "L2")


def test_what_is_declared_no_longer_is_in_it_and_nothing_to_write() -> None:
    found = change([A, desired("Shelf/b")], [desired("Shelf/a", width=1)])
    assert found.fields == {at("Shelf/a"): {"topics": ()}, at("Shelf/b"): {"metadata.name": ()}}
    assert found.part == {}
    kept = change([A], [replace(A, protect=True, ignore=frozenset({"width"}))])
    assert kept.fields.keys() == {at("Shelf/a")}
    assert kept.part == {}


def test_a_new_name_is_compared_with_what_was_said_under_the_old_one() -> None:
    renamed = former(desired("Shelf/b", width=2, topics=["x", "y"]), "z", "a")
    found = change([A], [renamed]).part
    assert found == {at("Shelf/b"): {"metadata.name", "metadata.previously", "width"}}
    taken = change([A], [A, former(desired("Shelf/b", width=1), "a")]).part
    assert taken[at("Shelf/b")] == {"metadata.name", "metadata.previously", "width"}
    two = change([A], [former(desired("Shelf/b"), "a"), former(desired("Shelf/c"), "a")]).part
    assert two.keys() == {at("Shelf/b"), at("Shelf/c")}


def test_what_is_said_otherwise_by_now_is_told() -> None:
    found = change([], [A])
    assert list(found.superseded(stated([A], KINDS))) == []
    now = [desired("Shelf/a", width=2, topics=["x", "y"])]
    assert list(found.superseded(stated(now, KINDS))) == ["Shelf/a width"]
    assert len(list(found.superseded({}))) == 3


FOUND = account(
    live("Shelf/a", "1", width=5, description="by hand"),
    live("Shelf/old", "2"),
    live("Book/b", "3", shelf="a", place=4),
)


def test_an_object_has_the_fields_of_the_change_alone() -> None:
    now = [desired("Shelf/a", width=1, description="ours"), desired("Shelf/new", width=3)]
    part = {at("Shelf/a"): frozenset({"width"})}
    (done,) = whole(now, FOUND, part=part).writes
    assert [one.path for one in done.fields] == ["width"]
    assert done.desired == {"width": 1}
    held = list(beside(whole(now, FOUND).writes, part, KINDS))
    shown = {str(one.address): [part.path for part in one.fields] for one in held}
    assert shown["Shelf/a"] == ["description"]
    assert shown.keys() == {"Shelf/a", "Shelf/new"}
    assert differences(held) == 2


def test_a_name_and_the_fields_beside_it_are_told_apart() -> None:
    now = [former(desired("Shelf/b", width=1, description="ours"), "old")]
    name = frozenset({"metadata.name", "metadata.previously"})
    planned = whole(now, FOUND)
    (done,) = whole(now, FOUND, part={at("Shelf/b"): name}).writes
    assert (done.action, done.fields) == (Action.RENAME, ())
    (held,) = beside(planned.writes, {at("Shelf/b"): name}, KINDS)
    assert (held.action, differences([held])) == (Action.UPDATE, 2)
    (held,) = beside(planned.writes, {at("Shelf/b"): frozenset({"width"})}, KINDS)
    assert (held.action, differences([held])) == (Action.RENAME, 2)
    refused = whole(now, FOUND, part={at("Shelf/b"): frozenset({"width"})}).refused
    assert [one.code for one in refused] == ["needs-held"]


def test_a_removal_is_of_no_change() -> None:
    gone = Change(at("Shelf/a"), Action.DELETE, "shelves", "1")
    part = {at("Shelf/a"): frozenset({"metadata.name"})}
    assert list(beside([gone], part, KINDS)) == [gone]
    assert differences([gone]) == 1


def test_a_reset_goes_with_its_cause() -> None:
    """The place of a book is lost with its shelf, and counts for nothing by itself."""
    now = [desired("Shelf/b", room="x"), desired("Book/b", shelf="old")]
    part = {at("Book/b"): frozenset({"shelf"})}
    (done,) = whole(now[1:], FOUND, part=part).writes
    assert [one.path for one in done.fields] == ["shelf", "place"]
    assert differences([done]) == 1
    assert list(beside([done], part, KINDS)) == []
    assert len(list(beside([done], {}, KINDS))) == 1


def test_a_new_key_keeps_its_drawer_and_needs_no_more() -> None:
    ticket = desired("Ticket/t", type="plastic", drawer="drawer")
    book = desired("Book/new", shelf="a", ticket="t")
    part = change([], [ticket]).part
    (done,) = whole([ticket, book], FOUND, part=part).writes
    assert (done.action, done.sink) == (Action.CREATE, "drawer")
    refused = whole([ticket, book], FOUND, part=change([], [book]).part).refused
    assert [(one.code, str(one.address)) for one in refused] == [("needs-held", "Book/new")]


NAMES = ("a", "b", "c")
fields = st.fixed_dictionaries(
    {}, optional={"width": st.integers(1, 3), "description": st.sampled_from(["x", "y"])}
)
projects = st.dictionaries(st.sampled_from(NAMES), fields)


def manifests(project: Mapping[str, Mapping[str, Any]]) -> list[Desired]:
    return [desired(f"Shelf/{name}", **spec) for name, spec in project.items()]


@law
@given(projects, projects, projects)
def test_nothing_of_others_moves_it(
    base: dict[str, Any], mine: dict[str, Any], theirs: dict[str, Any]
) -> None:
    """Whatever is merged of other objects, before or after."""
    other = [desired(f"Shelf/their {name}", **spec) for name, spec in theirs.items()]
    before, after = manifests(base), manifests(mine)
    assert digest(before, after) == digest([*before, *other], [*after, *other])
    assert digest(before, after) == digest(before[::-1], after[::-1])


@law
@given(projects, projects, projects)
def test_a_part_and_what_is_beside_it_are_the_plan(
    base: dict[str, Any], mine: dict[str, Any], there: dict[str, Any]
) -> None:
    lives = enumerate(there.items())
    found = account(*(live(f"Shelf/{name}", str(id_), **spec) for id_, (name, spec) in lives))
    after = manifests(mine)
    part = change(manifests(base), after).part
    kept, every = whole(after, found, part=part), whole(after, found)
    if kept.refused:
        assert {one.code for one in kept.refused} == {"needs-held"}
        return

    def told(changes: Sequence[Change]) -> list[tuple[Address, str]]:
        return sorted((one.address, field.path) for one in changes for field in one.fields)

    assert told([*kept.writes, *beside(every.writes, part, KINDS)]) == told(every.writes)
