"""A new object that looks like one nobody declares any more: told where it is plain, else not."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from lebots.core.model.address import Source
from lebots.core.model.desired import Desired
from lebots.core.model.finding import Severity
from lebots.core.model.inventory import Inventory
from lebots.core.model.live import Live
from lebots.core.model.options import PlanOptions
from lebots.core.planner import plan
from tests.toys import KINDS, account, at, desired, live

WORDS = "Conversations the routing bot takes first"
OLD = live("Shelf/old", "7", description=WORDS, width=3)
NAME = Source("library.yaml", 9, 9)


def named(address: str, **spec: Any) -> Desired:
    return replace(desired(address, **spec), metadata={("name",): NAME})


def told(*wanted: Desired, objects: Sequence[Live], asked: PlanOptions | None = None) -> list[str]:
    found = plan(wanted, Inventory(account(*objects), KINDS), options=asked or PlanOptions())
    return [
        f"{one.address} {one.message.split(' under ')[0]}"
        for one in found.findings
        if one.code == "perhaps-renamed"
    ]


FOUND = ['Shelf/new looks like shelf "old" (id 7)']


def test_equal_words_are_told_with_the_line_to_add() -> None:
    (finding,) = plan(
        [named("Shelf/new", description=WORDS)], Inventory(account(OLD), KINDS)
    ).findings
    assert finding.severity is Severity.NOTE
    assert (finding.source, finding.address) == (NAME, at("Shelf/new"))
    assert finding.message == (
        'looks like shelf "old" (id 7) under a new name; to rename that one, write previously: '
        '["old"] below metadata'
    )


@pytest.mark.parametrize(
    ("spec", "others", "expected"),
    [
        pytest.param({"description": WORDS, "width": 3}, [], FOUND, id="all fields equal"),
        pytest.param({"description": WORDS, "width": 4}, [], [], id="one field differs"),
        pytest.param({"description": f"{WORDS}."}, [], [], id="other words"),
        pytest.param({"width": 3}, [], [], id="a number tells nothing"),
        pytest.param({}, [], [], id="nothing is set"),
        pytest.param(
            {"description": WORDS},
            [live("Shelf/twin", "8", description=WORDS)],
            [],
            id="two that look alike",
        ),
        pytest.param(
            {"description": WORDS},
            [live("Book/other", "8", subtitle=WORDS)],
            FOUND,
            id="another kind is another thing",
        ),
    ],
)
def test_only_a_telling_text_among_equal_fields_counts(
    spec: dict[str, Any], others: list[Live], expected: list[str]
) -> None:
    assert told(named("Shelf/new", **spec), objects=[OLD, *others]) == expected


@pytest.mark.parametrize("words", ["", "Books", "a b c d"])
def test_short_words_are_equal_by_chance(words: str) -> None:
    short = live("Shelf/old", "7", description=words)
    assert told(named("Shelf/new", description=words), objects=[short]) == []


@pytest.mark.parametrize(
    "old",
    [
        pytest.param(replace(OLD, deleted=True), id="deleted"),
        pytest.param(replace(OLD, unmanaged_reason="a museum piece"), id="not ours"),
    ],
)
def test_what_cannot_be_renamed_is_not_told_of(old: Live) -> None:
    assert told(named("Shelf/new", description=WORDS), objects=[old]) == []


def test_what_a_manifest_declares_is_not_left_over() -> None:
    wanted = [named("Shelf/new", description=WORDS), desired("Shelf/old")]
    assert told(*wanted, objects=[OLD]) == []
    only = PlanOptions(only=(at("Shelf/new"),))
    assert told(*wanted, objects=[OLD], asked=only) == [], "nor where the run is about others"


def test_what_another_manifest_renames_is_not_left_over() -> None:
    wanted = [
        named("Shelf/new", description=WORDS),
        replace(desired("Shelf/other"), previously=("old",)),
    ]
    assert told(*wanted, objects=[OLD]) == []


def test_two_new_ones_that_look_like_one_are_not_told_apart() -> None:
    wanted = [named(f"Shelf/{name}", description=WORDS) for name in ("new", "newer")]
    assert told(*wanted, objects=[OLD]) == []


def test_another_endpoint_holds_other_things() -> None:
    paper = live("Ticket/old", "p-1", endpoint="papers", colour="dark sea green")
    wanted = named("Ticket/new", type="plastic", colour="dark sea green")
    assert told(wanted, objects=[paper]) == []
    plastic = live("Ticket/old", "7", colour="dark sea green")
    assert told(wanted, objects=[plastic]) == ['Ticket/new looks like ticket "old" (id 7)']


# The same place


def moved(*books: str, **spec: Any) -> list[Desired]:
    """A new shelf, and books that stand on it from now on."""
    return [named("Shelf/new", **spec), *(desired(f"Book/{name}", shelf="new") for name in books)]


EMMA, SANDITON = (live(f"Book/{name}", name, shelf="old") for name in ("Emma", "Sanditon"))
PLAIN = live("Shelf/old", "7")


def test_what_takes_the_place_of_another_is_told() -> None:
    assert told(*moved("Emma"), objects=[PLAIN, EMMA]) == FOUND
    assert told(*moved("Emma", "Sanditon"), objects=[PLAIN, EMMA, SANDITON]) == FOUND


@pytest.mark.parametrize(
    "others",
    [
        pytest.param([SANDITON], id="an undeclared one"),
        pytest.param(
            [replace(SANDITON, unmanaged_reason="a museum piece")], id="one that is not ours"
        ),
    ],
)
def test_not_while_others_use_the_old_one(others: list[Live]) -> None:
    assert told(*moved("Emma"), objects=[PLAIN, EMMA, *others]) == []


def test_not_while_a_declared_one_stays_on_it() -> None:
    wanted = [*moved("Emma"), desired("Book/Sanditon", place=3)]
    assert told(*wanted, objects=[PLAIN, EMMA, SANDITON]) == []


def test_not_where_the_words_say_something_else() -> None:
    old = live("Shelf/old", "7", description="Novels")
    assert told(*moved("Emma", description="Poems"), objects=[old, EMMA]) == []
    assert told(*moved("Emma", description="Poems"), objects=[PLAIN, EMMA]) == FOUND


def test_not_where_a_place_existed_before() -> None:
    objects = [PLAIN, live("Shelf/new", "8"), EMMA]
    assert told(*moved("Emma"), objects=objects) == []


def test_not_where_it_was_a_choice_among_several() -> None:
    emma = live("Book/Emma", "1", sequels=["a", "b"])
    a, b = live("Book/a", "2"), live("Book/b", "3")
    wanted = [named("Book/new", shelf="S"), desired("Shelf/S")]
    both = told(*wanted, desired("Book/Emma", sequels=["new"]), objects=[emma, a, b])
    assert both == [], "one came, two went"
    one = told(*wanted, desired("Book/Emma", sequels=["a", "new"]), objects=[emma, a, b])
    assert one == ['Book/new looks like book "b" (id 3)']


def test_not_where_the_old_one_is_a_choice_of_two_new_ones() -> None:
    wanted = [
        named("Shelf/one"),
        named("Shelf/two"),
        desired("Book/Emma", shelf="one"),
        desired("Book/Sanditon", shelf="two"),
    ]
    assert told(*wanted, objects=[PLAIN, EMMA, SANDITON]) == []


def test_a_thousand_of_each_take_no_time() -> None:
    """Each new one is looked up by its words, not compared with all there are."""
    old = [live(f"Book/o{n}", f"{n}", author=f"Author number {n}", shelf="S") for n in range(1000)]
    new = [named(f"Book/n{n}", author=f"Author number {n}", shelf="S") for n in range(1000)]
    assert len(told(*new, desired("Shelf/S"), objects=[*old, live("Shelf/S", "s")])) == 1000
