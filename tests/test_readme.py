"""The README shows what is: its output, manifest and tables are compared with the program.

In output, a line ``...`` stands for any lines, and what differs from run to run counts as equal:
ids, digests and versions, each only with its own form.
"""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import typer

from lebots.cli import app
from lebots.cli.terminal.options import CHANGES_PENDING
from lebots.errors import InvalidInput, LebotsError
from tests.command import lebots

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = (ROOT / "docs/commands.md").read_text(encoding="utf-8")
LEFT_OUT = "..."
_OF_MAKE = {"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES"}

VARIES = (
    (r"\b[0-9a-f]{64}\b", "DIGEST"),
    (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "UUID"),
    (r"\b4100\d{6}\b", "ID"),
    (r"\blebots \d+\.\d+\.\d+\b", "lebots VERSION"),
)


def same_but_for_ids(text: str) -> list[str]:
    """The lines of an output without what differs from run to run."""
    for pattern, word in VARIES:
        text = re.sub(pattern, word, text)
    return [line.rstrip() for line in text.splitlines()]


def shows(shown: Sequence[str], actual: Sequence[str]) -> bool:
    """Whether the shown lines are the actual ones, with some left out where it says so."""
    lines = (r"(?:.*\n)*" if line == LEFT_OUT else re.escape(line) + r"\n" for line in shown)
    return re.fullmatch("".join(lines), "".join(f"{line}\n" for line in actual)) is not None


@pytest.mark.parametrize(
    ("shown", "actual", "expected"),
    [
        (["a", "b"], ["a", "b"], True),
        (["a"], ["a", "b"], False),
        (["a", "b"], ["a"], False),
        (["a", "..."], ["a", "b", "c"], True),
        (["...", "c"], ["a", "b", "c"], True),
        (["a", "...", "b"], ["a", "b"], True),
        (["a", "...", "d"], ["a", "b", "c"], False),
        (["a."], ["ab"], False),
    ],
)
def test_left_out_lines_are_any_lines(
    shown: list[str], actual: list[str], *, expected: bool
) -> None:
    assert shows(shown, actual) is expected


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("id 4100201001", "id 4100201002", True),
        ("digest " + "a" * 64, "digest " + "0" * 64, True),
        ("id 4100201001", "id 10", False),
        ("lebots 0.1.0", "lebots 0.2.0", True),
        ("3 to create", "4 to create", False),
    ],
)
def test_only_ids_digests_and_versions_may_differ(left: str, right: str, *, expected: bool) -> None:
    assert (same_but_for_ids(left) == same_but_for_ids(right)) is expected


def fences(language: str) -> list[str]:
    """The fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def shown_by(command: str) -> list[str]:
    """The lines the README shows below ``$ make ...``."""
    blocks = "".join(fences("console")).split("$ make ")
    found = [block.splitlines()[1:] for block in blocks if block.splitlines()[:1] == [command]]
    assert len(found) == 1, f"the README shows `make {command}` once"
    return found[0]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with what `make` works on, and this program in its .venv."""
    for name in ("Makefile", "lebots.yaml", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "manifests", tmp_path / "manifests")
    (tmp_path / "lebots").symlink_to(ROOT / "lebots")
    program = tmp_path / ".venv" / "bin" / "lebots"
    program.parent.mkdir(parents=True)
    run = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from lebots.cli import main; main()"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{run}" "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    return tmp_path


def make(folder: Path, *arguments: str) -> list[str]:
    """Everything `make` prints; the .venv is taken as it is."""
    command = ["make", "--no-print-directory", "--old-file=.venv/.ready", *arguments]
    # The tests may themselves run below a make, whose options are not meant for this one.
    environment = {name: value for name, value in os.environ.items() if name not in _OF_MAKE}
    ended = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    output = ended.stdout.decode()
    assert ended.returncode == 0, output
    return same_but_for_ids(output)


def test_the_demo_prints_what_the_readme_shows_and_can_be_run_twice(clone: Path) -> None:
    shown = same_but_for_ids("\n".join(shown_by("demo")))
    for _ in range(2):
        actual = make(clone, "demo")
        assert shows(shown, actual), "\n".join(actual)
        assert _commands(shown) == _commands(actual)


def _commands(lines: Sequence[str]) -> list[str]:
    return [line for line in lines if line.startswith("$ ")]


def test_the_test_command_runs_what_the_readme_shows(clone: Path) -> None:
    shown = shown_by("test")
    recipe = iter(make(clone, "--dry-run", "test"))
    commands = [line for line in shown if line.startswith(".venv/bin/")]
    assert commands
    for command in commands:
        assert command in recipe, f"`make test` does not run {command}, or not in this order"
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    assert f"Contracts: {len(contracts['contracts'])} kept, 0 broken." in shown
    assert re.fullmatch(r"\d+ passed(, \d+ skipped)? in [\d.]+s( \([\d:]+\))?", shown[-1])


def test_the_manifest_is_the_example() -> None:
    assert fences("yaml") == [(ROOT / "manifests/routing-bot.yaml").read_text(encoding="utf-8")]


def test_the_account_can_be_added_to_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = (ROOT / "lebots.yaml").read_text(encoding="utf-8")
    (entry,) = re.findall(r"`(production: \{.*\})`", README)
    added = project.replace("accounts:\n", f"accounts:\n  {entry}\n")
    (tmp_path / "lebots.yaml").write_text(added, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    ended = lebots("doctor", "--account", "production")
    assert ended.code == InvalidInput.exit_code
    assert "LP_ID" in ended.err
    assert "LP_SECRET" in ended.err


def rows(header: str) -> list[list[str]]:
    """The cells of the table with this header, without code marks."""
    table = COMMANDS.split(f"{header}\n", 1)[1].partition("\n\n")[0].strip().splitlines()[1:]
    return [[cell.strip().replace("`", "") for cell in row.split("|")[1:-1]] for row in table]


def commands(command: Any, words: str = "lebots") -> Iterator[list[str]]:
    """What `--help` says of every command: usage, summary, options."""
    if hasattr(command, "commands"):
        for name, part in command.commands.items():
            yield from commands(part, f"{words} {name}")
        return
    command = command.loaded
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    shown = [p for p in command.params if not getattr(p, "hidden", False)]
    options = [p.opts[0] for p in shown if p.param_type_name == "option"]
    names = [p.metavar or p.name.upper() for p in arguments]
    usage = [words, *(name if name.startswith("[") else f"[{name}]" for name in names)]
    yield [" ".join(usage), command.get_short_help_str(limit=300), " ".join(options)]


def test_the_command_table_is_the_program() -> None:
    assert rows("| command | does | options |") == list(commands(typer.main.get_command(app)))


def error_codes(error: type[LebotsError]) -> Iterator[int]:
    """The exit codes of an error and of all its kin."""
    yield error.exit_code
    for kin in error.__subclasses__():
        yield from error_codes(kin)


def test_the_exit_code_table_is_the_program() -> None:
    codes = {0, CHANGES_PENDING, *error_codes(LebotsError)}
    assert [int(code) for code, _ in rows("| exit | means |")] == sorted(codes)


def test_the_readme_is_two_screens() -> None:
    assert len(README.splitlines()) <= 165
