"""Who words what: the core knows no command line, and one word stands for one thing."""

import ast
import re
import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import fields
from functools import cache
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
            yield from ((path.relative_to(ROOT).as_posix(), text) for text in told_by(path))


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def told_by(path: Path) -> Sequence[str]:
    tree = parsed(path)
    stated = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    told = (node for node in ast.walk(tree) if id(node) not in stated)
    return [n.value for n in told if isinstance(n, ast.Constant) and isinstance(n.value, str)]


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
    value = rf"7|out-of-service=7|\.(?=\s|$)|{re.escape(shlex.quote(str(ADDRESS)))}"
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
    assert bare == [
        "cli/commands/doctor.py: check.message",
        "documents/reports/checks.py: one.message",
    ]


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


# One word for one thing, in what people read


NOT_USED = {
    # a key
    "key": r"\b(former|first|second|old|new) (application|installation)s?\b|\binstallations?\b",
    "the old key, the new key": r"\bthe (former|second) one\b",
    # the verbs of a plan
    "prune, disable, delete": r"\bretir(e|es|ed|ing)\b",
    "unmanaged": r"\bleft alone\b|\bdeclared by (no manifest|nobody)\b",
    "in sync": r"\bas the manifests say\b",
    "adopt": r"\b(is|are) taken over\b|\btaken over as it is\b|\btaken-over\b",
    "recreate": r"\breissue|\b(make|made|makes) (it |this key )?anew\b",
    "sink: null": r"\bcredentials: (null|runtime)\b",
    "sink": r"\bplaces? for (generated )?secrets?\b",
    "compare": r"\blebots diff\b",
    "get": r"\bexplain Kind/name\b",
    "read-only credential": r"\bcaller (that|who) may only\b|\bmay only read\b",
    "used by": r"\bhangs? on\b|\bblast radius\b",
    "drift, manual change": r"\bsomebody changed\b|\bchanged by somebody\b",
    "pending": r"\bwaits? (on the base|to be applied)\b|\bnobody applied\b",
    "no longer declared": r"\blets? go of\b",
    "finding, note": r"\bcomplain(t|s|ts)?\b|\bremarks?\b",
    "applied in part": r"\bhalf-?way\b",
    # ten sentences that were hard to understand
    "lebots does not rotate a key": r"\brotation is not begun\b|\bwhom none of the manifests\b",
    "after review, allow exactly N removals": r"\blooked at each\b|\blook at each\b",
    "lebots checks git history": r"\bhistory of the base is asked\b",
    "label each difference": r"\b(tell|tells|told) apart\b",
    "recreate this key": r"\balthough its secret was delivered\b",
    "check connection, permissions": r"\blook whether\b",
    "lebots will manage it": r"\bas it is, fields that\b",
    "cannot be sure of the whole list": r"\blist may lack\b",
    "lebots never creates the key": r"\bsuch a manifest never\b",
    "capacity": r"\broom for (a )?conversations?\b|\bwithout-room\b",
}
"""By the word that is used, those that are not."""
HONEST = {
    "lebots/kinds/key.py": "installations",  # the vendor's name of a collection, and its path
    "lebots/project/config.py": "retire",  # a field of lebots.yaml
    "lebots/project/schema.py": "retire",
    "lebots/project/terms.py": "retire",
    "schemas/project.schema.json": "retire",
    "docs/prune.md": "retire",
    "CHANGELOG.md": "retire",
}
"""Words that stand where they name something else, or a thing of the vendor."""
RENAMED = re.compile(
    r"^### Changed\n\n- Help, output.*?`formatVersion` 2\.$", re.DOTALL | re.MULTILINE
)
"""What the changelog says of the words themselves."""
PROJECT = ROOT.parent
PAGES = [
    *PROJECT.glob("*.md"),
    *PROJECT.glob("docs/*.md"),
    *(file for file in PROJECT.glob("docs/ci/**/*") if file.is_file()),
    *PROJECT.glob("docs/sinks/*.py"),
    *PROJECT.glob("manifests/*"),
    *PROJECT.glob("schemas/*"),
    *PROJECT.glob("lebots/cli/starter/*.yaml"),
    *PROJECT.glob("lebots/render/page/page.*"),
    *PROJECT.glob("tests/render/golden/*"),
    *PROJECT.glob("tests/scenarios/*/plan.txt"),
    *PROJECT.glob("tests/scenarios/*/apply.txt"),
    *PROJECT.glob("tests/scenarios/*/again.txt"),
    *(
        PROJECT / name
        for name in ("action.yml", "lebots.yaml", "Makefile", ".pre-commit-hooks.yaml")
    ),
]
VENDOR_PATH = re.compile(r"\S*app-install/installations\S*")
"""A path of the vendor's API, in what an account answered."""


def headlines() -> Iterator[tuple[str, str]]:
    """The docstring of every module: what a reader of the code sees first."""
    for path in sorted(ROOT.rglob("*.py")):
        tree = parsed(path)
        yield path.relative_to(PROJECT).as_posix(), ast.get_docstring(tree) or ""


def helps() -> Iterator[tuple[str, str]]:
    """The docstring of every function below ``cli/commands``: help for users."""
    for path in sorted((ROOT / "cli" / "commands").glob("*.py")):
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.FunctionDef):
                yield path.relative_to(PROJECT).as_posix(), ast.get_docstring(node) or ""


def read_by_people() -> Iterator[tuple[str, str]]:
    """Everything that users and newcomers read; the sandbox speaks as the vendor does."""
    for file in PAGES:
        if file.suffix != ".pyc":
            yield file.relative_to(PROJECT).as_posix(), file.read_text(encoding="utf-8")
    spoken = [(f"lebots/{module}", text) for module, text in texts("")]
    for place, text in (*spoken, *headlines(), *helps()):
        if not place.startswith("lebots/sandbox/"):
            yield place, text


def found_in(text: str) -> Iterator[tuple[str, str]]:
    """Each word that is not used, with the one that is."""
    line = " ".join(VENDOR_PATH.sub("", text).split())
    for word, instead_of in NOT_USED.items():
        for hit in re.finditer(instead_of, line, re.IGNORECASE):
            yield hit.group(), word


def test_one_word_for_one_thing() -> None:
    wrong = [
        f'{place}: "{word}"; say {instead}'
        for place, text in read_by_people()
        for word, instead in found_in(RENAMED.sub("", text))
        if HONEST.get(place) != word.lower()
    ]
    assert not wrong, "\n".join(wrong)


def test_an_application_is_named_where_the_vendor_means_one() -> None:
    """Its login, its rights, and the screen where people install it; else it is a key."""
    word = re.compile(r"\bapplications?\b(?!/)")
    assert holding(word, *(p.name for p in ROOT.iterdir() if p.name != "sandbox")).keys() == {
        "account/auth.py",
        "kinds/agent_group.py",
        "kinds/bot_user.py",
        "kinds/_application.py",
        "kinds/key.py",
    }


def test_every_exception_is_needed() -> None:
    met = {(place, word.lower()) for place, text in read_by_people() for word, _ in found_in(text)}
    assert set(HONEST.items()) <= met


def test_a_word_is_found_over_the_end_of_a_line() -> None:
    assert list(found_in("whose list may\n    lack some")) == [
        ("list may lack", "cannot be sure of the whole list")
    ]
