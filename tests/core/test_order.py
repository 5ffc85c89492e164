"""The order of work: what is referred to first, circles opened, nothing lost."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lebots.core.compare.order import kind_ranks, ordered
from lebots.core.model.address import Address
from lebots.core.model.change import Action, Change, FieldChange
from lebots.core.model.inventory import targets
from lebots.core.model.kind import Delivery, Endpoint, Field, Kind
from tests.toys import KINDS, NAME, at, law


def kind(name: str, *refs: str, secret: bool = False) -> Kind:
    return Kind(
        name=name,
        label=name.lower(),
        summary=name,
        endpoints=(Endpoint(name.lower(), "s", f"/{name}", "1"),),
        fields=tuple(Field(ref.lower(), NAME, ref=ref) for ref in refs),
        delivery=Delivery("sink", "default", {}, "ID", "ACCOUNT") if secret else None,
    )


@pytest.mark.parametrize(
    ("kinds", "order"),
    [
        pytest.param(
            [
                kind("User", "Key", "Skill", "Group"),
                kind("Key", secret=True),
                kind("Skill", "Group"),
                kind("Group"),
            ],
            ["Group", "Skill", "Key", "User"],
            id="skill, key, user: a key cannot be unmade",
        ),
        pytest.param([kind("B"), kind("A")], ["A", "B"], id="by name where nothing is needed"),
        pytest.param([kind("A", "B"), kind("B")], ["B", "A"], id="references before names"),
        pytest.param([kind("A", "A"), kind("B")], ["A", "B"], id="a kind may refer to itself"),
        pytest.param(
            [kind("A", "B"), kind("B", "A"), kind("C", "A")], ["A", "B", "C"], id="a circle"
        ),
        pytest.param([kind("A", "Unknown")], ["A"], id="a kind nobody brought"),
    ],
)
def test_ranks_of_kinds(kinds: Sequence[Kind], order: list[str]) -> None:
    ranks = kind_ranks({each.name: each for each in kinds})
    assert sorted(ranks, key=ranks.__getitem__) == order
    assert ranks == kind_ranks({each.name: each for each in reversed(kinds)})


def change(address: str, action: Action = Action.CREATE, **spec: Any) -> Change:
    return Change(
        at(address),
        action,
        fields=tuple(FieldChange(name, None, value) for name, value in spec.items()),
        desired=spec,
        references={target: None for _, target in targets(KINDS[at(address).kind], spec)},
    )


def lines(changes: Sequence[Change]) -> list[str]:
    return [f"{each.action} {each.address.name} {sorted(each.desired)}" for each in changes]


def test_a_circle_is_opened_and_closed_again() -> None:
    emma = change("Book/Emma", shelf="A", sequels=["Persuasion"], tags=["x"])
    persuasion = change("Book/Persuasion", shelf="A", original="Emma")
    first, second, link = ordered([persuasion, emma], KINDS)
    assert lines([first, second, link]) == [
        "create Emma ['shelf', 'tags']",
        "create Persuasion ['original', 'shelf']",
        "update Emma ['sequels']",
    ]
    assert [part.path for part in first.fields] == ["shelf", "tags"]
    assert first.depends_on == ()
    assert second.depends_on == (at("Book/Emma"),)
    assert link.depends_on == (at("Book/Emma"), at("Book/Persuasion"))
    assert link.fields == (FieldChange("sequels", None, ["Persuasion"]),)
    assert link.references == {at("Book/Persuasion"): None}
    assert link.note == "links new objects that refer to each other"


def test_a_new_object_that_refers_to_itself_is_linked_afterwards() -> None:
    changes = ordered([change("Book/Emma", shelf="A", original="Emma")], KINDS)
    assert lines(changes) == ["create Emma ['shelf']", "update Emma ['original']"]
    assert changes[1].depends_on == (at("Book/Emma"),)


def test_an_existing_object_may_refer_to_itself_at_once() -> None:
    (only,) = ordered([change("Book/Emma", Action.UPDATE, original="Emma")], KINDS)
    assert only.depends_on == ()


def test_an_existing_object_waits_for_a_new_one_however_the_circle_runs() -> None:
    changes = ordered(
        [
            change("Book/Emma", Action.UPDATE, sequels=["New"]),
            change("Book/New", shelf="A", original="Emma"),
        ],
        KINDS,
    )
    assert lines(changes) == ["create New ['original', 'shelf']", "update Emma ['sequels']"]
    assert changes[0].depends_on == ()


def test_a_field_that_a_new_object_needs_is_not_deferred() -> None:
    """``shelf`` is needed, so the circle is opened at the other end, wherever that sorts."""
    book = KINDS["Book"]
    shelf = replace(KINDS["Shelf"], fields=(Field("best", NAME, ref="Book"),))
    changes = [
        change("Book/A", shelf="Z"),
        Change(at("Shelf/Z"), Action.CREATE, desired={"best": "A"}),
    ]
    found = ordered(changes, {"Book": book, "Shelf": shelf})
    assert lines(found) == ["create Z []", "create A ['shelf']", "update Z ['best']"]


def test_a_secret_is_not_delivered_twice() -> None:
    emma = replace(change("Book/Emma", shelf="A", original="Emma"), sink="safe")
    assert [each.sink for each in ordered([emma], KINDS)] == ["safe", ""]


NODES = [Address("Book", name) for name in "ABCDE"] + [Address("Shelf", name) for name in "KL"]
REFERRING = {"shelf", "original", "sequels", "chapters"}


@st.composite
def graphs(draw: st.DrawFn) -> list[Change]:
    """Creates and updates of books and shelves that refer to each other at random."""
    addresses = draw(st.lists(st.sampled_from(NODES), min_size=1, unique=True))
    books = [address.name for address in NODES if address.kind == "Book"]
    some = st.lists(st.sampled_from(books), max_size=3, unique=True)
    spec = st.fixed_dictionaries(
        {"tags": st.just(["t"])},
        optional={
            "shelf": st.sampled_from(["K", "L"]),
            "original": st.sampled_from(books),
            "sequels": some,
            "chapters": some.map(lambda names: [{"cites": name} for name in names]),
        },
    )
    return [
        change(
            str(address),
            draw(st.sampled_from([Action.CREATE, Action.UPDATE])),
            **(draw(spec) if address.kind == "Book" else {"width": 1}),
        )
        for address in addresses
    ]


def pointed(each: Change) -> set[Address]:
    return {target for _, target in targets(KINDS[each.address.kind], each.desired)}


@law
@given(graphs())
def test_every_change_comes_after_what_it_depends_on(changes: list[Change]) -> None:
    done: set[Address] = set()
    for each in ordered(changes, KINDS):
        assert set(each.depends_on) <= done
        done.add(each.address)


@law
@given(graphs())
def test_every_id_is_known_when_it_is_needed(changes: list[Change]) -> None:
    without_id = {each.address for each in changes if each.action is Action.CREATE}
    for each in ordered(changes, KINDS):
        needed = pointed(each) & without_id
        assert not needed, "a reference to an object that is not there yet"
        without_id.discard(each.address)


@law
@given(graphs())
def test_a_failure_blocks_whatever_needs_the_id(changes: list[Change]) -> None:
    created = {each.address for each in changes if each.action is Action.CREATE}
    for each in ordered(changes, KINDS):
        assert (pointed(each) & created) - {each.address} <= set(each.depends_on)


@law
@given(graphs())
def test_every_change_is_made_once_and_whole(changes: list[Change]) -> None:
    found = ordered(changes, KINDS)
    assert Counter((c.address, c.action) for c in found if not c.note) == Counter(
        (c.address, c.action) for c in changes
    )
    for given_one in changes:
        parts = [each for each in found if each.address == given_one.address]
        merged = {name: value for part in parts for name, value in part.desired.items()}
        assert merged == given_one.desired
        assert sum(len(part.desired) for part in parts) == len(merged)
        shown = [field for part in parts for field in part.fields]
        assert sorted(f.path for f in shown) == sorted(f.path for f in given_one.fields)


@law
@given(graphs())
def test_only_references_of_new_objects_are_deferred(changes: list[Change]) -> None:
    created = {each.address for each in changes if each.action is Action.CREATE}
    for link in (each for each in ordered(changes, KINDS) if each.note):
        assert link.action is Action.UPDATE
        assert link.address in created
        assert link.desired.keys() <= REFERRING
        assert pointed(link) & created, "every link closes a circle"
        assert link.references.keys() == pointed(link)
        assert link.address in link.depends_on


@law
@given(graphs(), st.randoms(use_true_random=False))
def test_the_order_does_not_depend_on_the_order_of_the_manifests(
    changes: list[Change], random: Random
) -> None:
    shuffled = list(changes)
    random.shuffle(shuffled)
    assert ordered(shuffled, KINDS) == ordered(changes, KINDS)


@law
@given(graphs())
def test_without_circles_nothing_is_linked(changes: list[Change]) -> None:
    """References that only lead to earlier names can never close a circle."""
    upwards = [
        replace(
            each,
            desired={
                name: value
                for name, value in each.desired.items()
                if all(
                    target.name < each.address.name or target.kind == "Shelf"
                    for _, target in targets(KINDS[each.address.kind], {name: value})
                )
            },
        )
        for each in changes
    ]
    assert [each.address for each in ordered(upwards, KINDS) if each.note] == []
