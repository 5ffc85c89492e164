"""What is alike is one line to every reader, and a line tells values as far as there is room."""

from collections.abc import Callable, Mapping

import pytest

from lebots.core.model.address import Address, Source
from lebots.core.model.change import Action, Change, FieldChange, Undeclared
from lebots.core.model.plan import Plan
from lebots.render.comment import markdown
from lebots.render.page import page as html
from lebots.render.plain import plan as text
from tests.kinds.test_effects import KINDS, planned
from tests.render.reading import read


def terminal(plan: Plan, width: int = 92) -> str:
    return text.plan(plan, KINDS, version="0.4.0", width=width)


def page(plan: Plan) -> str:
    return " ".join(read(html.plan(plan, KINDS, version="0.4.0")).text.split())


READERS: Mapping[str, Callable[[Plan], str]] = {
    "terminal": terminal,
    "comment": lambda plan: markdown.plan(plan, KINDS, markdown.Frame("0.4.0")),
    "page": page,
}


def new_bots(number: int) -> list[Change]:
    """Bots, each with a key and a skill of its name."""
    found = []
    for name in (f"new-{n}" for n in range(number)):
        parts = [Address("Key", name), Address("Skill", name)]
        bot = Address("BotUser", name)
        found += [Change(one, Action.CREATE, "installations") for one in parts]
        found.append(Change(bot, Action.CREATE, "users", references=dict.fromkeys(parts)))
    return found


def updated(name: str, *fields: FieldChange) -> Change:
    return Change(Address("BotUser", name), Action.UPDATE, "users", name, fields=fields)


def raised(number: int, to: int = 30) -> list[Change]:
    return [updated(f"old-{n}", FieldChange("maxAsyncChats", 25, to)) for n in range(number)]


@pytest.mark.parametrize("reader", READERS)
def test_new_bots_of_one_making_and_equal_changes_are_one_line_each(reader: str) -> None:
    shown = READERS[reader](Plan("1", (*new_bots(5), *raised(4))))
    assert '5 bots, each with its key and skill, "new-0" ... "new-4"' in shown
    assert '4 bots "old-0" ... "old-3"' in shown
    assert "maxAsyncChats 25 -> 30" in shown


@pytest.mark.parametrize(
    "changes",
    [
        raised(3),
        [*raised(3), updated("other", FieldChange("maxAsyncChats", 25, 31))],
        [updated(f"b{n}", FieldChange("email", "a", "b", personal=True)) for n in range(4)],
        [updated(f"b{n}", FieldChange("maxAsyncChats", n, 30)) for n in range(4)],
    ],
    ids=["few", "another value", "nobody sees whether it is equal", "another value before"],
)
def test_what_is_not_alike_has_a_line_each(changes: list[Change]) -> None:
    plan = Plan("1", tuple(changes))
    assert " bots " not in terminal(plan)
    assert read(html.plan(plan, KINDS, version="0.4.0")).classed("together") == []


def test_a_line_on_the_page_unfolds_to_the_changes_in_it() -> None:
    whole = read(html.plan(Plan("1", (*new_bots(5), *raised(4))), KINDS, version="0.4.0"))
    together = whole.classed("together")
    assert [len(one.classed("entry")) for one in together] == [15, 4]
    assert len(whole.classed("entry")) == 19


# Values


LONG = "An answer about orders, parcels and what becomes of them when nobody is at home"


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        (
            {"lobs": ([], ["Retail"]), "description": ("a", "b")},
            'lobs [] -> ["Retail"], description "a" -> "b"',
        ),
        (
            {"description": ("", LONG), "maxAsyncChats": (25, 30)},
            'description "" -> 79 characters, 1 line, maxAsyncChats 25 -> 30',
        ),
        (
            {"description": (LONG, f"{LONG}!" * 9), "maxAsyncChats": (25, 30)},
            "description, maxAsyncChats 25 -> 30",
        ),
        (
            {f"aFieldOfSomeLength{n}": (n, n + 1) for n in range(6)},
            "aFieldOfSomeLength0 0 -> 1, aFieldOfSomeLength1 1 -> 2 and 4 more",
        ),
    ],
)
def test_values_of_several_fields_stand_on_the_line(
    fields: dict[str, tuple[object, object]], shown: str
) -> None:
    parts = [FieldChange(path, before, after) for path, (before, after) in fields.items()]  # type: ignore[arg-type]
    assert f'  1 ~ update  bot "a"   {shown}' in terminal(Plan("1", (updated("a", *parts),)))


# What is declared no longer


GONE = (
    Undeclared(Address("BotUser", "old-bot"), base_source=Source("bots.yaml", 4, 1)),
    Undeclared(Address("Skill", "old-skill"), {"description": "x"}),
)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("changes", [(), tuple(raised(1))], ids=["alone", "beside a change"])
def test_what_is_no_longer_declared_is_named_where_one_looks_first(
    reader: str, changes: tuple[Change, ...]
) -> None:
    shown = " ".join(READERS[reader](Plan("1", changes, undeclared=GONE)).split()).lower()
    first = shown.index('2 no longer declared: bot "old-bot" and skill "old-skill"')
    assert shown.index("look first") < first < shown.index("was declared at bots.yaml:4")


# What the words say


@pytest.mark.parametrize(
    ("kind", "before", "after", "words"),
    [
        ("Skill", {"canTransfer": True}, {"canTransfer": False}, "to no other skill any more"),
        ("Skill", {"canTransfer": False}, {"canTransfer": True}, "handed to other skills"),
        ("Skill", {}, {"workingHours": "Weekdays"}, "open to customers at other times"),
        ("BotUser", {"key": "faq"}, {"key": "claims"}, 'is the login of bot "claims" too'),
    ],
)
@pytest.mark.parametrize("reader", READERS)
def test_what_a_change_does_is_said_of_the_very_field(
    reader: str, kind: str, before: dict[str, object], after: dict[str, object], words: str
) -> None:
    shown = " ".join(READERS[reader](planned(kind, before, after)).split())
    assert words in shown
    assert "reroute" not in shown.lower()


def test_an_address_in_a_comment_reads_well_and_links_nothing() -> None:
    picture = FieldChange("pictureUrl", "", "https://cdn.acme.test/a.png")
    shown = READERS["comment"](Plan("1", (updated("a", picture),)))
    assert r"https:\/\/cdn.acme.test/a.png" in shown
    assert "://" not in shown
