"""``guards.protect`` from the command line: every command that writes reads it the same way."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lebots.run.inputs.embedded import open_sandbox
from tests.cli.conftest import LEBOTS_YAML, ROUTING_BOT, Project
from tests.cli.test_prune import DATABASE, retired_by_hand
from tests.night import by_day
from tests.spellings import FORMS

SPELLED = {name: FORMS[name] for name in ("capitals", "full width", "zero width space after it")}


"""Those a project file may hold as they are."""


def guarded(project: Project, *protect: str, scope: str = "old-*") -> None:
    """The project file with these patterns protected, and bots, keys and skills in scope."""
    guards = json.dumps({"protect": protect})
    names = json.dumps(scope)
    lines = f"    scope: {{BotUser: [{names}], Key: [{names}], Skill: [{names}]}}\n"
    lines += f"    guards: {guards}\n"
    project.write("lebots.yaml", LEBOTS_YAML.replace("  staging:\n", f"{lines}  staging:\n"))


@pytest.fixture
def applied(lebots: Project) -> Project:
    """A bot that is made, whose manifest wants another nickname by now, and one in scope."""
    assert lebots("apply", "--yes").code == 0
    retired_by_hand("old-a")
    edited = ROUTING_BOT.replace("nickname: Ava", "nickname: Bea")
    lebots.write("manifests/routing-bot.yaml", edited)
    lebots.requests.clear()
    return lebots


COMMANDS: dict[str, tuple[str, ...]] = {
    "BotUser plan": ("plan",),
    "BotUser apply": ("apply", "--yes"),
    "BotUser rotate": ("rotate", "Key/routing-bot", "--yes", "--grace", "0"),
    "Key rotate --plan": ("rotate", "Key/routing-bot", "--plan"),
    "Key rotate": ("rotate", "Key/routing-bot", "--yes", "--grace", "0"),
}
"""By what is protected: each command that would change it."""


@pytest.mark.parametrize("form", by_day(list(SPELLED.values()), [*SPELLED.values()][:1]))
@pytest.mark.parametrize("named", COMMANDS)
def test_every_command_refuses_the_same_name(
    applied: Project, named: str, form: Callable[[str], str]
) -> None:
    kind = named.partition(" ")[0]
    guarded(applied, f"{kind}/{form('Routing-Bot')}")
    ran = applied(*COMMANDS[named])
    assert ran.code == 6
    assert "lebots.yaml protects " in ran.all
    assert applied.writes == []
    guarded(applied, f"{kind}/{form('Routing-Bo')}")
    assert applied(*COMMANDS[named]).code == 0, "and not another name"


@pytest.mark.parametrize("form", SPELLED.values(), ids=SPELLED)
def test_a_prune_keeps_it_whichever_side_is_spelled_otherwise(
    applied: Project, form: Callable[[str], str]
) -> None:
    retired_by_hand("old-vip\u200b")
    guarded(applied, *(f"{kind}/{form('old-vip')}" for kind in ("BotUser", "Key", "Skill")))
    planned = applied("plan", "--prune", "--confirm-deletes", "3")
    assert planned.code == 0, planned.err
    assert planned.out.count("lebots.yaml protects ") == 3
    assert applied("apply", "--prune", "--yes", "--confirm-deletes", "3").code == 0
    with open_sandbox(DATABASE, "sandbox") as sandbox:
        held = sandbox.dump()
    bots = {one["loginName"]: one["isEnabled"] for one in held["users"] if not one["deleted"]}
    assert (bots["old-a"], bots["old-vip\u200b"]) == (False, True)
    assert "old-vip\u200b" in {one["name"] for one in held["skills"] if not one["deleted"]}


@pytest.mark.parametrize(
    "arguments",
    [
        ("plan",),
        ("rotate", "Key/routing-bot", "--plan"),
        ("plan", "--prune"),
        ("import", "--name", "*" * 200 + "x", "--out", "elsewhere"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_no_pattern_makes_a_command_hang(applied: Project, arguments: tuple[str, ...]) -> None:
    stars = "*" * 200 + "x"
    guarded(applied, f"Key/{stars}", f"*/{'*a' * 100}", scope=stars)
    started = time.process_time()
    applied(*arguments)
    assert time.process_time() - started < 5


def test_what_is_imported_is_chosen_the_same_way(applied: Project) -> None:
    ran = applied("import", "--name", "ROUTING-*", "--out", "elsewhere")
    assert ran.code == 0
    assert "name: routing-bot" in "".join(f.read_text() for f in Path("elsewhere").rglob("*.yaml"))
