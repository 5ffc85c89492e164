"""Two accounts side by side: names and fields, never ids."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from lebots.core.account_diff import Comparison, Pair, compare
from lebots.core.model.change import FieldChange
from lebots.core.model.inventory import Inventory
from lebots.core.model.kind import Kind
from lebots.core.model.live import Account, Live
from tests.toys import KINDS, SHELF, account, at, law, live


def between(here: Account, there: Account) -> Comparison:
    return compare(Inventory(here, KINDS), Inventory(replace(there, id="L2"), KINDS))


def test_what_one_account_has_and_the_other_lacks() -> None:
    found = between(account(live("Shelf/A", "1")), account(live("Shelf/B", "1")))
    assert [pair.address for pair in found.only_here] == [at("Shelf/A")]
    assert [pair.address for pair in found.only_there] == [at("Shelf/B")]
    assert (found.different, found.same) == ((), 0)


def test_fields_of_the_same_name_are_compared_and_ids_are_not() -> None:
    found = between(
        account(live("Shelf/A", "1", width=80), live("Shelf/B", "2", topics=["x", "y"])),
        account(live("Shelf/A", "7", width=90), live("Shelf/B", "9", topics=["y", "x"])),
    )
    assert found.different == (Pair(at("Shelf/A"), True, True, (FieldChange("width", 80, 90),)),)
    assert found.same == 1


def test_a_default_left_out_is_the_default() -> None:
    found = between(account(live("Shelf/A", "1")), account(live("Shelf/A", "1", description="")))
    assert found.same == 1


def test_references_are_compared_by_name() -> None:
    here = account(live("Shelf/A", "1"), live("Book/Emma", "2", shelf="A"))
    there = account(live("Shelf/A", "8"), live("Book/Emma", "9", shelf="A"))
    assert between(here, there).same == 2


def test_personal_fields_differ_without_a_value_to_show() -> None:
    found = between(
        account(live("Book/Emma", "1", author="ann")), account(live("Book/Emma", "1", author="bob"))
    )
    ((change,),) = [pair.fields for pair in found.different]
    assert change.personal


def test_an_id_without_a_name_means_nothing_elsewhere() -> None:
    fields = [replace(part, account_id=part.name == "width") for part in SHELF.fields]
    kinds: dict[str, Kind] = {**KINDS, "Shelf": replace(SHELF, fields=tuple(fields))}
    here, there = account(live("Shelf/A", "1", width=1)), account(live("Shelf/A", "1", width=2))
    assert compare(Inventory(here, kinds), Inventory(there, kinds)).same == 1


def test_the_same_name_in_another_collection_is_a_difference() -> None:
    here = account(live("Ticket/Ann", "1", endpoint="tickets"))
    there = account(live("Ticket/Ann", "1", endpoint="papers"))
    ((change, *_),) = [pair.fields for pair in between(here, there).different]
    assert (change.path, change.before, change.after) == ("type", "plastic", "paper")


def test_what_is_not_ours_or_gone_is_left_out() -> None:
    here = account(
        live("Book/Emma", "1", unmanaged_reason="a museum piece"),
        live("Book/Persuasion", "2", deleted=True),
    )
    assert between(here, account()).pairs == ()


def test_twins_cannot_be_compared() -> None:
    twins = account(live("Shelf/A", "1"), live("Shelf/A", "2"))
    found = between(twins, account(live("Shelf/A", "3")))
    assert found.pairs == ()
    (finding,) = found.findings
    assert "1, 2" in finding.message


def test_a_list_that_cannot_be_read_is_told() -> None:
    found = between(account(unreadable={"papers": "403"}), account())
    assert [str(one) for one in found.findings] == [
        "warning: papers of account L1 could not be read: 403"
    ]


shelves = st.builds(
    lambda name, width, topics: live(f"Shelf/{name}", "1", width=width, topics=topics),
    st.sampled_from("ABC"),
    st.one_of(st.none(), st.integers(0, 2)),
    st.lists(st.sampled_from("xyz"), unique=True),
)
accounts = st.lists(shelves, max_size=3, unique_by=lambda one: one.address).map(
    lambda found: account(*found)
)


@law
@given(accounts)
def test_an_account_is_the_same_as_itself(one: Account) -> None:
    found = between(one, one)
    assert found.same == len(found.pairs)


@law
@given(accounts, accounts)
def test_looking_from_the_other_side_turns_everything_round(one: Account, two: Account) -> None:
    there, back = between(one, two), between(two, one)
    assert [p.address for p in there.only_here] == [p.address for p in back.only_there]
    assert [[(f.path, f.before, f.after) for f in pair.fields] for pair in there.different] == [
        [(f.path, f.after, f.before) for f in pair.fields] for pair in back.different
    ]


def objects(one: Account) -> list[Live]:
    return [thing for thing in one.objects if thing.address.kind == "Shelf"]


@law
@given(accounts, accounts)
def test_every_name_is_told_once(one: Account, two: Account) -> None:
    names = {thing.address for thing in (*objects(one), *objects(two))}
    assert [pair.address for pair in between(one, two).pairs] == sorted(names)


def test_what_cannot_be_read_is_told_and_not_compared() -> None:
    odd = replace(live("Shelf/A", "1"), faults=("'width' should hold a whole number",))
    found = between(account(odd, live("Shelf/B", "2")), account(live("Shelf/A", "9")))
    assert [pair.address for pair in found.pairs] == [at("Shelf/B")]
    (told,) = found.findings
    assert told.message == (
        "Shelf/A (id 1) of account L1 cannot be read: 'width' should hold a whole number"
    )


def test_what_one_account_does_not_list_is_not_compared() -> None:
    here = account(live("Shelf/A", "1"), live("Book/Emma", "2", shelf="A", year=1))
    there = account(live("Book/Emma", "2", shelf="<id 1>", year=1), unreadable={"shelves": "403"})
    found = between(here, there)
    assert [(pair.address, pair.same) for pair in found.pairs] == [(at("Book/Emma"), True)]
    assert [finding.code for finding in found.findings] == ["unreadable"]
