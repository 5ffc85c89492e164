"""A persona in two languages over its whole life, and in an overlay of one account."""

from pathlib import Path

import pytest

from lebots.run.inputs.embedded import open_sandbox
from tests.cli.conftest import Project
from tests.repositories import Repo

DATABASE = Path(".lebots/sandbox.db")
COLLECTION = "unified-auto-messages"
EVENT = "YOU_ARE_CONNECTED_TO"
ADDRESS = f"AutomaticMessage/{EVENT}@routing-bot"
DATABASE_LINE = "    sandbox: .lebots/sandbox.db\n"
OVERLAYS = "    overlays: [overlays/sandbox]\n"
SCOPE = "    scope: {AutomaticMessage: ['*@routing-bot']}\n"
TEXT = """\
apiVersion: lebots/v1
kind: AutomaticMessage
metadata:
  event: YOU_ARE_CONNECTED_TO
  skill: routing-bot
spec:
  text:
    de-DE: %s
    en-US: %s
"""
FIRST = TEXT % ("Ava hilft Ihnen.", "Ava is here.")
SECOND = TEXT % ("Ava hilft Ihnen.", "Ava is here for you.")


@pytest.fixture
def told(lebots: Project, repo: Repo) -> Project:
    """The persona is on main and applied."""
    lebots.write("manifests/persona.yaml", FIRST)
    repo.commit()
    planned = lebots("plan", "--check")
    assert planned.code == 3
    assert 'text.en-US    "You are talking to {agentNickname}." -> "Ava is here."' in planned.out
    assert lebots("apply", "--yes", "--receipt", "receipt.json").code == 0
    assert lebots("plan", "--check").code == 0
    return lebots


def by_hand(**texts: str) -> None:
    """Somebody edits the text of the skill."""
    with open_sandbox(DATABASE, "sandbox") as sandbox:
        (own,) = [
            one for one in sandbox.dump()[COLLECTION] if one["id"].startswith(f"{EVENT}@41002010")
        ]
        data = [{"lang": lang.replace("_", "-"), "msg": msg} for lang, msg in texts.items()]
        sandbox.put(COLLECTION, {**own, "data": data})


def test_the_life_of_a_persona(told: Project, repo: Repo) -> None:
    by_hand(de_DE="Von Hand.", en_US="Ava is here.", fr_FR="Ava est là.")

    drifted = told("plan", "--drift", "--receipt", "receipt.json")
    assert drifted.code == 3
    assert '"Von Hand."' in drifted.out, drifted.out
    assert "fr-FR" not in drifted.out, "a language that nobody declares is nobody's business"

    repo.git("checkout", "--quiet", "-b", "mine")
    told.write("manifests/persona.yaml", SECOND)
    repo.commit()
    based = told("plan", "--base", "main")
    detail = based.out[based.out.index("THIS BRANCH") :]
    assert detail.index("THIS BRANCH") < detail.index("text.en-US") < detail.index("DRIFT")
    assert "text.de-DE" in detail[detail.index("DRIFT") :]

    assert told("apply", "--yes", "--receipt", "receipt.json").code == 0, "the drift is reverted"
    assert told("plan", "--check").code == 0
    with open_sandbox(DATABASE, "sandbox") as sandbox:
        own = [one for one in sandbox.dump()[COLLECTION] if one["messageEventId"] == EVENT][-1]
    assert {one["lang"]: one["msg"] for one in own["data"]} == {
        "de-DE": "Ava hilft Ihnen.",
        "en-US": "Ava is here for you.",
        "fr-FR": "Ava est là.",
    }

    (told.folder / "manifests/persona.yaml").unlink()
    project = (told.folder / "lebots.yaml").read_text()
    told.write("lebots.yaml", project.replace(DATABASE_LINE, DATABASE_LINE + SCOPE, 1))
    pruned = told("plan", "--prune", "--confirm-deletes", "1")
    assert pruned.code == 0, pruned.all
    assert 'delete  automatic message "YOU_ARE_CONNECTED_TO@routing-bot"' in pruned.out
    assert '"You are talking to {agentNickname}."' in pruned.out, "the text that comes back"
    assert told("apply", "--yes", "--prune", "--confirm-deletes", "1").code == 0
    assert told("plan", "--check", "--prune").code == 0


def test_a_persona_follows_its_renamed_skill(told: Project) -> None:
    file = told.folder / "manifests/routing-bot.yaml"
    text = file.read_text().replace("[routing-bot]", "[concierge]")
    renamed = text.replace(
        "name: routing-bot\n", "name: concierge\n  previously: [routing-bot]\n", 1
    )
    file.write_text(renamed)
    told.write("manifests/persona.yaml", FIRST.replace("skill: routing-bot", "skill: concierge"))
    planned = told("plan")
    assert "1 to rename" in planned.out
    assert "automatic message" not in planned.out.split("CHANGES")[1].split("DETAIL")[0]
    assert told("apply", "--yes").code == 0
    assert told("plan", "--check").code == 0


def test_an_overlay_gives_one_account_another_text(told: Project) -> None:
    overlay = "\n".join(TEXT.splitlines()[:8]) % "Nur hier." + "\n"
    told.write("overlays/sandbox/persona.yaml", overlay)
    project = (told.folder / "lebots.yaml").read_text()
    told.write("lebots.yaml", project.replace(DATABASE_LINE, DATABASE_LINE + OVERLAYS, 1))
    planned = told("plan")
    assert 'text.de-DE    "Ava hilft Ihnen." -> "Nur hier."' in planned.out, planned.all
    shown = told("get", ADDRESS)
    assert '"de-DE": "Nur hier."' in shown.out


def test_an_import_writes_the_texts_an_account_has(empty: Project) -> None:
    assert empty("import", "--kind", "AutomaticMessage").code == 0
    found = sorted(path.name for path in (empty.folder / "manifests").rglob("*.yaml"))
    assert found == [
        "consumer_non_responsive-billing.yaml",
        "consumer_open_new_conversation.yaml",
        "you_are_connected_to-customer-care.yaml",
    ]
    assert empty("plan", "--check").code == 0
    assert empty("fmt", "--check").code == 0
