"""Every option and argument that names something answers a slip with what was meant.

What names something is found in the command line itself, so that a new option has a row here.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.cli.commands import RUNS, commands
from tests.cli.conftest import Project
from tests.night import by_day

SLIPS = {
    "ADDRESS": ("Key/routing-bt", "Key/routing-bot"),
    "EFFECT=N": ("out-of-servic=1", "out-of-service"),
    "NAME=N": ("survey-bt=3", "survey-bot"),
    "KIND": ("Skil", "Skill"),
    "WHAT": ("Skil", "Skill"),
    "PATTERN": ("Sale", "Sales"),
    "NAME=POSITION": ("foreign_account_statu=404", "foreign_account_status"),
}
"""By what an option takes: a slip, and what was meant."""
NAMES = {"schema": ("Skil", "Skill")}
ACCOUNT = ("stagin", "staging")
"""A name is an account's, but of some commands."""
FREE = {
    "PATHS",
    "DURATION",
    "FILE",
    "DIR",
    "FOLDER",
    "REF",
    "DIGEST",
    "N",
    "HOURS",
    "FAULT",
    "NAME=N",
    "REMOTE",
    None,
}
"""What can be anything, or is no name."""


def slips() -> Iterator[Any]:
    for name, command in commands():
        for one in command.params:
            takes, option = one.metavar, one.opts[-1] if one.opts[-1].startswith("-") else ""
            if takes and takes.startswith("<"):
                meant = takes.strip("<>").split("|")[0]
                slip = f"{meant[:-1]}_"
            elif takes in FREE:
                continue
            else:
                names = {} if option == "--account" else NAMES
                slip, meant = names.get(name, ACCOUNT) if takes == "NAME" else SLIPS[takes]
            yield pytest.param(name, option, slip, meant, id=f"{name} {option or takes}")


@pytest.mark.parametrize(
    ("name", "option", "slip", "meant"), by_day(list(slips()), list(slips())[::3])
)
def test_a_slip_is_answered_with_what_was_meant(
    lebots: Project, name: str, option: str, slip: str, meant: str
) -> None:
    given = (*RUNS[name], option, slip) if option else (slip, *RUNS[name][1:])
    if name == "import" and not option:
        given = ("--drift", slip)
    ran = lebots(*name.split(), *given)
    assert (ran.code, ran.out) == (2, "")
    assert f'did you mean "{meant}"?' in ran.err
    assert lebots.writes == []


def test_no_option_has_choices_of_another_making() -> None:
    others = [
        f"{name} {one.name}"
        for name, command in commands()
        for one in command.params
        if hasattr(one.type, "choices")
    ]
    assert others == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("plan --format xx", "write one of github, html, json, markdown, text"),
        ("plan --format JSON", 'did you mean "json"?'),
        ("plan --format \x1b[2J", r'there is no "\u001b[2J"'),
        (
            "plan --recreate Skill/routing-bot",
            "has no secret of its own; Key/NAME can",
        ),
        (
            "plan --recreate Key/routing-bot --target Skill/routing-bot",
            "Key/routing-bot is left out of the plan, so it cannot be recreated; plan it too",
        ),
        ("plan --confirm grants", "write grants=N, N for the number of objects"),
        ("plan --confirm grants=x", "write grants=N, N for the number of objects"),
        ("plan --confirm grants=1 --confirm grants=2", "grants is agreed to with two numbers"),
        ("rotate Kye/routing-bot", 'did you mean "Key/routing-bot"?'),
        ("import --name x-1 --name x-2", 'is named "x-1", "x-2"'),
        ("sandbox serve --rule foreign_account_status=40", 'did you mean "404"?'),
        ("sandbox serve --fault statu=503", "one of"),
    ],
)
def test_what_cannot_be_meant_is_told(lebots: Project, arguments: str, words: str) -> None:
    ran = lebots(*arguments.split(" "))
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err
    assert lebots.writes == []
