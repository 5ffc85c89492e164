"""A command is imported when it is asked for; nearly all other imports stand at the tops."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from lebots.cli import app
from lebots.cli.lazy import LazyCommand
from lebots.cli.terminal import completion

ROOT = Path(__file__).parents[1]
LEBOTS = ROOT / "lebots"

EXTRA = "an extra, which need not be installed"
SINK = "a type of sink is found by walking, and only those that are used are loaded"
FORMAT = "a format is picked by name, and the others are not loaded"
TERMINAL = "only a terminal is drawn on in colours, with a bar"
WORDS = "half of all runs compare and check nothing with it, and it takes long to load"
WITHIN = {
    "account/auth.py": EXTRA,
    "cli/commands/plan.py": "these options make another command of it",
    "cli/hardened.py": "not every system has it",
    "cli/terminal/completion.py": "only a shell asks what completes",
    "cli/terminal/console.py": TERMINAL,
    "cli/terminal/screen.py": TERMINAL,
    "install.py": "nearly no run asks how lebots was installed",
    "core/compare/diff.py": WORDS,
    "core/manifest/schema_errors.py": WORDS,
    "credentials/aws.py": SINK,
    "credentials/command.py": SINK,
    "credentials/dotenv.py": SINK,
    "credentials/vault.py": SINK,
    "documents/receipt.py": WORDS,
    "documents/saved_plan.py": WORDS,
    "render/formats/github.py": FORMAT,
    "render/formats/html.py": FORMAT,
    "render/formats/json.py": FORMAT,
    "render/formats/markdown.py": FORMAT,
    "render/formats/sarif.py": FORMAT,
    "render/formats/text.py": FORMAT,
    "run/account_lock.py": "not every system has it",
    "run/inputs/clients.py": "an account of LivePerson needs no sandbox",
}
"""Modules that import within a function, and why; this list may only become shorter."""
FEW = 40

Function = ast.FunctionDef | ast.AsyncFunctionDef
TREES = {
    path.relative_to(LEBOTS).as_posix(): ast.parse(path.read_bytes())
    for path in sorted(LEBOTS.rglob("*.py"))
    if not path.is_relative_to(LEBOTS / "sandbox")
}
COMMANDS = sorted(path.stem for path in (LEBOTS / "cli" / "commands").glob("[a-z]*.py"))


def within(tree: ast.Module) -> set[ast.stmt]:
    """The imports that stand in a function, or anywhere else but at the top."""
    imports = ast.Import | ast.ImportFrom
    return {n for n in ast.walk(tree) if isinstance(n, imports) and n not in tree.body}


def test_imports_stand_at_the_top() -> None:
    found = {path: len(within(tree)) for path, tree in TREES.items() if within(tree)}
    assert set(found) == set(WITHIN), found
    assert sum(found.values()) < FEW, found


def quoted(annotation: ast.AST) -> Iterator[str]:
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        yield annotation.value
    if not isinstance(annotation, ast.Call) and "Literal" not in ast.unparse(annotation):
        for part in ast.iter_child_nodes(annotation):
            yield from quoted(part)


def test_types_are_quoted_only_above_the_class_they_name() -> None:
    for path, tree in TREES.items():
        own = {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
        for node in ast.walk(tree):
            types = [getattr(node, name, None) for name in ("annotation", "returns")]
            for text in (text for one in types if one for text in quoted(one)):
                assert set(text.removesuffix(" | None").split()) <= own, f"{path}: {text}"


def listed(group: Any, words: str = "") -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if isinstance(command, LazyCommand):
            yield f"{words}{name}", command
        else:
            yield from listed(command, f"{words}{name} ")


def run(arguments: str, **environment: str) -> tuple[str, set[str]]:
    """What a process prints, and the modules of commands that it loads."""
    program = (
        "import atexit, sys\n"
        "atexit.register(lambda: print('loaded', *sys.modules))\n"
        "from lebots.cli import main; main()"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, *arguments.split()],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    told, _, modules = ran.stdout.rpartition("loaded")
    prefix = "lebots.cli.commands."
    return told, {one.removeprefix(prefix) for one in modules.split() if one.startswith(prefix)}


LISTED = dict(listed(typer.main.get_command(app)))


@pytest.mark.parametrize("words", LISTED)
def test_a_list_says_what_the_command_says(words: str) -> None:
    command = LISTED[words]
    assert command.loaded.name == command.name
    assert command.get_short_help_str(300) == command.loaded.get_short_help_str(300)


@pytest.mark.parametrize(
    ("arguments", "loaded"),
    [
        ("--version", set()),
        ("--help", set()),
        ("sandbox --help", set()),
        ("nonsense", set()),
        ("fmt --help", {"fmt"}),
        ("plan --help", {"plan"}),
        ("schema Skill", {"schema"}),
        ("sandbox rules", {"sandbox_rules"}),
        ("sandbox serve --help", {"sandbox_serve"}),
    ],
)
def test_no_command_loads_another_one(arguments: str, loaded: set[str]) -> None:
    assert run(arguments)[1] == loaded


@pytest.mark.parametrize(
    ("typed", "word", "loaded", "offered"),
    [
        ("lebots ", 1, set(), {"plan", "import", "sandbox"}),
        ("lebots sandbox ", 2, set(), {"serve", "rules", "show"}),
        ("lebots apply --ex", 2, {"apply"}, {"--expect"}),
        ("lebots sandbox seed --", 3, {"sandbox"}, {"--users", "--skills"}),
        ("lebots plan --account ", 3, {"plan"}, {"sandbox"}),
        ("lebots compare --to s", 3, {"compare"}, {"sandbox"}),
        ("lebots get BotUser/", 2, {"get"}, {"BotUser/routing-bot"}),
        ("lebots rotate Key/r", 2, {"rotate"}, {"Key/routing-bot"}),
        ("lebots apply --target Skill/", 3, {"apply"}, {"Skill/routing-bot"}),
    ],
)
def test_a_shell_completes(typed: str, word: int, loaded: set[str], offered: set[str]) -> None:
    about = {"COMP_WORDS": typed, "COMP_CWORD": str(word)}
    told, found = run("", _LEBOTS_COMPLETE="complete_bash", **about)
    assert offered <= set(told.split())
    assert found == loaded


def test_every_module_of_commands_is_used_by_one_of_the_list() -> None:
    """``plan`` and ``import`` load those that are parts of them."""
    places = {command.loaded.callback.__module__.rpartition(".")[2] for command in LISTED.values()}
    assert set(COMMANDS) - places == {"plan_all", "plan_drift", "import_drift"}


def test_where_the_project_is_wrong_nothing_completes_and_nothing_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lebots.yaml").write_text("accounts: [", encoding="utf-8")
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests" / "a.yaml").write_text("kind: [", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert list(completion.accounts("")) == list(completion.declared("")) == []
