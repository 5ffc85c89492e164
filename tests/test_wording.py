"""Who words what: the core knows no command line, and names are quoted in one way."""

import ast
import re
import shlex
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, cast

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from lebots.cli import app
from lebots.core.model.address import Address
from lebots.core.model.finding import Facts, Finding, Severity
from lebots.core.model.plan import Plan
from lebots.next_steps import NEXT_STEPS, worded
from lebots.render.formats import OF_FINDINGS
from lebots.render.renderer import RenderSettings
from tests.render.drawn import DRAWN, VERSION

ROOT = Path(__file__).parents[1] / "lebots"
VENDOR_WORDS = re.compile(r"\b(keys?|bots?|applications?|installations?)\b", re.IGNORECASE)
COMMANDS = cast(TyperGroup, get_command(app)).commands
"""The real command line."""


def texts(*packages: str) -> Iterator[tuple[str, str]]:
    """Every string that is no docstring, with its module."""
    for package in packages:
        for path in sorted((ROOT / package).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            stated = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
            told = (node for node in ast.walk(tree) if id(node) not in stated)
            for node in told:
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield path.relative_to(ROOT).as_posix(), node.value


def holding(pattern: re.Pattern[str], *packages: str) -> Counter[str]:
    return Counter(module for module, text in texts(*packages) if pattern.search(text))


def command_line() -> re.Pattern[str]:
    """An option, or a command there is."""
    return re.compile(rf"(?<![\w-])--[a-z]|\blebots ({'|'.join(COMMANDS)})\b")


def test_the_core_and_the_kinds_name_no_option_and_no_command() -> None:
    assert not holding(command_line(), "core", "kinds")


def test_the_core_says_what_things_are_in_the_words_of_their_kinds() -> None:
    assert not holding(VENDOR_WORDS, "core")


# What to do next is worded in one place


STEPS = [
    pytest.param(code, fact, id=f"{code}-{fact}")
    for code, steps in NEXT_STEPS.items()
    for fact in steps
]
IMPORTS = {"unnamed-id"}
"""Codes that only an import gives; the next step of all others goes with a plan or an apply."""
ADDRESS = Address("Key", "it's a key")


def told(code: str, fact: str) -> str:
    """The next step of a finding with that fact."""
    facts: dict[str, Any] = {fact: 7}
    found = worded(Finding(code, "so it is", address=ADDRESS, facts=Facts(**facts)))
    assert worded(found) == found, "it is told once"
    return found.message.removeprefix("so it is; ")


@pytest.mark.parametrize(("code", "fact"), STEPS)
def test_a_next_step_is_one_that_works(code: str, fact: str) -> None:
    """What stands in backquotes is a whole command, any other option goes with the one just run."""
    step = told(code, fact)
    assert "{" not in step
    commands = [shlex.split(one)[1:] for one in re.findall("`(lebots [^`]*)`", step)]
    value = rf"7|{re.escape(shlex.quote(str(ADDRESS)))}"
    options = re.findall(rf"--[\w-]+(?: (?:{value}))?", re.sub("`[^`]*`", "", step))
    again = ["import"] if code in IMPORTS else ["plan", "apply"]
    commands += [[name, *shlex.split(one)] for one in options for name in again]
    assert commands
    for name, *arguments in commands:
        COMMANDS[name].make_context(name, arguments)


def test_the_codes_and_facts_with_a_next_step_are_those_the_program_gives() -> None:
    given = {text for _, text in texts("core", "files")}
    assert set(NEXT_STEPS) <= given
    facts = {
        keyword.arg
        for package in ("core", "files", "kinds")
        for path in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Facts"
        for keyword in node.keywords
    }
    stated = {fact for steps in NEXT_STEPS.values() for fact in steps}
    assert facts == stated == {each.name for each in fields(Facts)}


REFUSED = Finding("removal-share", "many", Severity.REFUSAL, facts=Facts(removals=7))
SETTING = RenderSettings(VERSION, str, "none")


@pytest.mark.parametrize("name", [name for name in DRAWN if name.endswith(".plan")])
def test_whoever_draws_a_plan_tells_what_to_do_about_its_findings(name: str) -> None:
    assert "--confirm-deletes" in DRAWN[name](Plan("1", (), (REFUSED,)), ())


@pytest.mark.parametrize("name", OF_FINDINGS)
def test_whoever_draws_findings_tells_what_to_do_about_them(name: str) -> None:
    assert "--confirm-deletes" in OF_FINDINGS[name]([REFUSED], SETTING)


def test_nothing_but_the_core_reads_a_message_without_its_next_step() -> None:
    bare = [
        f"{path.relative_to(ROOT)}: {ast.unparse(node)}"
        for package in ("cli", "documents", "render", "run")
        for path in sorted((ROOT / package).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "message"
        if not ast.unparse(node.value).startswith("worded(")
    ]
    assert bare == ["cli/commands/doctor.py: check.message"]


def test_a_name_in_a_sentence_is_quoted_by_one_function() -> None:
    """What is left writes values, not names."""
    found = {
        path.relative_to(ROOT).as_posix()
        for path in ROOT.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FormattedValue) and "json.dumps(" in ast.unparse(node.value)
    }
    values = {"core/manifest/schema_errors.py", "render/plain/explain.py"}
    assert {one for one in found if not one.startswith("sandbox/")} == values
