"""No login name and no name of a person of the account stands in what lebots prints and writes."""

import pytest

from tests.cli.conftest import ROUTING_BOT, Project

SHARED = """\
---
apiVersion: lebots/v1
kind: Skill
metadata: {name: Sales}
spec: {canTransfer: false, fallbackSkill: Billing}
---
apiVersion: lebots/v1
kind: Skill
metadata: {name: Customer service, previously: [Customer care]}
"""
FORMATS = ("text", "json", "markdown", "html", "github")
COMMANDS = [
    *(("plan", "--format", one) for one in FORMATS),
    *(("plan", "--prune", "--confirm-deletes", "1", "--format", one) for one in FORMATS),
    ("plan", "--drift"),
    ("doctor",),
    ("doctor", "--format", "json"),
    ("import", "--out", "imported"),
    ("apply", "--yes", "--markdown-file", "done.md", "--receipt", "receipt.json"),
    ("rotate", "Key/routing-bot", "--plan"),
    ("verify", "--yes"),
]


@pytest.fixture
def shared(lebots: Project) -> Project:
    """People hold what the manifests change, rename and may prune."""
    text = ROUTING_BOT.replace("skills: [routing-bot]", "skills: [routing-bot, Sales]")
    lebots.write("manifests/routing-bot.yaml", text + SHARED)
    file = lebots.folder / "lebots.yaml"
    scope = '    retire: delete\n    scope: {BotUser: ["*"], Skill: ["*"], Key: ["*"]}\n'
    head, sinks, rest = file.read_text().partition("sinks:")
    file.write_text(head + scope + sinks + rest)
    return lebots


def test_whatever_is_printed_names_no_person(shared: Project) -> None:
    users = shared("sandbox", "show", "--format", "json").json["users"]
    people = [user for user in users if user["userType"] == "human"]
    names = {one[part] for one in people for part in ("loginName", "fullName") if one[part]}
    names -= {"lebots-admin", "lebots"}  # what the run itself logs in with
    assert len(names) > 20
    assert "people" in shared("plan").out
    for command in COMMANDS:
        ran = shared(*command)
        assert ran.code != 2, (command, ran.err)
        assert "Traceback" not in ran.all
        named = [name for name in names if name in ran.all]
        assert named == [], command
    written = [*shared.folder.glob("*.md"), *shared.folder.glob("imported/**/*.yaml")]
    written.append(shared.folder / "receipt.json")
    for file in written:
        text = file.read_text() if file.exists() else ""
        assert [name for name in names if name in text] == [], file
