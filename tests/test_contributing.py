"""CONTRIBUTING.md is true: its guides, followed to the letter, add a kind and a sink."""

import importlib
import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from lebots import credentials, kinds
from lebots.account.client import Client
from lebots.account.gateway import Gateway
from lebots.core.manifest.schema import check, manifest_schema
from lebots.core.model.change import Action, Status
from lebots.core.model.desired import Desired
from lebots.core.model.inventory import Inventory
from lebots.core.model.kind import Kind
from lebots.core.model.live import Account
from lebots.core.model.plan import Plan
from lebots.core.planner import is_blocking, plan
from lebots.files import manifests
from lebots.run.executor import Executor
from lebots.sandbox import Sandbox, collections

ROOT = Path(__file__).parent.parent
GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^( *)```(?:python|yaml)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


def _files(thing: str) -> dict[str, str]:
    """The files of a guide by their path, which stands in the first line of each."""
    chapter = GUIDE.split(f"## How to add a {thing}\n")[1].split("\n## ")[0]
    found = {}
    for _, block in BLOCK.findall(chapter):
        text = textwrap.dedent(block)
        path, _, content = text.removeprefix("# ").partition("\n")
        found[path] = content
    return found


FILES = _files("kind")
SINK_FILES = _files("sink")


def module_from(path: Path, name: str, content: str) -> ModuleType:
    """Writes a module into a package and imports it."""
    (path / f"{name}.py").write_text(content, encoding="utf-8")
    return importlib.import_module(f"{path.name}.{name}")


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package with the kinds there are, to which the guide's one is added."""
    folder = tmp_path / "more_kinds"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    for path in (ROOT / "lebots" / "kinds").glob("[a-z]*.py"):
        (folder / path.name).write_text(f"from lebots.kinds.{path.stem} import KIND as KIND\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    for name in [name for name in sys.modules if name.partition(".")[0] == folder.name]:
        del sys.modules[name]


@pytest.fixture
def loaded(package: Path) -> Mapping[str, Kind]:
    module_from(package, "greeting", FILES["lebots/kinds/greeting.py"])
    return kinds.load(package.name)


class Project:
    """The guide's manifest and an account that knows greetings."""

    def __init__(self, folder: Path, sandbox: Sandbox, http: httpx.Client, known: Any) -> None:
        self.sandbox, self.kinds = sandbox, known
        self.gateway = Gateway(Client(sandbox.account, http, lambda _: "https://x.test"), known)
        self.file = folder / "greeting.yaml"
        self.file.write_text(FILES["manifests/greeting.yaml"], encoding="utf-8")

    def desired(self) -> list[Desired]:
        wanted, findings = manifests.load([self.file], self.kinds)
        assert not is_blocking(findings)
        return wanted

    def plan(self) -> tuple[Plan, Account]:
        before = self.gateway.read()
        found = plan(self.desired(), Inventory(before, self.kinds))
        assert [finding for finding in found.findings if finding.code != "unreadable"] == []
        return found, before

    def apply(self) -> None:
        found, before = self.plan()
        outcomes = Executor(self.gateway, {}, Inventory(before, self.kinds)).run(found)
        assert [outcome.error for outcome in outcomes if outcome.status is not Status.DONE] == []


@pytest.fixture
def project(
    loaded: Mapping[str, Kind], package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Project]:
    sandboxed = module_from(package, "_greetings", FILES["lebots/sandbox/collections/greetings.py"])
    monkeypatch.setitem(collections.COLLECTIONS, "greetings", sandboxed.COLLECTION)
    sandbox = Sandbox(":memory:", now=lambda: 1_790_000_000.0)
    with httpx.Client(transport=httpx.WSGITransport(app=sandbox.app), trust_env=False) as http:
        yield Project(tmp_path, sandbox, http, loaded)
    sandbox.close()


def test_the_guide_has_all_files() -> None:
    assert set(FILES) == {
        "lebots/kinds/greeting.py",
        "lebots/sandbox/collections/greetings.py",
        "manifests/greeting.yaml",
        "tests/scenarios/greeting/scenario.yaml",
    }


def test_the_kind_is_found_beside_the_others(loaded: Mapping[str, Kind]) -> None:
    assert set(loaded) - set(kinds.load()) == {"Greeting"}
    assert "Greeting" not in kinds.load()


def test_its_schema_follows_from_it(loaded: Mapping[str, Kind]) -> None:
    kind = loaded["Greeting"]
    Draft202012Validator.check_schema(manifest_schema(kind))
    document: dict[str, Any] = {
        "apiVersion": "lebots/v1",
        "kind": "Greeting",
        "metadata": {"name": "welcome"},
    }
    for spec in kind.valid:
        assert check(kind, {**document, "spec": spec}) == []
    for spec, place in kind.invalid:
        (found,) = check(kind, {**document, "spec": spec})
        assert ".".join(map(str, found.path)) == f"spec.{place}"


def test_it_is_planned_and_applied(project: Project) -> None:
    found, _ = project.plan()
    assert [f"{each.action} {each.address}" for each in found.writes] == [
        "create Skill/reception",
        "create Greeting/welcome",
    ]
    project.apply()
    skill = project.sandbox.find("skills", "reception")
    greeting = project.sandbox.find("greetings", "welcome")
    assert (greeting["text"], greeting["skillIds"]) == ("How can we help?", [skill["id"]])
    assert project.plan()[0].writes == (), "a plan after an apply is empty"


def test_a_change_of_one_field_keeps_the_others(project: Project) -> None:
    project.apply()
    greeting = project.sandbox.find("greetings", "welcome")
    project.sandbox.put("greetings", {**greeting, "text": "Yes?", "unknown": {"kept": 1.0}})
    (change,) = project.plan()[0].writes
    assert change.action is Action.UPDATE
    assert [(part.path, part.before, part.after) for part in change.fields] == [
        ("text", "Yes?", "How can we help?")
    ]
    project.apply()
    assert project.sandbox.find("greetings", "welcome") == {**greeting, "unknown": {"kept": 1.0}}


def test_a_reference_to_nothing_is_told_with_its_place(project: Project) -> None:
    text = project.file.read_text(encoding="utf-8").replace("[reception]", "[receptoin]")
    project.file.write_text(text, encoding="utf-8")
    (finding,) = plan(project.desired(), Inventory(project.gateway.read(), project.kinds)).findings
    assert finding.source is not None
    line = text.splitlines()[finding.source.line - 1]
    assert line[finding.source.column - 1 :].startswith("receptoin")
    assert 'did you mean "reception"?' in finding.message


class Copy:
    """lebots with the guide's sink, in a project of its own."""

    def __init__(self, folder: Path) -> None:
        left_out = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "lebots", folder / "tree" / "lebots", ignore=left_out)
        self.folder = folder / "project"
        shutil.copytree(ROOT / "manifests", self.folder / "manifests")
        for path, content in SINK_FILES.items():
            top = folder / "tree" if path.startswith("lebots/") else self.folder
            (top / path).write_text(content, encoding="utf-8")
        self._environment = {**os.environ, "PYTHONPATH": str(folder / "tree")}

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "lebots", *arguments],
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="module")
def with_shelf(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    return Copy(tmp_path_factory.mktemp("with-shelf"))


def test_a_sink_is_one_file() -> None:
    assert [path for path in SINK_FILES if path != "lebots.yaml"] == ["lebots/credentials/shelf.py"]


def test_the_schema_of_projects_follows_from_the_sink(with_shelf: Copy) -> None:
    schema = json.loads(with_shelf("schema", "project").stdout)
    Draft202012Validator.check_schema(schema)
    sinks = schema["properties"]["sinks"]["additionalProperties"]
    types = {*credentials.load(), "shelf"}
    assert set(sinks["properties"]["type"]["enum"]) == types
    valid = Draft202012Validator(sinks).is_valid
    assert valid({"type": "shelf", "file": "a"})
    assert not valid({"type": "shelf"})
    assert not valid({"type": "dotenv", "path": "{name}", "file": "a"})


def test_a_plan_delivers_to_the_sink(with_shelf: Copy) -> None:
    planned = with_shelf("plan")
    assert 'to sink "runtime", at "shelf shelf.json ' in planned.stdout, planned.stderr
    applied = with_shelf("apply", "--yes")
    assert applied.returncode == 0, applied.stderr
    file = with_shelf.folder / "shelf.json"
    kept = [content for _, content in json.loads(file.read_text()).values() if content]
    secrets = [content["LP_SECRET"] for content in kept if "LP_SECRET" in content]
    assert secrets
    assert not any(secret in applied.stdout + applied.stderr for secret in secrets)
    assert file.stat().st_mode & 0o077 == 0
    assert with_shelf("plan", "--check").returncode == 0


def test_commands_of_the_guide_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"(?m)(?:^|`)make ([a-z-]+)", GUIDE))
    assert named == {
        *("test", "coverage", "nightly", "schemas", "dist"),
        *("browser", "update", "test-newest", "test-oldest"),
    }
    assert {name for name in named if f"\n{name}:" in makefile} == named


def test_paths_of_the_guide_exist() -> None:
    """Every file, folder and link of the guide is there, the example's own files aside."""
    links = re.findall(r"\]\(([^)]+)\)", GUIDE)
    paths = re.findall(r"`((?:lebots|tests|docs)/[\w/.]*)`", GUIDE)
    assert links
    assert paths
    missing = [path for path in [*links, *paths] if not (ROOT / path).exists()]
    assert missing == []
