"""Plans, outcomes and findings as people read them; whole texts stand in golden/."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lebots.core.model.address import Address, Source
from lebots.core.model.change import Action, Change, Dependant, FieldChange, Outcome, Status
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.plan import Plan
from lebots.core.model.value import Value
from lebots.render.plain import plan as text
from tests.render import examples, hostile
from tests.render.conftest import Golden
from tests.render.examples import KINDS, PLACES
from tests.render.hostile import law_of_plans


def drawn(plan: Plan) -> str:
    return text.plan(plan, KINDS, version="0.4.0", places=PLACES)


@pytest.mark.parametrize(
    ("name", "plan"),
    [
        ("example", examples.EXAMPLE),
        ("nothing-to-do", examples.NOTHING_TO_DO),
        ("stopped", examples.STOPPED),
        ("corners", examples.CORNERS),
        ("retired", examples.RETIRED),
        ("three-way", examples.THREE_WAY),
        ("renames", examples.RENAMES),
    ],
)
def test_a_plan_is_drawn_as_shown(name: str, plan: Plan, golden: Golden) -> None:
    shown = drawn(plan)
    assert shown == golden(f"{name}.txt", shown)
    assert max(map(len, shown.splitlines())) <= 92


def test_outcomes_are_drawn_as_shown(golden: Golden) -> None:
    shown = text.outcomes(examples.OUTCOMES, KINDS, converged=False)
    assert shown == golden("outcomes.txt", shown)


def test_findings_are_drawn_as_shown(golden: Golden) -> None:
    shown = text.findings([*examples.STOPPED.findings, *examples.EXAMPLE.findings])
    assert shown == golden("findings.txt", shown)


def test_a_plan_about_to_be_applied_says_nothing_of_what_to_type() -> None:
    shown = text.plan(examples.EXAMPLE, KINDS, version="0.4.0", places=PLACES, proposal="")
    assert drawn(examples.EXAMPLE).startswith(shown)
    assert "NEXT" not in shown


def test_personal_values_are_never_shown() -> None:
    for plan in (examples.EXAMPLE, examples.CORNERS, examples.RETIRED):
        assert "n4ry" not in drawn(plan)


def test_a_secret_without_a_known_place_names_its_sink() -> None:
    shown = text.plan(examples.EXAMPLE, KINDS, version="0.4.0")
    assert '        to sink "ci-vault"; never printed\n' in shown


def test_a_kind_nobody_knows_is_called_by_its_name() -> None:
    change = Change(Address("Widget", "a"), Action.CREATE, fields=(FieldChange("skills", None, 1),))
    assert '+ create  Widget "a"   skills' in drawn(Plan("1", (change,)))


def test_only_the_first_objects_are_shown_in_full() -> None:
    changes = tuple(Change(Address("Skill", f"s{n}"), Action.DELETE, id="1") for n in range(203))
    shown = drawn(examples.planned(Plan("1", changes)))
    look_first, numbered, detail = shown.split("\n\n")[1:4]
    assert look_first.count("CANNOT BE UNDONE") == 203
    assert numbered.count("delete") == 203
    assert detail.count("whole object") == 200
    assert detail.endswith("\n  and 3 more, see --out")


def test_numbers_are_as_wide_as_the_widest() -> None:
    changes = tuple(Change(Address("Skill", f"s{n}"), Action.UPDATE) for n in range(10))
    lines = drawn(Plan("1", changes)).splitlines()
    assert '   1 ~ update  skill "s0"' in lines
    assert '  10 ~ update  skill "s9"' in lines


def test_new_objects_of_the_same_making_are_one_line() -> None:
    changes = tuple(Change(Address("Skill", f"s{n}"), Action.CREATE) for n in range(10))
    lines = drawn(Plan("1", changes)).splitlines()
    assert '  1-10 + create  10 skills "s0" ... "s9"' in lines


def test_a_change_in_two_steps_waits_for_its_own_first_step() -> None:
    first, second = Address("Skill", "first"), Address("Skill", "second")
    changes = (
        Change(first, Action.CREATE),
        Change(second, Action.CREATE, depends_on=(first,)),
        Change(first, Action.UPDATE, depends_on=(first, second)),
    )
    shown = drawn(Plan("1", changes))
    assert '  2 + create  skill "second"   needs 1\n' in shown
    assert '  3 ~ update  skill "first"    needs 1 and 2\n' in shown


def test_ids_that_are_known_already_are_not_announced() -> None:
    known = replace(examples.CREATE_BOT, references={examples.REFUNDS: "1", examples.KEY: "2"})
    assert "known after 1" not in drawn(Plan("1", (examples.CREATE_SKILL, known)))


LONG = "a" * 61


@pytest.mark.parametrize(
    ("before", "after", "rows"),
    [
        ("a", "b", ['"a" -> "b"']),
        (1, 2, ["1 -> 2"]),
        (True, False, ["true -> false"]),
        ("1", 1, ['"1" -> 1']),
        (None, "", ['null -> ""']),
        (["a"], [], ['removes "a"']),
        ([], ["a", "b"], ['adds "a", "b"']),
        (["a", "a"], ["a"], ['removes "a"']),
        (["a", "b"], ["b", "a"], ['["a", "b"] -> ["b", "a"]']),
        ([1], [2], ["adds 2; removes 1"]),
        (None, ["a"], ['null -> ["a"]']),
        ("a" * 60, "b", [f'"{"a" * 60}" -> "b"']),
        (LONG, "b", ['61 characters, 1 line -> "b"', f'-"{LONG}"', '+"b"']),
        ("a\nb", "a\nc", ["3 characters, 2 lines -> 3 characters, 2 lines", '-"b"', '+"c"']),
        ("a\u2028b", "a", ['3 characters, 2 lines -> "a"', '-"a\\u2028"', '-"b"', '+"a"']),
        ({"a": 1}, {"a": 2}, ['{"a": 1} -> {"a": 2}']),
        (
            {"a": LONG, "b": 1},
            {"a": LONG, "b": 2},
            ["2 fields -> 2 fields", '-"b": 1', '+"b": 2'],
        ),
        (
            [LONG, "x"],
            ["x", LONG],
            ["2 items -> 2 items", '~"x"', f'~"{LONG}"'],
        ),
    ],
)
def test_a_changed_value(before: Value, after: Value, rows: Sequence[str]) -> None:
    change = Change(
        Address("Skill", "s"), Action.UPDATE, id="1", fields=(FieldChange("field", before, after),)
    )
    shown = drawn(Plan("1", (change,))).split("\n\n")[2].splitlines()[2:]
    assert shown[0] == f"~       field         {rows[0]}"
    assert [line[0] + line[22:] for line in shown[1:]] == list(rows[1:])


@pytest.mark.parametrize(
    ("after", "rows"),
    [
        (None, ["null"]),
        ("a" * 60, [f'"{"a" * 60}"']),
        (LONG, ["61 characters, 1 line"]),
        ("a\nb", ["3 characters, 2 lines"]),
        (["a", "b"], ['["a", "b"]']),
        ([LONG, 1], ["2 items", f'+"{LONG}"', "+1"]),
        ({"a": LONG}, ["1 field", f'+"a": "{LONG}"']),
    ],
)
def test_a_new_value(after: Value, rows: Sequence[str]) -> None:
    change = Change(
        Address("Skill", "s"), Action.CREATE, fields=(FieldChange("field", None, after),)
    )
    shown = drawn(Plan("1", (change,))).split("\n\n")[2].splitlines()[2:-1]
    assert shown[0] == f"+       field         {rows[0]}"
    assert [line[0] + line[22:] for line in shown[1:]] == list(rows[1:])


@pytest.mark.parametrize(
    ("statuses", "converged", "expected"),
    [
        ([], True, "OUTCOME  nothing to do; the account is in sync"),
        ([Status.DONE] * 2, True, "OUTCOME  2 done; the account is in sync"),
        (
            [Status.DONE],
            False,
            "OUTCOME  1 done\nNEXT  plan again: the account does not show all that was written",
        ),
        (
            [Status.DONE, Status.FAILED],
            False,
            "OUTCOME  1 done, 1 failed\nNEXT  run again: it does only the rest",
        ),
        (
            [Status.BLOCKED, Status.HELD],
            False,
            "OUTCOME  1 blocked, 1 held\n"
            "NEXT  plan again and have it approved: what is held back is not what was approved",
        ),
        (
            [Status.UNKNOWN, Status.FAILED],
            False,
            "OUTCOME  1 failed, 1 unknown\n"
            "NEXT  run again: it looks what became of the unknown ones before it writes",
        ),
    ],
)
def test_the_summary_says_what_to_do_next(
    statuses: list[Status], converged: bool, expected: str
) -> None:
    ended = [Outcome(examples.CREATE_SKILL, status) for status in statuses]
    assert text.summary(ended, converged=converged) == expected


def test_one_line_of_a_log() -> None:
    shown = text.outcome(Outcome(examples.UPDATE_SKILL, Status.DONE, "1204"), 3, 12, KINDS)
    assert shown == '[ 3/12] done     update  skill "billing"  id 1204'


@law_of_plans
@given(hostile.plans, st.text(max_size=40))
def test_no_plan_hides_or_acts(plan: Plan, proposal: str) -> None:
    places = {change.address: change.note for change in plan.changes}
    shown = text.plan(plan, KINDS, version="0.4.0", places=places, proposal=proposal)
    hostile.assert_harmless(shown)


@law_of_plans
@given(st.lists(hostile.outcomes, max_size=3))
def test_no_outcome_hides_or_acts(ended: list[Outcome]) -> None:
    hostile.assert_harmless(text.outcomes(ended, KINDS, converged=False))
    for one in ended:
        hostile.assert_harmless(text.outcome(one, 1, 9, KINDS))


@law_of_plans
@given(st.lists(hostile.findings, max_size=3))
def test_no_finding_hides_or_acts(found: list[Finding]) -> None:
    hostile.assert_harmless(text.findings(found))
    hostile.assert_harmless(drawn(Plan("1", (), tuple(found))))


def test_a_word_that_begins_a_wrapped_line_is_no_command() -> None:
    message = "word " * 15 + "::error::spoofed"
    shown = drawn(Plan("1", (), (Finding("code", message, Severity.NOTE),)))
    assert "\n          \\u003a:error::spoofed" in shown


def test_a_file_named_like_a_command_is_no_command() -> None:
    found = Finding("code", "wrong", source=Source("::error::x.yaml", 1, 1))
    assert text.findings([found]).startswith("\\u003a:error::x.yaml:1:1: wrong")


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["a"], 'bot "a"'),
        (["a", "b"], 'bot "a" and bot "b"'),
        (list("abcde"), 'bot "a", bot "b", bot "c", bot "d" and bot "e"'),
        (list("abcdef"), 'bot "a", bot "b", bot "c", bot "d", bot "e" and 1 more'),
        (["a" * 25, "b" * 24, "c"], f'bot "{"a" * 25}", bot "{"b" * 24}" and bot "c"'),
        (["a" * 25, "b" * 26, "c"], f'bot "{"a" * 25}", bot "{"b" * 26}"|and bot "c"'),
        (["a" * 99, "b", "c"], f'bot "{"a" * 99}",|bot "b" and bot "c"'),
    ],
)
def test_who_hangs_on_it(names: list[str], expected: str) -> None:
    used_by = tuple(Dependant(Address("BotUser", name), declared=True) for name in names)
    change = replace(examples.UPDATE_SKILL, used_by=used_by)
    lines = "        used by: " + expected.replace("|", "\n                 ")
    assert f"\n{lines}\n" in drawn(Plan("1", (change,)))
