"""Workflow commands: one a line, each with the place of a manifest, and nothing smuggled in."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lebots.core.model.address import Address, Source
from lebots.core.model.change import Action, Change, Dependant
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.plan import Plan
from lebots.render.annotations import github
from tests.render import examples, hostile
from tests.render.examples import KINDS
from tests.render.hostile import law_of_plans

COMMAND = re.compile(
    r"::(notice|warning|error) "
    r"((?:file=[^:,]*,line=\d+,col=\d+,)?title=[^:,]*)::(.*)"
)


def finding(message: str, severity: Severity = Severity.ERROR, file: str = "a.yaml") -> Finding:
    return Finding("some-code", message, severity, Source(file, 3, 7))


@pytest.mark.parametrize(
    ("severity", "level"),
    [
        (Severity.ERROR, "error"),
        (Severity.REFUSAL, "error"),
        (Severity.WARNING, "warning"),
        (Severity.NOTE, "notice"),
    ],
)
def test_a_finding_stands_on_its_line(severity: Severity, level: str) -> None:
    shown = github.findings([finding("is wrong", severity)])
    assert shown == f"::{level} file=a.yaml,line=3,col=7,title=some-code::is wrong"


def test_a_finding_without_a_place_is_told_all_the_same() -> None:
    shown = github.findings([Finding("quota", "full", address=Address("Key", "faq"))])
    assert shown == "::error title=quota::Key/faq: full"


def test_heavy_findings_come_first() -> None:
    found = [finding("c", Severity.NOTE), finding("b", Severity.WARNING), finding("a")]
    assert [line[-1] for line in github.findings(found).splitlines()] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("100%", "100%25"),
        ("a\nb", r"a\nb"),
        ("a\r::error::b", r"a\r::error::b"),
        ("##[group]x", r"\u0023#[group]x"),
    ],
)
def test_text_ends_no_command(text: str, shown: str) -> None:
    assert github.findings([finding(text)]).endswith(f"::{shown}")


def test_a_file_name_brings_no_property() -> None:
    shown = github.findings([finding("x", file="a,line=9::b%.yaml")])
    assert "file=a%2Cline=9%3A%3Ab%25.yaml,line=3" in shown


def test_a_plan_marks_the_lines_of_its_changes() -> None:
    lines = github.plan(examples.EXAMPLE, KINDS).splitlines()
    assert lines[:2] == [
        "::warning file=manifests/bots.yaml,line=40,col=3,title=lebots%3A cannot be undone::"
        'bot "faq-legacy"; the login name stays taken',
        "::warning file=manifests/skills.yaml,line=12,col=3,title=one-bot-only::"
        'Skill/billing-refunds: skill "billing-refunds" has one bot; two keep it answered when '
        "one fails",
    ]
    assert (
        "::notice file=manifests/keys.yaml,line=11,col=3,title=lebots%3A new secret::"
        'key "ci-refunds"; to sink "ci-vault"; never printed; keys after apply: 4 of at most 100, '
        "now 3"
    ) in lines
    assert (
        "::notice file=manifests/skills.yaml,line=6,col=3,title=lebots%3A update::"
        'skill "billing"  maxWaitTime  120 -> 90'
    ) in lines
    assert "n4ry" not in github.plan(examples.CORNERS, KINDS)


def test_of_one_level_no_more_is_told_than_is_shown_and_the_most_harmful_first() -> None:
    changes = [
        examples.told(Change(Address("BotUser", f"b{n}"), Action.DISABLE)) for n in range(40)
    ]
    gone = examples.told(Change(Address("Skill", "gone"), Action.DELETE))
    lines = github.plan(Plan("1", (*changes, gone)), KINDS).splitlines()
    assert len(lines) == 10
    assert 'skill "gone"' in lines[0]
    assert lines[-1] == ("::warning title=lebots::and 32 more of this level: read the whole plan")


def test_what_goes_stands_where_its_user_is_declared() -> None:
    bot = Change(Address("BotUser", "a"), Action.UPDATE, source=Source("bots.yaml", 7, 3))
    gone = Change(
        Address("Skill", "old"), Action.DELETE, used_by=(Dependant(bot.address, declared=True),)
    )
    shown = github.plan(Plan("1", (bot, examples.told(gone))), KINDS)
    assert shown.startswith("::warning file=bots.yaml,line=7,")


def test_a_plan_without_changes_says_nothing() -> None:
    assert github.plan(Plan("1", ()), KINDS) == ""


@law_of_plans
@given(hostile.plans)
def test_whatever_a_plan_holds_every_line_is_one_command(plan: Plan) -> None:
    for line in re.split(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]", github.plan(plan, KINDS)):
        found = COMMAND.fullmatch(line)
        assert found or not line, line
        assert found is None or "##[" not in line


@law_of_plans
@given(st.lists(hostile.findings, max_size=4))
def test_every_finding_is_one_command(found: list[Finding]) -> None:
    shown = github.findings(found)
    assert len(shown.splitlines()) == len(found)
    assert all(COMMAND.fullmatch(line) for line in shown.splitlines())
