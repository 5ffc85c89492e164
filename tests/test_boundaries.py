"""The directions of imports, and what no module of lebots may do."""

import ast
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lebots import __version__, kinds

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "lebots"
MODULES = sorted(PACKAGE.rglob("*.py"))
SANDBOX_MAY_IMPORT = {"lebots.sandbox", "werkzeug", "trustme"}
"""Of other people's work: HTTP itself, and certificates for serving HTTPS."""
NEVER = {"click", "pydantic", "pydantic_core"}
"""What libraries brought along: 50 to 100 ms for every command, and nothing of it is used."""
SLOW = {"deepdiff", "httpx", "jsonschema", "yaml"}


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imported(module: ast.AST) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute"
            yield f"{node.module}"


def words(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Every string literal that is no docstring, with its line."""
    documentation = {
        id(node.value)
        for node in ast.walk(module)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(module):
        text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if text and id(node) not in documentation:
            yield node.lineno, node.value


def called(node: ast.AST) -> str:
    """``os.system`` for a call of it, whatever its arguments."""
    return ast.unparse(node.func) if isinstance(node, ast.Call) else ""


def test_there_is_something_to_look_at() -> None:
    assert {"lebots.errors", "lebots.core.planner", "lebots.sandbox"} <= set(map(name_of, MODULES))


def test_import_directions() -> None:
    """The contracts of pyproject.toml, as ``lint-imports`` holds them."""
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    ran = subprocess.run(
        [sys.executable, "-c", program, "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "0 broken" in ran.stdout


@pytest.mark.parametrize("path", sorted((PACKAGE / "sandbox").rglob("*.py")), ids=name_of)
def test_the_sandbox_is_an_independent_witness(path: Path) -> None:
    """If it shared the mapping code, every mapping bug would cancel out."""
    for name in imported(tree(path)):
        top = name.partition(".")[0]
        ours = name if name == "lebots" else ".".join(name.split(".")[:2])
        assert top in sys.stdlib_module_names or {top, ours} & SANDBOX_MAY_IMPORT, name


def test_no_module_outside_kinds_names_a_kind() -> None:
    """A new kind is one new file: nothing else may have to know of it."""
    names = set(kinds.load())
    assert names >= {"Skill", "Key", "BotUser"}
    outside = [
        path
        for path in MODULES
        if not path.is_relative_to(PACKAGE / "kinds")
        and not path.is_relative_to(PACKAGE / "sandbox")
    ]
    found = [
        f"{name_of(path)}:{line}: {text}"
        for path in outside
        for line, text in words(tree(path))
        if text in names
    ]
    assert found == []


FORBIDDEN_CALLS = {
    "yaml.load": "runs what a file says",
    "yaml.unsafe_load": "runs what a file says",
    "yaml.full_load": "builds what a file says",
    "eval": "runs text",
    "exec": "runs text",
    "compile": "runs text",
    "__import__": "imports by text",
    "os.system": "a shell",
    "os.popen": "a shell",
    "subprocess.getoutput": "a shell",
}
FORBIDDEN_IMPORTS = {"pickle", "marshal", "shelve", "telnetlib", "pty"}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_nothing_that_runs_text(path: Path) -> None:
    module = tree(path)
    assert not {name.partition(".")[0] for name in imported(module)} & FORBIDDEN_IMPORTS
    for node in ast.walk(module):
        assert called(node) not in FORBIDDEN_CALLS, f"{called(node)}: line {node.lineno}"  # type: ignore[attr-defined]
        if isinstance(node, ast.keyword) and node.arg == "shell":
            assert ast.unparse(node.value) == "False", f"shell: line {node.value.lineno}"


@pytest.mark.parametrize(
    "program",
    [
        "import lebots.cli",
        "from lebots.cli import main; main(['--version'])",
        "from lebots.cli import main; main(['--help'])",
    ],
)
def test_a_start_is_fast(program: str) -> None:
    ran = subprocess.run(
        [
            sys.executable,
            "-c",
            "import atexit, sys; atexit.register(lambda: print('loaded', *sys.modules))\n"
            + program,
        ],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    told, _, loaded = ran.stdout.rpartition("loaded")
    assert "lebots.cli" in loaded.split()
    assert not (SLOW | NEVER) & set(loaded.split())
    if "--version" in program:
        assert told == f"lebots {__version__}\n"


@pytest.mark.parametrize(
    "command",
    [
        "plan manifests",
        "validate manifests",
        "fmt --check manifests",
        "explain Skill",
        "schema Skill",
        "doctor",
        "sandbox show",
        "import --out imported",
    ],
)
def test_no_command_loads_what_none_needs(command: str, changed: Path) -> None:
    program = (
        "import atexit, sys\n"
        "atexit.register(lambda: print('loaded', *sys.modules))\n"
        f"from lebots.cli import main; main({command.split()})"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=changed, check=True
    )
    loaded = set(ran.stdout.rpartition("loaded")[2].split())
    assert "lebots.cli" in loaded
    assert ("deepdiff" in loaded) is command.startswith("plan")
    assert not NEVER & loaded


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with an account, and a change of each object to be planned."""
    folder = tmp_path_factory.mktemp("changed")
    shutil.copytree(ROOT / "manifests", folder / "manifests")
    shutil.copy(ROOT / "lebots.yaml", folder)
    program = "from lebots.cli import main; main(['apply', '--yes'])"
    subprocess.run([sys.executable, "-c", program], cwd=folder, check=True, capture_output=True)
    for path in (folder / "manifests").glob("*.yaml"):
        path.write_text(path.read_text().replace("description: ", "description: New "))
    return folder


def test_half_a_character_stops_no_quoting() -> None:
    """Names on disk, ids and secrets of the account may hold one, which has no UTF-8."""
    for path in MODULES:
        found = tree(path)
        if "sandbox" in path.parts or "urllib.parse" not in set(imported(found)):
            continue
        for node in ast.walk(found):
            if called(node) in ("quote", "quote_plus"):
                assert "errors='surrogatepass'" in ast.unparse(node), path


def test_what_is_left_out_is_there_to_be_left_out() -> None:
    """Both libraries are asked for their part of the bargain: they load it, and go on without."""
    for program, module in (("httpx", "httpx._main"), ("deepdiff", "pydantic")):
        for before, there in (("pass", True), ("lebots.cli.unused.leave_out()", False)):
            ask = f"import sys, lebots.cli.unused; {before}; import {program}"
            ask += f"; print({module!r} in sys.modules)"
            ran = subprocess.run([sys.executable, "-c", ask], capture_output=True, cwd=ROOT)
            assert ran.stdout.decode().strip() == str(there)


def test_one_module_alone_opens_secrets_to_send_them() -> None:
    """``reveal`` is called where a secret is sent or delivered, and nowhere else."""
    found = {
        name_of(path)
        for path in MODULES
        for node in ast.walk(tree(path))
        if called(node).endswith(".reveal")
    }
    assert "lebots.account.wire" in found
    # The runner has to be told what it must mask.
    found.remove("lebots.cli.masking")
    assert {name.split(".")[1] for name in found} <= {"account", "credentials", "project"}
