"""Whatever manifests and the account hold, a comment shows what lebots means and nothing else."""

import random
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cache

import pytest

from lebots.core.model.address import Address, Source
from lebots.core.model.change import Action, Change, Dependant, FieldChange, Outcome, Status
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.plan import Plan
from lebots.render.comment import markdown
from lebots.render.comment.budget import BUDGETS, Budget
from tests.night import at_night, by_day
from tests.render.comment import SHORTENED, dangers, new_command, old_command, outline, structure
from tests.render.corpus import CURATED, FEW, HTML, INVISIBLE, ISSUES, LINKS, MENTIONS, RUNNER
from tests.render.examples import KINDS

GENERATED = 100_000 if at_night() else 200
AT_ONCE = 25
WHOLE = BUDGETS["none"]
TIGHT = Budget("tight", 10_000)
Draw = Callable[[Sequence[str]], str]


def changes(text: str, number: int = 0) -> tuple[Change, ...]:
    """One object for each verb, with the text wherever a manifest or an account can put one."""
    source = Source(text, 1 + number, 3)
    fields = (
        FieldChange("description", text, f"{text}!", source),
        FieldChange("description", text, [text, 1], source, loss=text),
        FieldChange(text, {text: text}, {text: [text]}, source, loss=text),
        FieldChange("email", text, f"{text}!", source, personal=True),
    )
    born = tuple(replace(part, before=None) for part in fields)
    skill, key, bot = (Address(kind, f"{number} {text}") for kind in ("Skill", "Key", "BotUser"))
    users = (Dependant(bot, declared=False), Dependant(Address(text, text), True, text))
    return (
        Change(skill, Action.UPDATE, "skills", text, source, fields, note=text),
        Change(skill, Action.RENAME, "skills", text, source, was=text, used_by=users),
        Change(key, Action.CREATE, "keys", None, source, born, sink=text),
        Change(bot, Action.DISABLE, "users", text, depends_on=(skill, key)),
        Change(Address(text, text), Action.DELETE, "users", text, used_by=users),
        Change(skill, Action.UNMANAGED, id=text, note=text),
        Change(key, Action.UNCHANGED, id=text, note=f"{text}."),
    )


def findings(text: str, number: int = 0) -> tuple[Finding, ...]:
    source, address = Source(text, 1 + number, 3), Address("Skill", text)
    return (
        Finding("advice", text, Severity.WARNING, source, address),
        Finding("advice", f"word {text} word", Severity.NOTE, source, Address(text, text)),
        Finding("advice", text, Severity.NOTE),
    )


def planned(texts: Sequence[str]) -> Plan:
    return Plan(
        "10000001",
        tuple(c for number, text in enumerate(texts) for c in changes(text, number)),
        tuple(f for number, text in enumerate(texts) for f in findings(text, number)),
        live=99,
    )


def stopped(texts: Sequence[str]) -> Plan:
    plan = planned(texts)
    found = tuple(replace(f, severity=Severity.REFUSAL) for f in plan.findings[::2])
    return replace(plan, changes=(), findings=(*found, *plan.findings[1::2]))


def drawn(plan: Plan, budget: Budget = WHOLE) -> str:
    places = {change.address: change.address.name for change in plan.changes}
    return markdown.plan(plan, KINDS, markdown.Frame("0.4.0", budget=budget), places=places)


def receipt(texts: Sequence[str]) -> str:
    plan = planned(texts)
    statuses = list(Status)
    ended = [
        Outcome(change, statuses[position % len(statuses)], change.id, change.address.name)
        for position, change in enumerate(plan.writes)
    ]
    return markdown.outcomes(
        ended, plan, KINDS, markdown.Frame("0.4.0", budget=WHOLE), converged=False
    )


def whole(texts: Sequence[str]) -> str:
    return drawn(planned(texts))


def without_a_plan(texts: Sequence[str]) -> str:
    return drawn(stopped(texts))


def validated(texts: Sequence[str]) -> str:
    return markdown.findings(stopped(texts).findings, markdown.Frame("0.4.0", budget=WHOLE))


def harmless(text: str) -> str:
    """A text of the same shape: as long, with line breaks where this one has some."""
    lines = text.splitlines(keepends=True)
    return "".join(
        "x" * len(line) if len(line.splitlines()[0]) == len(line) else "x" * (len(line) - 1) + "\n"
        for line in lines
    )


def shortly(text: str) -> str:
    return ascii(text)[:50]


@cache
def expected(draw: Draw, harmless_texts: tuple[str, ...]) -> object:
    """How a drawing of harmless texts is built; many texts are of one shape."""
    return structure(draw(harmless_texts))


def assert_safe(draw: Draw, texts: Sequence[str], harmless_texts: Sequence[str]) -> None:
    shown = draw(texts)
    assert structure(shown) == expected(draw, tuple(harmless_texts))
    assert dangers(shown) == []


def test_the_corpus_is_large_enough() -> None:
    assert len(set(CURATED)) == len(CURATED) >= 300


@pytest.mark.parametrize("text", by_day(CURATED, CURATED[::4]), ids=shortly)
def test_a_chosen_text_breaks_no_comment(text: str) -> None:
    for draw in (whole, without_a_plan, receipt, validated):
        assert_safe(draw, [text], [harmless(text)])


