"""yaml-language-server, which VS Code and Neovim ask, with the schemas that lebots writes.

Each document stands in a project of ``lebots init``; the schemas propose the names of its account.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from lebots.files.layout import marked
from tests import not_run, npm
from tests.command import lebots

FOLDER = Path(__file__).parent / "yaml-language-server"
HEAD = "apiVersion: lebots/v1\nkind: {kind}\nmetadata:\n  name: faq-bot\nspec:\n"
BOT = HEAD.format(kind="BotUser")
SKILL = HEAD.format(kind="Skill")
KEY = HEAD.format(kind="Key")
PROJECT = "apiVersion: lebots/v1\nkind: Project\n"

GOOD = {
    "skill": ("manifest", SKILL + "  description: Questions\n  wrapUpTime: 0\n"),
    "key": ("manifest", KEY + "  type: oauth2\n  sink: runtime\n"),
    "bot": ("manifest", BOT + "  profiles: [Agent]\n  skills: []\n  maxAsyncChats: null\n"),
    "other names": ("manifest", BOT + "  skills: [not-there-yet]\n  key: not-there-yet\n"),
    "no spec": ("manifest", BOT.removesuffix("spec:\n")),
    "three": (
        "manifest",
        f"{SKILL}  description: a\n---\n{KEY}  type: oauth2\n---\n{BOT}  key: a\n",
    ),
    "overlay": ("overlay", BOT + "  maxAsyncChats: 3\n  email: {$patch: delete}\n"),
    "dropped": ("overlay", BOT.removesuffix("spec:\n") + "$patch: delete\n"),
    "new": ("overlay", SKILL + "  description: a\n$new: true\n"),
    "project": ("project", PROJECT + "accounts:\n  sandbox: {sandbox: .lebots/sandbox.db}\n"),
}
BAD = {
    "kind": ("manifest", BOT.replace("BotUser", "Bot"), 1, "Value is not accepted"),
    "version": ("manifest", BOT.replace("v1", "v2"), 0, 'Value must be "lebots/v1"'),
    "name": ("manifest", BOT.replace("faq-bot", "' a'"), 3, "without blanks around it"),
    "no name": ("manifest", BOT.replace("name:", "nam:"), 2, 'Missing property "name"'),
    "typo": ("manifest", BOT + "  skils: []\n", 5, "Property skils is not allowed"),
    "type": ("manifest", BOT + "  maxAsyncChats: ten\n", 5, "Expected one of integer, null"),
    "range": ("manifest", BOT + "  maxAsyncChats: 1000\n", 5, "maximum of 999"),
    "form": ("manifest", BOT + "  email: nobody\n", 5, "must be an e-mail address"),
    "second": ("manifest", f"{SKILL}  lobs: []\n---\n{BOT}  enabled: 1\n", 13, '"boolean"'),
    "patch": ("overlay", BOT.removesuffix("spec:\n") + "$patch: replace\n", 4, '"delete"'),
    "account": ("project", PROJECT + "accounts:\n  a b: {sandbox: x}\n", 3, "letters, digits"),
}
ASKED = {
    "fields": ("completion", BOT + "  m", (5, 3)),
    "agentGroup": ("completion", BOT + "  agentGroup: \n", (5, 14)),
    "skills": ("completion", BOT + "  skills:\n    - \n", (6, 6)),
    "profiles": ("completion", BOT + "  profiles:\n    - \n", (6, 6)),
    "key": ("completion", BOT + "  key: \n", (5, 7)),
    "sink": ("completion", KEY + "  sink: \n", (5, 8)),
    "kind": ("completion", "kind: \n", (0, 6)),
    "second": ("completion", f"{SKILL}  lobs: []\n---\n{BOT}  key: \n", (13, 7)),
    "field": ("hover", BOT + "  maxAsyncChats: 3\n", (5, 5)),
    "group": ("hover", BOT + "  agentGroup: Bots\n", (5, 5)),
}


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """What the server says of every document and to every question."""
    folder = tmp_path_factory.mktemp("editor")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for words in ("init", "apply --yes", "schema --account sandbox --write"):
            assert lebots(*words.split()).code == 0
    (folder / "manifests" / "routing-bot.yaml").unlink()
    documents, questions = {}, []
    for group, documents_of in (("good", GOOD), ("bad", BAD)):
        for name, (schema, text, *_) in documents_of.items():
            documents[_uri(folder, group, name)] = _marked(schema, text)
    for name, (method, text, (line, character)) in ASKED.items():
        uri = _uri(folder, "asked", name)
        documents[uri] = _marked("manifest", text)
        place = {"line": line + 1, "character": character}
        questions.append({"method": method, "uri": uri, "position": place})
    found = asked(folder, documents, questions)
    return {
        "findings": {Path(uri).stem: told for uri, told in found["findings"].items()},
        "answers": dict(zip(ASKED, found["answers"], strict=True)),
    }


def asked(folder: Path, documents: Any, questions: Any, **settings: Any) -> dict[str, Any]:
    """What the server says of the documents, which need not be saved, and of the questions."""
    server = {"validate": True, "completion": True, "hover": True, "schemaStore": {"enable": False}}
    given = {
        "root": folder.as_uri(),
        "settings": {"yaml": {**server, **settings}},
        "documents": documents,
        "questions": questions,
    }
    ran = subprocess.run(
        [npm.or_skip(FOLDER), "drive.js"],
        input=json.dumps(given),
        cwd=FOLDER,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def _uri(folder: Path, group: str, name: str) -> str:
    return (folder / "manifests" / f"{group}-{name.replace(' ', '-')}.yaml").as_uri()


def _marked(schema: str, text: str) -> str:
    return marked(text, f"../schemas/{schema}.schema.json")


@pytest.mark.parametrize("name", GOOD)
def test_nothing_is_wrong_with_a_good_document(said: Mapping[str, Any], name: str) -> None:
    assert said["findings"][f"good-{name.replace(' ', '-')}"] == []


@pytest.mark.parametrize("name", BAD)
def test_a_bad_document_is_told_in_words_at_its_place(said: Mapping[str, Any], name: str) -> None:
    _, _, line, words = BAD[name]
    found = said["findings"][f"bad-{name.replace(' ', '-')}"]
    told = [(one["range"]["start"]["line"] - 1, one["message"]) for one in found]
    assert any(at == line and words in text for at, text in told), told
    assert not any("pattern" in text for _, text in told)


def proposed(said: Mapping[str, Any], name: str) -> dict[str, str]:
    """By label: what is inserted."""
    items = said["answers"][name]["items"]
    return {one["label"]: one.get("insertText") or one["textEdit"]["newText"] for one in items}


def test_fields_complete_and_a_number_is_left_to_people(said: Mapping[str, Any]) -> None:
    found = proposed(said, "fields")
    assert {"maxAsyncChats", "maxChats", "managerOf", "mobileNumber"} <= set(found)
    assert not any("0" in text for label, text in found.items() if label.startswith("max")), found
    assert set(proposed(said, "kind")) == {
        *("AgentGroup", "AutomaticMessage", "BotUser", "Key", "Skill")
    }


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("agentGroup", {"Bots", "Main Group", "Sales", "Support"}),
        ("skills", {"Billing", "Customer care", "Sales", "Survey", "routing-bot"}),
        ("profiles", {"Administrator", "Agent", "Agent Manager", "Campaign Manager"}),
        ("key", {"routing-bot"}),
        ("sink", {"runtime"}),
        ("second", {"routing-bot"}),
    ],
)
def test_names_of_the_account_complete(said: Mapping[str, Any], name: str, names: set[str]) -> None:
    assert names <= set(proposed(said, name))


def test_hovering_explains_the_field_and_names_what_there_is(said: Mapping[str, Any]) -> None:
    field = said["answers"]["field"]["contents"]["value"]
    assert "Most messaging conversations at once, 0 to 999" in field
    group = said["answers"]["group"]["contents"]["value"]
    assert "Name of the agent group" in group
    assert "Main Group" in group


def test_the_lock_file_names_no_registry() -> None:
    lock = json.loads((FOLDER / "package-lock.json").read_text(encoding="utf-8"))
    packages = [package for name, package in lock["packages"].items() if name]
    assert packages
    assert [package for package in packages if "resolved" in package] == []


def test_node_is_found_or_the_test_says_that_it_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(pytest.skip.Exception, match=not_run.NODE):
        npm.or_skip(FOLDER)


def test_the_settings_of_the_page_are_read_for_every_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server is given what the page says for VS Code, and files without the line."""
    page = (Path(__file__).parents[2] / "docs" / "editors.md").read_text(encoding="utf-8")
    (settings,) = re.findall(r"^```json\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    monkeypatch.chdir(tmp_path)
    assert lebots("init").code == 0
    assert lebots("schema", "--account", "sandbox", "--write").code == 0
    documents = {
        (tmp_path / "manifests/a.yaml").as_uri(): f"{SKILL}  lobs: []\n---\n{BOT}  enabled: 1\n",
        (tmp_path / "overlays/b.yaml").as_uri(): BOT + "  email: {$patch: delete}\n",
        (tmp_path / "lebots.yaml").as_uri(): PROJECT + "accounts: 1\n",
    }
    schemas = json.loads(settings)["yaml.schemas"]
    found = asked(tmp_path, documents, [], schemas=schemas)["findings"]
    assert [len(one) for one in found.values()] == [1, 0, 1], found
