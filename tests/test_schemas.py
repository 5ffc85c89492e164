"""schemas/ is what the kinds say, and what the examples and the program's own output keep to.

Everything is checked with plain jsonschema, not with the checker of lebots: a second opinion.
"""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from lebots import kinds
from lebots.cli.schemas import all_schemas
from lebots.core.manifest.schema import API_VERSION, DIALECT
from lebots.documents.text import dumps
from tests.command import lebots

ROOT = Path(__file__).parents[1]
SCHEMAS = ROOT / "schemas"
STARTER = ROOT / "lebots" / "cli" / "starter"
PUBLISHED = all_schemas()
DECLARED = {name: kind for name, kind in kinds.load().items() if not kind.lookup_only}
MANIFESTS = [
    (file.name, document)
    for file in sorted((ROOT / "manifests").rglob("*.yaml"))
    for document in yaml.safe_load_all(file.read_text(encoding="utf-8"))
]


def problems(schema: str, value: Any) -> list[str]:
    """What a value has against the published schema of that name."""
    content = json.loads((SCHEMAS / f"{schema}.schema.json").read_text(encoding="utf-8"))
    return [
        f"{error.json_path}: {error.message}"
        for error in Draft202012Validator(content).iter_errors(value)
    ]


def test_every_schema_is_published_and_nothing_else() -> None:
    assert {path.name for path in SCHEMAS.iterdir()} == {f"{s}.schema.json" for s in PUBLISHED}
    assert set(PUBLISHED) == {
        *DECLARED,
        "manifest",
        "overlay",
        "project",
        "plan",
        "outcome",
        "receipt",
        "drift",
        "comparison",
        "doctor",
        "verify",
        "rotation",
        "findings",
        "accounts",
    }


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_schema_is_the_generated_one(name: str) -> None:
    published = (SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8")
    assert published == dumps(PUBLISHED[name]) + "\n", "run `make schemas`"


def test_write_gives_the_published_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert lebots("schema", "--write").code == 0
    for path in SCHEMAS.iterdir():
        assert (tmp_path / "schemas" / path.name).read_bytes() == path.read_bytes()


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_schema_is_valid(name: str) -> None:
    assert PUBLISHED[name]["$schema"] == DIALECT
    assert PUBLISHED[name]["$id"] == f"urn:lebots:schema:{name}"
    Draft202012Validator.check_schema(PUBLISHED[name])


@pytest.mark.parametrize("name", PUBLISHED)
def test_printing_gives_the_published_file(name: str) -> None:
    published = (SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8")
    assert lebots("schema", name).out == published


VALID = [(name, spec) for name, kind in DECLARED.items() for spec in kind.valid]
INVALID = [(name, spec) for name, kind in DECLARED.items() for spec, _ in kind.invalid]


def _document(kind: str, spec: Mapping[str, Any]) -> dict[str, Any]:
    belongs = DECLARED[kind].belongs if kind in DECLARED else None
    metadata = {belongs.word: "A", belongs.owner: "a"} if belongs else {"name": "a"}
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": metadata, "spec": spec}


@pytest.mark.parametrize(("kind", "spec"), VALID)
def test_a_valid_example_fits(kind: str, spec: Mapping[str, Any]) -> None:
    assert problems(kind, _document(kind, spec)) == []
    assert problems("manifest", _document(kind, spec)) == []


@pytest.mark.parametrize(("kind", "spec"), INVALID)
def test_an_invalid_example_does_not(kind: str, spec: Mapping[str, Any]) -> None:
    assert problems(kind, _document(kind, spec))
    assert problems("manifest", _document(kind, spec))


@pytest.mark.parametrize(("file", "document"), MANIFESTS)
def test_the_examples_of_manifests_fit(file: str, document: Mapping[str, Any]) -> None:
    assert problems("manifest", document) == []
    assert problems(document["kind"], document) == []


def test_a_manifest_of_no_kind_does_not_fit() -> None:
    assert problems("manifest", _document("Campaign", {}))


def test_the_project_fits() -> None:
    project = yaml.safe_load((ROOT / "lebots.yaml").read_text(encoding="utf-8"))
    assert problems("project", project) == []
    assert problems("project", {**project, "defaultAcount": "sandbox"})


def test_real_plans_and_outcomes_fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "manifests", tmp_path / "manifests")
    shutil.copy(ROOT / "lebots.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    before = lebots("plan", "--format", "json", "--out", "plan.json")
    applied = lebots("apply", "plan.json", "--format", "json")
    assert applied.code == 0
    assert problems("outcome", json.loads(applied.out)) == []
    after = lebots("plan", "--format", "json")
    full, empty = json.loads(before.out), json.loads(after.out)
    saved = json.loads(Path("plan.json").read_text(encoding="utf-8"))
    assert full["summary"]["create"] > 0
    assert empty["summary"]["create"] == 0
    for plan in (full, empty, saved):
        assert problems("plan", plan) == []
    assert problems("plan", {**full, "digest": "none"})


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ("comparison", "compare --from sandbox --to other"),
        ("doctor", "doctor --account sandbox"),
        ("verify", "verify --account sandbox --yes"),
        ("rotation", "rotate Key/routing-bot --account sandbox --plan"),
        ("rotation", "rotate Key/routing-bot --account sandbox --yes"),
        ("findings", "validate"),
        ("accounts", "plan --all-accounts"),
    ],
)
def test_what_other_commands_print_fits(
    schema: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert lebots("init").code == 0
    project = yaml.safe_load(Path("lebots.yaml").read_text(encoding="utf-8"))
    project["accounts"]["other"] = {"sandbox": ".lebots/other.db"}
    Path("lebots.yaml").write_text(yaml.safe_dump(project), encoding="utf-8")
    assert lebots("apply", "--account", "sandbox", "--yes").code == 0
    ran = lebots(*words.split(), "--format", "json")
    document = json.loads(ran.out)
    # Both accounts would deliver to one file, so one of them has no plan.
    assert ran.code == (5 if schema == "accounts" else 0)
    assert problems(schema, document) == []
    assert problems(schema, {**document, "more": 1})
    for name in document:
        assert problems(schema, {one: document[one] for one in document if one != name}), name


@pytest.mark.parametrize(
    ("example", "starter"),
    [("manifests/routing-bot.yaml", "routing-bot.yaml"), ("lebots.yaml", "lebots.yaml")],
)
def test_the_starter_is_the_example(example: str, starter: str) -> None:
    assert (STARTER / starter).read_bytes() == (ROOT / example).read_bytes()


def test_an_account_s_schemas_propose_its_names_and_take_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert lebots("init").code == 0
    content = json.loads(lebots("schema", "BotUser", "--account", "sandbox").out)
    Draft202012Validator.check_schema(content)
    spec = content["properties"]["spec"]["properties"]
    assert "routing-bot" in spec["skills"]["items"]["examples"]
    assert spec["key"]["examples"] == ["legacy-bots", "routing-bot"]
    assert "examples" not in spec["fullName"]
    another = _document("BotUser", {"skills": ["of next week"]})
    assert not list(Draft202012Validator(content).iter_errors(another))
    key = json.loads(lebots("schema", "Key", "--account", "sandbox").out)
    assert key["properties"]["spec"]["properties"]["sink"]["examples"] == ["runtime"]


def test_every_pattern_has_words_for_editors() -> None:
    def patterns(part: Any) -> list[Any]:
        if isinstance(part, list):
            return [found for one in part for found in patterns(one)]
        if not isinstance(part, dict):
            return []
        own = [part] if isinstance(part.get("pattern"), str) else []
        return own + [found for one in part.values() for found in patterns(one)]

    for name in ("manifest", "overlay", "project"):
        found = patterns(PUBLISHED[name])
        assert found
        assert [one for one in found if "patternErrorMessage" not in one] == []