@pytest.mark.parametrize("text", by_day(CURATED, FEW), ids=shortly)
def test_a_chosen_text_in_the_head_stays_there(text: str) -> None:
    def head(contents: Sequence[str]) -> str:
        (content,) = contents
        plan = Plan(content, planned(["x"]).changes)
        return markdown.plan(
            plan, KINDS, markdown.Frame(content, content), proposal=f"lebots apply {content}"
        )

    assert_safe(head, [text], [harmless(text)])


def test_chosen_texts_together_break_no_shortened_comment() -> None:
    for draw in (planned, stopped):
        shown = drawn(draw(CURATED), TIGHT)
        assert SHORTENED in shown
        assert len(shown.encode()) < TIGHT.bytes
        assert outline(shown) == outline(drawn(draw(list(map(harmless, CURATED))), TIGHT))
        assert dangers(shown) == []


# Generated texts: a grammar of what ends a fence, and of what could follow it

BREAKS = [*["\n"] * 9, "\n\n", "\r", "\r\n", "\v", "\f", "\x85", "\u2028", "\u2029", ""]
INDENTS = [*[""] * 6, " ", "  ", "   ", "    ", "\t", "> ", "- "]
TICKS = [1, 2, 3, 3, 3, 3, 4, 4, 5, 6, 8, 9, 10, 11, 30]
INFOS = [*[""] * 9, "diff", " ", "`", "\u200b"]
FOLLOWING = [*HTML, *MENTIONS, *ISSUES, *LINKS, *RUNNER, *INVISIBLE, "", "# free", "| a |"]


def generated(seed: int) -> str:
    """``text break fence break text``, once or several times over."""
    chance = random.Random(seed)
    texts = [chance.choice(["", "x", chance.choice(FOLLOWING)])]
    for _ in range(chance.choice([1, 1, 2])):
        fence = chance.choice("```~") * chance.choice(TICKS) + chance.choice(INFOS)
        texts += [chance.choice(BREAKS), chance.choice(INDENTS), fence, chance.choice(BREAKS)]
        texts.append(chance.choice(FOLLOWING))
    return "".join(texts)


@pytest.mark.parametrize("first", range(0, GENERATED, 500))
def test_generated_texts_break_no_comment(first: int) -> None:
    for start in range(first, first + 500, AT_ONCE):
        texts = [generated(seed) for seed in range(start, start + AT_ONCE)]
        for draw in (whole, receipt):
            assert_safe(draw, texts, ["x"] * AT_ONCE)


# The checks themselves, on comments that are known to be bad


def fixed_fence(texts: Iterable[str]) -> str:
    """How many tools draw: between fences of three backticks, whatever is in them."""
    body = "\n".join(texts)
    return f"### lebots plan: 1 to create\n\n```diff\n{body}\n```\n\n<details></details>\n"


def closes_a_fence_of_three(text: str) -> bool:
    """By CommonMark: a line of three or more backticks, indented by three blanks at most."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return any(re.fullmatch(" {0,3}`{3,}[ \t]*", line) for line in lines)


@pytest.mark.parametrize(
    "text", [text for text in CURATED if closes_a_fence_of_three(text)], ids=shortly
)
def test_a_fixed_fence_is_found_out(text: str) -> None:
    assert structure(fixed_fence([text])) != structure(fixed_fence([harmless(text)]))


def test_a_fixed_fence_is_found_out_by_most_generated_texts() -> None:
    aimed = [text for text in map(generated, range(500)) if closes_a_fence_of_three(text)]
    assert len(aimed) > 100
    for text in aimed:
        assert structure(fixed_fence([text])) != structure(fixed_fence(["x"]))


@pytest.mark.parametrize(
    "text",
    [
        *("@octocat", "&#64;octocat", "&amp;commat;x", "\uff20octocat", "#1", "GH-1", "gh-7"),
        *("https://x", "https&colon;//x", "www.x", "\x1b[31m", "\u202e", "\u200b", "\u2028", "\r"),
        *("\x85", "\u00a0", "\u3164", "\ufe0f", "\U000e0041", "\ue000", "\t"),
        *(
            "::error::x",
            "  ::set-output name=a::b",
            "\u2003::debug::x",
            "##[error]x",
            "a ##vso[b]c",
        ),
    ],
    ids=shortly,
)
def test_what_is_dangerous_is_found_out(text: str) -> None:
    assert dangers(fixed_fence([text]))


@pytest.mark.parametrize(
    ("line", "new", "old"),
    [
        ("::error::x", "error", None),
        ("  ::error file=a::x", "error", None),
        ("\u2003::x::", "x", None),
        ("a ::error::x", None, None),
        ("::error", None, None),
        ("##[error]x", None, "error"),
        ("a ##[set-env name=a]x", None, "set-env"),
        ("##vso[task.x a=b]c", None, "task.x"),
        ("##[error", None, None),
        ("# #[error]", None, None),
    ],
)
def test_the_rules_of_the_runner(line: str, new: str | None, old: str | None) -> None:
    assert new_command(line) == new
    assert old_command(line) == old
