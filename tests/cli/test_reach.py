"""Hostile trees: links, loops, pipes, devices, ten thousand files; nothing outside is touched."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from lebots.files import bounded
from tests.cli.conftest import LEBOTS_YAML, ROUTING_BOT, Project
from tests.night import by_day

HOSTILE: Mapping[str, Callable[[Path, Path], None]] = {
    "folder": lambda here, outside: here.symlink_to(outside),
    "etc": lambda here, outside: here.symlink_to("/etc"),
    "proc": lambda here, outside: here.symlink_to("/proc/self/environ"),
    "loop": lambda here, outside: here.symlink_to(here.name),
    "device": lambda here, outside: here.symlink_to("/dev/zero"),
    "fifo": lambda here, outside: os.mkfifo(here),
}


READING = ["validate", "fmt", "plan", "validate NAMED", "fmt NAMED"]


@pytest.mark.parametrize("put", HOSTILE)
@pytest.mark.parametrize("name", ["manifests", "manifests/a.yaml", "overlay", "lebots.yaml"])
@pytest.mark.parametrize("command", by_day(READING, ["plan", "fmt NAMED"]))
def test_nothing_outside_is_read_or_written(
    lebots: Project,
    tmp_path_factory: pytest.TempPathFactory,
    command: str,
    put: str,
    name: str,
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    canary = ROUTING_BOT.replace("Routing bot", "c4n4ry").replace("spec:", "spec:   ")
    (outside / "canary.yaml").write_text(canary)
    lebots.write(
        "lebots.yaml",
        LEBOTS_YAML.replace("sandbox.db\n", "sandbox.db\n    overlays: [overlay]\n", 1),
    )
    file = lebots.folder / name
    if file.is_dir():
        file.rename(lebots.folder / "moved")
    file.unlink(missing_ok=True)
    HOSTILE[put](file, outside)
    ran = lebots(*command.replace("NAMED", name).split())
    # What is wrong with the project otherwise is not for `fmt` to say.
    unsaid = command != "plan" and name == "lebots.yaml"
    assert ran.code in ((0, 2, 4) if unsaid else (2, 4)), ran.all
    assert "c4n4ry" not in ran.all
    assert "a bug in lebots" not in ran.all
    assert (outside / "canary.yaml").read_text() == canary
    assert os.listdir(outside) == ["canary.yaml"]


@pytest.mark.parametrize(
    ("link", "line"),
    [
        ("manifests", "import"),
        ("imported", "import --out imported/bots"),
        ("manifests", "init"),
        ("schemas", "schema --write"),
        ("out", "plan elsewhere --out out/plan.json"),
        ("out", "plan elsewhere --markdown-file out/plan.md"),
        ("out", "apply elsewhere --yes --receipt out/receipt.json"),
    ],
)
def test_no_link_takes_what_a_command_writes_out_of_the_project(
    lebots: Project, tmp_path_factory: pytest.TempPathFactory, link: str, line: str
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (lebots.folder / "manifests").rename(lebots.folder / "elsewhere")
    if line == "init":
        (lebots.folder / "lebots.yaml").unlink()
    (lebots.folder / link).symlink_to(outside)
    ran = lebots(*line.split())
    assert any(words in ran.all for words in ("out of the project", "is no folder")), ran.all
    assert os.listdir(outside) == []


def test_reset_leaves_the_account_of_another_project(
    lebots: Project, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("other") / "sandbox.db"
    assert lebots("sandbox", "show").code == 0
    (lebots.folder / ".lebots/sandbox.db").rename(other)
    before = other.read_bytes()
    for text in (LEBOTS_YAML, LEBOTS_YAML.replace(".lebots/sandbox.db", str(other))):
        (lebots.folder / ".lebots/sandbox.db").unlink(missing_ok=True)
        (lebots.folder / ".lebots/sandbox.db").symlink_to(other)
        lebots.write("lebots.yaml", text)
        assert lebots("sandbox", "reset").code == 4
        assert other.read_bytes() == before


def test_a_file_is_read_once_however_many_accounts_get_it(
    lebots: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Path] = []
    of = bounded.read

    def noted(path: Path, most: int) -> bytes:
        read.append(path)
        return of(path, most)

    monkeypatch.setattr("lebots.files.bounded.read", noted)
    accounts = "".join(
        f"  a{n}: {{sandbox: .lebots/{n}.db, overlays: [over/{n}]}}\n" for n in range(20)
    )
    lebots.write("lebots.yaml", f"apiVersion: lebots/v1\nkind: Project\naccounts:\n{accounts}")
    for number in range(20):
        lebots.write(f"over/{number}/x.yaml", ROUTING_BOT.split("---")[0])
    assert lebots("validate").code in (0, 4)
    assert len(read) == len(set(read))


def test_ten_thousand_files_are_told_at_once(lebots: Project) -> None:
    folder = lebots.folder / "manifests"
    for number in range(10_000):
        (folder / f"{number}.yaml").touch()
    for command in ("validate", "fmt"):
        ran = lebots(command)
        assert ran.code == 4
        assert "more than 4096 files" in ran.all


def test_a_sink_outside_is_told_in_the_plan(
    lebots: Project, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    lebots.write("lebots.yaml", LEBOTS_YAML.replace(".secrets/", f"{outside}/"))
    ran = lebots("plan")
    assert ran.code == 0, ran.all
    assert "(outside the project)" in " ".join(ran.out.split())
