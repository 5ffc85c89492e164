"""What hurts is read first, by every reader: whatever the effect, the size and the budget."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache

import pytest

from lebots.core.model.address import Address, Source
from lebots.core.model.change import (
    HARMFUL,
    Action,
    Change,
    ChangeEffect,
    Dependant,
    Effect,
    FieldChange,
    Origin,
)
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.plan import Plan
from lebots.documents import plan as json
from lebots.documents.text import dumps
from lebots.render.annotations import github
from lebots.render.comment import markdown
from lebots.render.comment.budget import BUDGETS, Budget
from lebots.render.effect_words import ON_THE_LINE, hurting
from lebots.render.page import page
from lebots.render.plain import plan as text
from lebots.render.plan_view import PlanView
from tests.kinds.test_effects import EXAMPLES, KINDS, fleet, planned
from tests.night import by_day
from tests.render import examples
from tests.render.reading import read


def terminal(plan: Plan, width: int = 92) -> str:
    return text.plan(plan, KINDS, version="0.4.0", width=width)


def comment(plan: Plan, budget: Budget = BUDGETS["github"]) -> str:
    return markdown.plan(plan, KINDS, markdown.Frame("0.4.0", budget=budget))


def html(plan: Plan) -> str:
    """What the page says."""
    return " ".join(read(page.plan(plan, KINDS, version="0.4.0")).text.split())


READERS: Mapping[str, Callable[[Plan], str]] = {
    "terminal": terminal,
    "comment": comment,
    "page": html,
    "annotations": lambda plan: github.plan(plan, KINDS),
    "json": lambda plan: dumps(json.plan(plan, version="0.4.0")),
}


# Every effect of every field


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    ("kind", "field", "effect"), EXAMPLES, ids=lambda part: getattr(part, "value", part)
)
def test_every_effect_is_told(kind: str, field: str, effect: Effect, reader: str) -> None:
    before, after = EXAMPLES[kind, field, effect]
    shown = READERS[reader](planned(kind, {field: before}, {field: after}))
    words = effect.value if reader == "json" else ON_THE_LINE[effect]
    assert words in shown.lower()
    if reader == "annotations":
        level = "warning" if effect in HARMFUL else "notice"
        told = [line for line in shown.splitlines() if ON_THE_LINE[effect] in line]
        assert any(line.startswith((f"::{level} file=", "::warning file=")) for line in told)


@pytest.mark.parametrize(
    ("kind", "field", "effect"),
    [one for one in EXAMPLES if one[2] in HARMFUL],
    ids=lambda part: getattr(part, "value", part),
)
def test_what_does_harm_stands_in_the_title_and_above_the_changes(
    kind: str, field: str, effect: Effect
) -> None:
    before, after = EXAMPLES[kind, field, effect]
    plan = planned(kind, {field: before}, {field: after})
    told = hurting(PlanView(plan, KINDS))
    assert told
    for words in told:
        assert words in terminal(plan).splitlines()[1]
        assert words in comment(plan).splitlines()[1]
        assert words in html(plan)
    first, _ = terminal(plan).split("\nCHANGES")
    assert re.search(rf"! .*{ON_THE_LINE[effect].upper()}", first)


# However large a plan is

GRANT = planned("BotUser", {}, {"profiles": ["Administrator", "Agent"]}).writes[0]


@cache
def ten_thousand() -> Plan:
    """New skills, and one bot among them that gets more rights."""
    source = Source("skills.yaml", 1, 1)
    new = [
        Change(
            Address("Skill", f"skill-{number:05}"),
            Action.CREATE,
            "skills",
            source=source,
            fields=(FieldChange("description", None, f"text {number}", source),),
        )
        for number in range(10_000)
    ]
    return Plan("1", (*new[:7_777], GRANT, *new[7_777:]), live=20_000)


@pytest.mark.parametrize("budget", by_day(list(BUDGETS), ["github", "bitbucket", "none"]))
def test_one_grant_among_ten_thousand_is_read_first_under_every_budget(budget: str) -> None:
    shown = comment(ten_thousand(), BUDGETS[budget])
    (title,) = (line for line in shown.splitlines() if line.startswith("### "))
    assert title == "### lebots · 1 grant, 10000 new skills"
    first = shown.split("```diff\n")[1].splitlines()[0]
    assert first.startswith('! 7778 bot "faq"  ')
    assert "GRANTS RIGHTS" in first


def test_one_grant_among_ten_thousand_is_read_first_elsewhere() -> None:
    lines = terminal(ten_thousand()).splitlines()
    assert lines[1] == "1 grant, 10000 new skills"
    assert lines[lines.index("LOOK FIRST") + 1].startswith('  7778 ! bot "faq"  ')
    (first, *_) = read(page.plan(ten_thousand(), KINDS, version="1")).classed("first")
    assert 'bot "faq"' in first.text
    assert '["Agent"] -> ["Administrator", "Agent"]' in first.text
    assert github.plan(ten_thousand(), KINDS).startswith("::warning file=bots.yaml,line=1,")


# Many at once


@pytest.mark.parametrize("reader", [one for one in READERS if one != "annotations"])
@pytest.mark.parametrize("keys", [False, True], ids=["bots", "bots and keys"])
def test_forty_bots_switched_off_are_all_shown_though_they_are_refused(
    reader: str, keys: bool
) -> None:
    plan = fleet(40, keys=keys)
    shown = READERS[reader](plan)
    assert plan.refused
    assert [n for n in range(40) if f"bot-{n:02}" not in shown] == []
    if reader == "comment":
        look_first = shown.split("**Look first**")[1].split("```")[1]
        assert look_first.count("OUT OF SERVICE") == 40
    if reader == "terminal":
        look_first = shown.split("LOOK FIRST")[1].split("CHANGES")[0]
        assert look_first.count("OUT OF SERVICE") == 40
    if reader == "json":
        assert '"out-of-service": ' in shown


# How wide it is


@pytest.mark.parametrize("width", [80, 92, 200])
@pytest.mark.parametrize("plan", [examples.EXAMPLE, examples.THREE_WAY, examples.RETIRED])
def test_the_text_keeps_to_the_width(plan: Plan, width: int) -> None:
    shown = text.plan(plan, examples.KINDS, version="0.4.0", width=width, proposal="")
    assert max(map(len, shown.splitlines())) <= width


def test_values_stand_on_the_line_where_there_is_room_and_below_where_there_is_none() -> None:
    plan = planned("BotUser", {}, {"profiles": ["Administrator", "Agent"]})
    wide = '  1 ! bot "faq"  profiles  ["Agent"] -> ["Administrator", "Agent"]  GRANTS RIGHTS'
    assert wide in terminal(plan, 200)
    assert '  1 ! bot "faq"  GRANTS RIGHTS' in terminal(plan, 80)
    assert '\n        profiles  ["Agent"] -> ["Administrator", "Agent"]\n' in terminal(plan, 80)


# Whom it names


@pytest.mark.parametrize("reader", READERS)
def test_people_are_counted_and_never_named(reader: str) -> None:
    plan = planned("Skill", {}, {"canTransfer": False})
    person = Dependant(Address("BotUser", "ana.costa@acme.test"), False, "a human user")
    held = replace(plan.writes[0], used_by=(person,))
    for change in (held, examples.told(replace(held, action=Action.DELETE, effects=()))):
        shown = READERS[reader](Plan("1", (change,)))
        assert "ana.costa" not in shown
        assert reader == "annotations" or "1 person" in shown or '"people": 1' in shown


# Where both sides changed it


@pytest.mark.parametrize("reader", ["terminal", "comment", "page", "annotations"])
def test_a_conflict_shows_what_base_account_and_this_change_have(reader: str) -> None:
    faq = Address("BotUser", "faq")
    both = FieldChange(
        "maxAsyncChats", 44, 46, Source("bots.yaml", 9, 3), origin=Origin.CONFLICT, base=25
    )
    effect = ChangeEffect(Effect.CONFLICT, "changed in the account too", both.path, (faq,))
    change = Change(faq, Action.UPDATE, "users", "1", fields=(both,), effects=(effect,))
    shown = READERS[reader](Plan("1", (change,)))
    assert "base 25, account 44, here 46" in shown
    assert "conflict" in shown.lower()


# How much of it there is where there is nothing to do


def test_an_empty_plan_of_forty_bots_takes_twelve_lines_at_most() -> None:
    kept = [
        Change(Address(kind, f"bot-{number}"), Action.UNCHANGED)
        for kind in ("Skill", "Key", "BotUser")
        for number in range(40)
    ]
    notes = [
        Finding(code, f"standing note of {one.address}", Severity.NOTE, None, one.address)
        for code in ("skill-without-failover", "kept-elsewhere")
        for one in kept[:40]
    ]
    assert len(terminal(Plan("1", tuple(kept), tuple(notes), live=120)).splitlines()) <= 12
