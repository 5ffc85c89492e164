"""One account, indexed: what is there, by which name, and who refers to what."""

import pytest

from lebots.core.compare.graph import circle, in_order
from lebots.core.model.change import Action, Change
from lebots.core.model.inventory import Inventory
from lebots.core.model.live import Live, PlannedState, Ref
from tests.toys import KINDS, account, at, live

A = live("Shelf/A", "1", width=1)
B1, B2 = live("Shelf/B", "2"), live("Shelf/B", "3")
GONE = live("Shelf/C", "4", deleted=True)
EMMA = live("Book/Emma", "5", shelf="A", sequels=["Emma"])
CODEX = live("Book/Codex", "6", unmanaged_reason="a museum piece", shelf="A")
LOST = live("Book/Lost", "7", deleted=True, shelf="A")


def of(*objects: Live) -> Inventory:
    return Inventory(account(*objects), KINDS)


FULL = of(A, B1, B2, GONE, EMMA, CODEX, LOST)


def names(objects: object) -> list[str]:
    return [str(one.address) for one in objects]  # type: ignore[attr-defined]


def test_fields_are_those_of_a_single_object() -> None:
    assert FULL.spec("Shelf", "A") == {"width": 1}
    assert FULL.spec("Shelf", "B") is None
    assert FULL.spec("Shelf", "C") is None


def test_names_count_as_the_same_in_any_case_and_deleted_ones_too() -> None:
    assert FULL.names_of("Shelf") == ["A", "B"]
    assert [found.id for found in FULL.like(at("Shelf/c"))] == ["4"]
    assert FULL.at(at("Shelf/C")) == ()


def test_an_id_leads_to_its_object_and_to_a_name_while_it_is_there() -> None:
    assert FULL.by_ref[Ref("Shelf", "4")] is GONE
    assert FULL.names[Ref("Shelf", "1")] == "A"
    assert Ref("Shelf", "4") not in FULL.names


def test_what_is_managed_and_what_a_plan_reports() -> None:
    assert names(FULL.managed) == ["Shelf/A", "Shelf/B", "Shelf/B", "Book/Emma"]
    assert names(FULL.undeclared([])) == ["Book/Emma"]
    assert FULL.undeclared([EMMA.address]) == []
    assert (FULL.counts["shelves"], FULL.counts["books"], FULL.counts["papers"]) == (3, 2, 0)


def test_whoever_refers_to_an_object_is_found_once_and_never_itself() -> None:
    twice = live("Book/Twice", "8", sequels=["Emma", "Emma"])
    assert names(FULL.referrers(at("Shelf/A"))) == ["Book/Emma", "Book/Codex"]
    assert FULL.referrers(at("Book/Emma")) == ()
    assert names(of(EMMA, twice).referrers(at("Book/Emma"))) == ["Book/Twice"]


def test_a_rename_is_seen_in_references_too() -> None:
    seen = FULL.renamed({at("Shelf/Z"): "A"})
    assert names(seen.referrers(at("Shelf/Z"))) == ["Book/Emma", "Book/Codex"]
    assert seen.at(at("Shelf/A")) == ()
    assert FULL.renamed({}) is FULL


def test_a_planned_object_takes_the_place_of_the_live_one() -> None:
    after = FULL.planned(
        [
            PlannedState(EMMA.address, {"shelf": "New"}, declared=True, live=EMMA),
            PlannedState(at("Shelf/New"), {}, declared=True),
        ]
    )
    assert names(after.referrers(at("Shelf/A"))) == ["Book/Codex"]
    assert names(after.referrers(at("Shelf/New"))) == ["Book/Emma"]
    assert after.world[at("Shelf/New")].live is None
    assert after.world[EMMA.address].declared
    assert LOST.address not in after.world


def test_of_several_with_one_name_the_declared_one_counts() -> None:
    for mine in B1, B2:
        after = FULL.planned([PlannedState(mine.address, {}, declared=True, live=mine)])
        assert after.world[mine.address].live is mine


def test_removals_are_made_one_after_the_other() -> None:
    def change(action: Action, one: Live, **desired: object) -> Change:
        return Change(one.address, action, one.endpoint, one.id, desired=desired)  # type: ignore[arg-type]

    after = FULL.planned().without(
        [
            change(Action.UPDATE, EMMA, shelf=None),
            change(Action.DISABLE, EMMA, lent=True),
            change(Action.DELETE, A),
        ]
    )
    assert after.world[EMMA.address].spec == {"shelf": None, "sequels": ["Emma"], "lent": True}
    assert A.address not in after.world


@pytest.mark.parametrize(
    ("waits", "expected"),
    [
        pytest.param({"a": [], "b": ["a"]}, [], id="none"),
        pytest.param({"a": ["b"], "b": ["a"]}, [("a", "b"), ("b", "a")], id="of two"),
        pytest.param({"a": ["a"]}, [("a", "a")], id="of one"),
    ],
)
def test_a_circle_is_told_pair_by_pair(
    waits: dict[str, list[str]], expected: list[tuple[str, str]]
) -> None:
    assert sorted(circle(waits)) == expected


def test_what_nobody_waits_for_comes_by_rank() -> None:
    waits = {"a": ["d"], "b": [], "c": [], "d": []}
    assert list(in_order(waits, lambda one: one)) == ["b", "c", "d", "a"]
    assert list(in_order(waits, lambda one: -ord(one))) == ["d", "c", "b", "a"]
