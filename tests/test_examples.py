"""Every example keeps two laws: after an apply the plan is empty; a second apply writes nothing."""

import json
import random
import shutil
from pathlib import Path

import pytest

from lebots.run.inputs import embedded
from tests.command import lebots
from tests.scenarios import account

ROOT = Path(__file__).parents[1]
FILES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "manifests").rglob("*.yaml"))


@pytest.fixture
def requests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A project with the examples and a fresh embedded account, and the requests it is sent."""
    shutil.copytree(ROOT / "manifests", tmp_path / "manifests")
    shutil.copy(ROOT / "lebots.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    log: list[str] = []
    monkeypatch.setattr(embedded, "Sandbox", account.opener(random.Random(1), (), log))
    return log


@pytest.mark.parametrize("paths", [[], *([file] for file in FILES)], ids=lambda p: " ".join(p))
def test_an_example_converges(paths: list[str], requests: list[str]) -> None:
    first = lebots("apply", "--yes", "--format", "json", *paths)
    assert first.code == 0, first.err
    assert {outcome["status"] for outcome in json.loads(first.out)["outcomes"]} == {"done"}
    creates = [line for line in requests if not line.startswith("GET ")]
    assert len(creates) == len(json.loads(first.out)["outcomes"]), "one write for each object"

    plan = lebots("plan", "--check", "--format", "json", *paths)
    assert plan.code == 0, plan.out
    assert {change["action"] for change in json.loads(plan.out)["changes"]} <= {
        "unchanged",
        "unmanaged",
    }

    requests.clear()
    assert lebots("apply", "--yes", *paths).code == 0
    assert requests, "the account was read"
    assert all(line.startswith("GET ") for line in requests)


def test_the_starter_converges(
    requests: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lebots("init", "mine").code == 0
    monkeypatch.chdir(tmp_path / "mine")
    assert lebots("apply", "--yes").code == 0
    assert lebots("plan", "--check").code == 0
    requests.clear()
    assert lebots("apply", "--yes").code == 0
    assert all(line.startswith("GET ") for line in requests)
