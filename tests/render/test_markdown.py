"""Comments as people read them; whole ones stand in golden/."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from hashlib import sha256

import pytest
from hypothesis import given

from lebots.core.compare.digest import plan_digest
from lebots.core.model.address import Address, Source
from lebots.core.model.change import Action, Change, Dependant, FieldChange, Origin, Outcome, Status
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.plan import Calls, Plan
from lebots.render.comment import markdown
from lebots.render.comment.budget import BUDGETS, Budget
from tests.night import by_day
from tests.render import examples, hostile
from tests.render.comment import SHORTENED, dangers, outline
from tests.render.conftest import Golden
from tests.render.examples import KINDS, PLACES
from tests.render.hostile import law_of_plans

WHOLE = BUDGETS["none"]
TIGHT = Budget("tight", 10_000)


def drawn(plan: Plan, budget: Budget = WHOLE, proposal: str | None = None) -> str:
    more = {} if proposal is None else {"proposal": proposal}
    return markdown.plan(
        plan,
        KINDS,
        markdown.Frame("0.4.0", "3f9c2ab", budget),
        places=PLACES,
        **more,
    )


@pytest.mark.parametrize(
    ("name", "plan", "budget"),
    [
        ("example", examples.EXAMPLE, WHOLE),
        ("nothing-to-do", examples.NOTHING_TO_DO, WHOLE),
        ("stopped", examples.STOPPED, WHOLE),
        ("corners", examples.CORNERS, WHOLE),
        ("three-way", examples.THREE_WAY, WHOLE),
        ("renames", examples.RENAMES, WHOLE),
        ("shortened", examples.EXAMPLE, Budget("tiny", 2_800)),
    ],
)
def test_a_plan_is_drawn_as_shown(name: str, plan: Plan, budget: Budget, golden: Golden) -> None:
    shown = drawn(plan, budget)
    assert shown == golden(f"{name}.md", shown)
    assert dangers(shown) == []


def test_outcomes_are_drawn_as_shown(golden: Golden) -> None:
    shown = markdown.outcomes(
        examples.OUTCOMES, examples.EXAMPLE, KINDS, markdown.Frame("0.4.0"), converged=None
    )
    assert shown == golden("outcomes.md", shown)


def test_findings_are_drawn_as_shown(golden: Golden) -> None:
    found = [*examples.STOPPED.findings, *examples.EXAMPLE.findings]
    shown = markdown.findings(found, markdown.Frame("0.4.0", "3f9c2ab"))
    assert shown == golden("findings.md", shown)


def test_no_findings_are_three_lines() -> None:
    assert markdown.findings([], markdown.Frame("0.4.0")).splitlines() == [
        "<!-- lebots:validate:1 -->",
        "### lebots validate: no findings",
        "",
        "lebots `0.4.0`",
    ]


def test_the_mark_finds_the_comment_of_one_account() -> None:
    assert markdown.mark("plan", "10000001") == "<!-- lebots:plan:1 account=10000001 -->"
    for plan in (examples.EXAMPLE, examples.NOTHING_TO_DO, examples.STOPPED):
        assert drawn(plan).startswith(markdown.mark("plan", plan.account) + "\n")
    receipt = markdown.outcomes([], examples.EXAMPLE, KINDS, markdown.Frame("1"), converged=True)
    assert receipt.startswith(markdown.mark("apply", "10000001") + "\n")


def test_personal_values_are_never_shown() -> None:
    for plan in (examples.EXAMPLE, examples.CORNERS):
        assert "n4ry" not in drawn(plan)
    assert "changed, personal, not shown" in drawn(examples.CORNERS)


def test_the_command_is_what_the_caller_says() -> None:
    digest = plan_digest(examples.EXAMPLE)
    shown = drawn(examples.EXAMPLE, proposal="lebots apply bots --expect {digest}")
    assert shown.endswith(f"\n\n```text\nlebots apply bots --expect {digest}\n```")


def test_the_base_and_its_commit_are_told() -> None:
    frame = markdown.Frame("0.4.0", "3f9c2ab", base="origin/main 80a1e8f")
    shown = markdown.plan(examples.EXAMPLE, KINDS, frame)
    assert "head `3f9c2ab` onto `origin/main` `80a1e8f`" in shown


def test_without_a_command_there_is_nothing_to_type() -> None:
    shown = drawn(examples.EXAMPLE, proposal="")
    assert drawn(examples.EXAMPLE).startswith(shown)
    assert shown.endswith(
        f"Apply costs at most 12 reads and 5 writes. Digest `{plan_digest(examples.EXAMPLE)}`."
    )


def test_a_command_that_would_fill_the_comment_is_told_in_words() -> None:
    shown = drawn(examples.EXAMPLE, proposal="lebots apply " + "manifests/bots.yaml " * 200)
    assert shown.endswith(
        "\n\nNext, once this is approved: `lebots apply` with the arguments of this plan."
    )


def test_a_kind_nobody_knows_has_no_name_in_the_title() -> None:
    change = Change(Address("<b>", "a"), Action.CREATE, fields=(FieldChange("x", None, 1),))
    shown = drawn(Plan("1", (change,)))
    assert "\n### lebots · 1 new object\n" in shown
    assert '\n+ 1 create  <b> "a"   x\n' in shown


def test_a_plan_that_changes_nothing_of_this_pull_request_says_so() -> None:
    pending = replace(examples.CREATE_SKILL, origin=Origin.PENDING)
    shown = drawn(Plan("1", (pending,)))
    assert (
        "What this pull request changes: nothing\n\nPending: merged but not applied: 1\n\n```diff\n"
        '+ 1 create  skill "billing-refunds"'
    ) in shown


def test_each_difference_stands_once_whatever_its_origin() -> None:
    """A change with fields of two origins is named below each, with the fields from there."""
    numbered = drawn(examples.THREE_WAY).split("**Changes, in order of apply**")[1]
    lines = re.findall(r"^[+!~-] (\d)", numbered.split("<details>")[0], re.MULTILINE)
    assert lines == ["1", "2", "4", "2", "3", "5"]
    assert numbered.split("<details>")[0].count("maxWaitTime") == 1


def test_a_value_of_several_lines_is_shown_by_its_changed_lines() -> None:
    change = Change(
        Address("Skill", "s"),
        Action.UPDATE,
        id="1",
        fields=(FieldChange("description", "a\nb", "a\nc"), FieldChange("order", ["a"], ["b"])),
    )
    assert (
        "~       description   3 characters, 2 lines -> 3 characters, 2 lines\n"
        '-                     "b"\n'
        '+                     "c"\n'
        '-       order         ["a"]\n'
        '+       order         ["b"]\n'
    ) in drawn(Plan("1", (change,)))


def test_a_finding_of_several_lines_is_one() -> None:
    found = Finding("advice", "one\ntwo @all", Severity.WARNING)
    assert "\n  warning advice  one\\ntwo \\u0040all\n" in markdown.findings(
        [found], markdown.Frame("1")
    )


# Receipts


@pytest.mark.parametrize(
    ("statuses", "converged", "heading", "end"),
    [
        ([], True, "nothing to do", "The account is in sync."),
        ([Status.DONE], True, "1 done", "The account is in sync."),
        (
            [Status.DONE],
            None,
            "1 done",
            "Everything was written; plan again to see that the account shows it.",
        ),
        (
            [Status.DONE],
            False,
            "1 done",
            "Next: plan again: the account does not show all that was written.",
        ),
        (
            [Status.DONE, Status.FAILED],
            None,
            "1 done, 1 failed",
            "Next:\n\n```text\nrun again: it does only the rest\n```",
        ),
    ],
)
def test_a_receipt_says_how_it_ended_and_what_to_do(
    statuses: Sequence[Status], converged: bool | None, heading: str, end: str
) -> None:
    ended = [Outcome(examples.CREATE_SKILL, status) for status in statuses]
    shown = markdown.outcomes(
        ended, examples.EXAMPLE, KINDS, markdown.Frame("1"), converged=converged
    )
    assert f"\n### lebots apply: {heading}\n" in shown
    assert f"\nDigest `{plan_digest(examples.EXAMPLE)}`\n" in shown
    assert shown.endswith(f"\n\n{end}")


def test_a_receipt_has_the_numbers_of_the_plan() -> None:
    ended = [Outcome(examples.DELETE_BOT, Status.DONE)]
    shown = markdown.outcomes(ended, examples.EXAMPLE, KINDS, markdown.Frame("1"), converged=True)
    assert '\n+ 5 done     delete  bot   "faq-legacy"\n' in shown


def test_a_shortened_receipt_keeps_what_was_not_done() -> None:
    plan = large(1_000)
    ended = [
        Outcome(change, Status.FAILED if number % 100 == 3 else Status.DONE, error="409 " * 5)
        for number, change in enumerate(plan.writes)
    ]
    shown = markdown.outcomes(ended, plan, KINDS, markdown.Frame("1", budget=TIGHT), converged=None)
    assert len(shown.encode()) < TIGHT.bytes
    assert shown.count(" failed ") == 10
    assert re.search(r"\n  and \d+ more done\n", shown)
    assert "not done" not in shown


# Long plans


def large(count: int, verbs: Mapping[int, Action] | None = None) -> Plan:
    """Creates and changes, and another verb for some positions; one secret for every 500th."""
    named = verbs or {}
    source = Source("manifests/many.yaml", 7, 3)
    changes = []
    for number in range(count):
        action = named.get(number, Action.CREATE if number % 3 else Action.UPDATE)
        before = None if action is Action.CREATE else f"old {number} @team"
        fields = tuple(FieldChange(f"field{n}", before, f"new #{n}", source) for n in range(2))
        changes.append(
            examples.told(
                Change(
                    Address("BotUser" if number % 5 == 0 else "Skill", f"object-{number}"),
                    action,
                    "any",
                    str(number),
                    source,
                    fields if action is not Action.DELETE else (),
                    sink="vault" if number % 500 == 9 else "",
                )
            )
        )
    left = [
        Change(Address("BotUser", f"left-{number}"), Action.UNMANAGED, note="unmanaged")
        for number in range(count // 10)
    ]
    return Plan(
        "10000001",
        (*changes, *left),
        tuple(
            Finding("advice", f"word {number}", Severity.WARNING, source)
            for number in range(count // 20)
        ),
        live=count,
        calls=Calls(1, count),
    )


REMOVED = dict.fromkeys((7, 4444, 9999), Action.DELETE)
"""Positions; the numbers people see are one more."""
TEN_THOUSAND = large(10_000, {**REMOVED, 5_000: Action.DISABLE})


@cache
def ten_thousand(budget: Budget) -> str:
    return drawn(TEN_THOUSAND, budget)


@pytest.mark.parametrize(
    "budget",
    by_day(
        [*{budget.bytes: budget for budget in BUDGETS.values()}.values()], [WHOLE, markdown.GITHUB]
    ),
    ids=lambda budget: budget.name,
)
def test_ten_thousand_changes_fit_and_keep_what_matters(budget: Budget) -> None:
    shown = ten_thousand(budget)
    lines = shown.splitlines()
    head = lines[1:] if budget is WHOLE else lines[3:]
    assert len(shown.encode()) < budget.bytes
    assert lines[1].startswith(SHORTENED) == (budget is not WHOLE)
    assert head[0] == (
        "### lebots · 3 skills to DELETE, 1 bot out of service, 5331 new skills, 1332 new bots, "
        "3333 to update"
    )
    assert head[6] == "| **this plan** | 6663 | 3333 | 1 | 3 |  |"
    look_first = shown.split("```")[1]
    for number in REMOVED:
        assert f'skill "object-{number}"  CANNOT BE UNDONE' in look_first
    assert 'bot "object-5000"  OUT OF SERVICE' in look_first
    assert '20 new secrets to sink "vault"' in look_first
    assert shown.endswith(f"\nlebots apply --expect {plan_digest(TEN_THOUSAND)}\n```")
    assert dangers(shown) == []


def test_a_shortened_text_names_the_whole_one() -> None:
    whole, shown = ten_thousand(WHOLE) + "\n", ten_thousand(markdown.GITHUB)
    assert shown.splitlines()[1] == (
        f"**Shortened** to fit 60,000 bytes. The whole text (`--budget none`) has "
        f"{len(whole.encode()):,} bytes, SHA-256 `{sha256(whole.encode()).hexdigest()}`."
    )


def test_a_shortened_text_has_the_outline_of_the_whole_one() -> None:
    whole, shown = outline(ten_thousand(WHOLE)), outline(ten_thousand(markdown.GITHUB))
    assert [kind for kind, *_ in shown[:2]] == ["html_block", "paragraph_open"]
    assert [whole[0], *shown[4:]] == whole


ORDER = {
    "detail of creates": r"^\+       field",
    "detail of changes": r"^-       field",
    "detail of removals": r"^-       whole object",
    "warnings": r"^  warning",
    "names of what is unmanaged": r"^\. bot",
    "lines of the largest kind": r"^~ +\d+ update +skill .*   field0",
    "lines of another kind": r"^~ +\d+ update +bot .*   field0",
    "lines of removals": r"^- +\d+ delete .*\"$",
    "more of what to look at": r"^\+   to sink",
}


def test_a_plan_is_shortened_in_the_agreed_order() -> None:
    plan = large(60, dict.fromkeys((7, 22, 31), Action.DELETE))
    gone: list[str] = []
    for size in range(len(drawn(plan).encode()) + 1, 1_450, -100):
        shown = drawn(plan, Budget("test", size))
        assert len(shown.encode()) < size
        for name, pattern in ORDER.items():
            if name not in gone and not re.search(pattern, shown, re.MULTILINE):
                gone.append(name)
    assert gone == list(ORDER)
    assert re.findall(r"^- +\d+ skill .*CANNOT BE UNDONE", shown, re.MULTILINE)


def test_the_most_harmful_are_left_out_last() -> None:
    removed = dict.fromkeys(range(1_000, 1_300), Action.DELETE)
    plan = large(2_000, {**removed, 0: Action.DISABLE, 1_999: Action.DISABLE})
    look_first = drawn(plan, TIGHT).split("```")[1]
    numbers = [int(n) for n in re.findall(r"^- +(\d+) ", look_first, re.MULTILINE)]
    assert len(numbers) > 50
    assert numbers == list(range(1_001, 1_001 + len(numbers)))
    assert re.search(r"\n  and \d+ more to look at\n", look_first)


def test_no_name_is_long_enough_to_drive_a_removal_out() -> None:
    removal = replace(examples.DELETE_BOT, address=Address("BotUser", "x" * 200_000))
    shown = drawn(Plan("1", (replace(removal, note="y" * 200_000),)), TIGHT)
    look_first, numbered = shown.split("```diff\n")[1:3]
    assert re.match(r'- 1 bot "x{380,} \.\.\. and \d+ characters more\n', look_first)
    assert re.search(r"\n-   y{380,} \.\.\. and \d+ characters more\n", look_first)
    assert re.match(r'- 1 delete  bot "x{380,} \.\.\. and \d+ characters more\n', numbered)


def test_of_many_who_hang_on_an_object_some_are_named() -> None:
    users = tuple(Dependant(Address("BotUser", f"b{n}"), declared=True) for n in range(10_000))
    shown = drawn(Plan("1", (replace(examples.DELETE_BOT, used_by=users),)), TIGHT)
    assert 'used by: bot "b0"' in shown
    assert 'bot "b4" and 9995 more\n' in shown


def test_a_stopped_plan_with_many_refusals_fits() -> None:
    found = tuple(
        Finding("held", f"message {number} " * 9, Severity.REFUSAL) for number in range(10_000)
    )
    shown = drawn(Plan("1", (), found), TIGHT)
    assert len(shown.encode()) < TIGHT.bytes
    assert "\n### lebots · refused (10000 refusals)\n" in shown
    assert "held  message 0 message 0" in shown
    assert re.search(r"\n  and \d+ more\n```", shown)


@law_of_plans
@given(hostile.plans)
def test_any_plan_fits_and_hides_nothing(plan: Plan) -> None:
    shown = drawn(plan, TIGHT)
    assert len(shown.encode()) < TIGHT.bytes
    assert dangers(shown) == []
    assert shown.count("<details>") == shown.count("</details>")


def test_a_digest_with_its_time_can_be_copied() -> None:
    stamped, mention = f"{'0' * 64}@2026-12-01T10:00Z", f"{'0' * 64}@octocat"
    shown = drawn(examples.EXAMPLE, proposal=f"lebots apply --expect {stamped} {mention}")
    assert f"--expect {stamped} " in shown
    assert "@octocat" not in shown
