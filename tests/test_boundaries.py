"""The directions of imports, and what no module of lebots may do."""

import ast
import shutil
import subprocess
import sys
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

from lebots import __version__, credentials, kinds
from tests.night import by_day

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "lebots"
MODULES = sorted([*PACKAGE.rglob("*.py"), *(ROOT / "action").rglob("*.py")])
SANDBOX_MAY_IMPORT = {"lebots.sandbox", "werkzeug", "trustme"}
"""Of other people's work: HTTP itself, and certificates for serving HTTPS."""
NEVER = {"click", "pydantic", "pydantic_core"}
"""What libraries brought along: 50 to 100 ms for every command, and nothing of it is used."""
SLOW = {"deepdiff", "httpx", "jsonschema", "yaml"}
PURE = {
    *(
        "base64",
        "codecs",
        "collections",
        "contextlib",
        "dataclasses",
        "datetime",
        "decimal",
        "difflib",
        "enum",
    ),
    *("functools", "graphlib", "hashlib", "heapq", "hmac", "itertools", "json", "math", "re"),
    *("types",),
    *("shlex", "typing", "unicodedata", "urllib.parse"),
    *("html", "zlib"),
    *("deepdiff", "jsonschema", "referencing"),
}
"""All that deciding may import: no network, file, clock, chance, environment or log among it."""
IMPURE = {
    *("open", "print", "input", "breakpoint"),
    *("datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today"),
    *("datetime.date.today",),
}
FINDERS = {
    *("lebots.cli.lazy", "lebots.core.registry", "lebots.render.formats"),
    "lebots.sandbox.collections",
}
"""What walks a package or a table, and imports what it finds."""
IMPORTING = {"importlib", "pkgutil", "imp", "runpy", "zipimport"}
NO_IMPORTING = ("importlib.resources", "importlib.metadata")
RUNS_TEXT = {
    "yaml.load": "runs what a file says",
    "yaml.unsafe_load": "runs what a file says",
    "yaml.full_load": "builds what a file says",
    "eval": "runs text",
    "exec": "runs text",
    "compile": "runs text",
    "builtins": "has all of these",
    "__builtins__": "has all of these",
    "__import__": "imports by text",
    "__loader__": "imports by text",
    "sys.modules": "imports by text",
    "os.system": "a shell",
    "os.popen": "a shell",
    "subprocess.getoutput": "a shell",
    "subprocess.getstatusoutput": "a shell",
    "pickle": "runs what a file says",
    "marshal": "runs what a file says",
    "shelve": "runs what a file says",
    "telnetlib": "is not encrypted",
    "pty": "a shell",
}


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imported(module: ast.AST) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute"
            yield f"{node.module}"


def named_in(paths: Iterable[Path], names: Collection[str]) -> list[str]:
    """Where modules have one of the names as a text."""
    return [
        f"{name_of(path)}:{line}: {text}"
        for path in paths
        for line, text in words(tree(path))
        if text in names
    ]


def words(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Every string literal that is no docstring, with its line."""
    documentation = {
        id(node.value)
        for node in ast.walk(module)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(module):
        match node:
            case ast.Constant(value=str(text)) if id(node) not in documentation:
                yield node.lineno, text


def dotted(node: ast.AST) -> str:
    """``os.system`` as it is written; "" for what is no name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (owner := dotted(node.value)):
        return f"{owner}.{node.attr}"
    return ""


def used(module: ast.AST) -> Iterator[tuple[int, str]]:
    """Every name that is used or imported, in full, with its line: other names do not hide it."""
    called: dict[str, str] = {}
    for node in ast.walk(module):
        if isinstance(node, ast.Import | ast.ImportFrom):
            origin = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
            for alias in node.names:
                yield node.lineno, origin + alias.name
                if origin or alias.asname:
                    called[alias.asname or alias.name] = origin + alias.name
    for node in ast.walk(module):
        if isinstance(node, ast.Name | ast.Attribute) and (name := dotted(node)):
            first, dot, rest = name.partition(".")
            yield node.lineno, called.get(first, first) + dot + rest


def below(name: str, parents: Collection[str]) -> bool:
    """Whether a full name is one of these, or of their parts."""
    parts = name.split(".")
    return any(".".join(parts[:end]) in parents for end in range(1, len(parts) + 1))


def breaches(module: ast.AST, *, finder: bool = False) -> list[str]:
    """What runs text or imports by it."""
    found = [
        f"line {line}: {name}"
        for line, name in used(module)
        if below(name, RUNS_TEXT)
        or (below(name, IMPORTING) and not finder and not below(name, NO_IMPORTING))
    ]
    return found + [
        f"line {node.value.lineno}: shell"
        for node in ast.walk(module)
        if isinstance(node, ast.keyword)
        and node.arg == "shell"
        and ast.unparse(node.value) != "False"
    ]


def test_there_is_something_to_look_at() -> None:
    assert {"lebots.errors", "lebots.core.planner", "lebots.sandbox"} <= set(map(name_of, MODULES))


def lint_imports(folder: Path) -> str:
    """What ``lint-imports`` says of the modules of this folder, by the contracts of ours."""
    program = (
        "import sys; sys.path.insert(0, '.');"
        "from importlinter.cli import lint_imports_command; lint_imports_command()"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, "--no-cache", "--config", str(ROOT / "pyproject.toml")],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == ("0 broken" not in ran.stdout), ran.stdout + ran.stderr
    return ran.stdout


def test_import_directions() -> None:
    """The contracts of pyproject.toml, as ``make check`` holds them."""
    assert "0 broken" in lint_imports(ROOT)


def test_a_new_module_is_held_by_every_contract(tmp_path: Path) -> None:
    """No contract lists modules, so that none can be forgotten."""
    for part in ("action", "lebots"):
        left_out = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / part, tmp_path / part, ignore=left_out)
    for name, text in {
        "lebots/sandbox/new.py": "def new() -> None:\n    from lebots.errors import LebotsError\n",
        "lebots/render/new.py": "from lebots import kinds\n",
        "lebots/core/new.py": "def new() -> None:\n    import deepdiff.diff\n",
        "lebots/core/newer.py": "if False:\n    from deepdiff import DeepDiff\n",
        "lebots/core/newest.py": "import lebots.files.yaml.reader\n",
        "lebots/new.py": "",
        "action/new.py": "import deepdiff\n",
    }.items():
        (tmp_path / name).write_text(text)
    said = lint_imports(tmp_path)
    for wrong in (
        "lebots.sandbox.new -> lebots.errors",
        "lebots.render.new -> lebots.kinds",
        "lebots.core.new -> deepdiff",
        "lebots.core.newer -> deepdiff",
        "action.new -> deepdiff",
        "lebots.core.newest -> lebots.files.yaml.reader",
        "- lebots.new\n",
    ):
        assert wrong in said, said
    assert "0 kept" in said


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
    assert named_in(outside, names) == []


def test_no_module_outside_credentials_names_a_type_of_sink() -> None:
    """A new sink is one new file; ``command`` is a word of other things too."""
    names = set(credentials.load()) - {"command"}
    assert names >= {"aws", "dotenv", "vault"}
    outside = [path for path in MODULES if not path.is_relative_to(PACKAGE / "credentials")]
    assert named_in(outside, names) == []


def test_nothing_runs_text_or_imports_by_it() -> None:
    """So that what an import contract says of imports is all there is to say."""
    found = {
        name_of(path): wrong
        for path in MODULES
        if (wrong := breaches(tree(path), finder=name_of(path) in FINDERS))
    }
    assert found == {}


@pytest.mark.parametrize(
    "text",
    [
        'import importlib\nimportlib.import_module("deepdiff")',
        'import importlib as i\ni.import_module("deepdiff")',
        'from importlib import import_module as i\ni("deepdiff")',
        'from importlib.util import find_spec\nfind_spec("deepdiff")',
        'import sys\nsys.modules["deepdiff"]',
        'from sys import modules\nmodules["deepdiff"]',
        '__import__("deepdiff")',
        'one = __import__\none("deepdiff")',
        '__builtins__["__import__"]("deepdiff")',
        'import builtins\ngetattr(builtins, "__import__")("deepdiff")',
        '__loader__.load_module("deepdiff")',
        'import pkgutil\npkgutil.resolve_name("deepdiff")',
        'import runpy\nrunpy.run_module("deepdiff")',
        'exec("import deepdiff")',
        "def f():\n    from os import system as f\n    f(\"python -c 'import deepdiff'\")",
        'import subprocess\nsubprocess.run("python", shell=1)',
        "from yaml import load as safe_load",
    ],
)
def test_no_other_name_hides_it(text: str) -> None:
    assert breaches(ast.parse(text))


@pytest.mark.parametrize(
    "path",
    [path for path in MODULES if name_of(path).startswith(("lebots.core", "lebots.kinds"))],
    ids=name_of,
)
def test_deciding_is_pure(path: Path) -> None:
    """The core and the kinds see no network, files, clock, chance, environment or log."""
    ours = {"lebots", *PURE, *(IMPORTING if name_of(path) in FINDERS else ())}
    module = tree(path)
    assert [name for name in imported(module) if not below(name, ours)] == []
    assert [name for _, name in used(module) if name in IMPURE] == []


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


COMMANDS = [
    "plan manifests",
    "validate manifests",
    "fmt --check manifests",
    "explain Skill",
    "schema Skill",
    "doctor",
    "sandbox show",
    "import --out imported",
]


@pytest.mark.parametrize("command", by_day(COMMANDS, ["plan manifests", "doctor"]))
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
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("quote", "quote_plus"):
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
        if isinstance(node, ast.Attribute) and node.attr == "reveal"
    }
    assert "lebots.account.wire" in found
    # The runner has to be told what it must mask.
    found.remove("lebots.run.inputs.masking")
    assert {name.split(".")[1] for name in found} <= {"account", "credentials", "project"}


def test_one_module_alone_of_the_core_indexes_an_account() -> None:
    """Who refers to what, what is managed, what an id means: the inventory answers, once."""
    found = {
        name_of(path)
        for path in MODULES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and ast.unparse(node).endswith("account.objects")
    }
    assert {name for name in found if name.startswith("lebots.core")} == {
        "lebots.core.model.inventory"
    }


def test_no_text_decides_what_happens() -> None:
    """What a note says is for people: a cause is a type."""
    assert [
        f"{name_of(path)}:{node.lineno}"
        for path in MODULES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.NotEq | ast.In)
        if any(ast.unparse(part).endswith(".note") for part in (node.left, *node.comparators))
    ] == []


def _text_without_encoding(call: ast.Call) -> bool:
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    if name not in ("open", "fdopen", "read_text", "write_text", "TextIOWrapper"):
        return False
    if any(keyword.arg == "encoding" for keyword in call.keywords):
        return False
    texts = [one.value for one in call.args if isinstance(one, ast.Constant)]
    if name in ("open", "fdopen"):
        modes = [text for text in texts if isinstance(text, str) and set(text) <= set("rwaxbt+")]
        return any("b" not in mode for mode in modes) or (
            isinstance(call.func, ast.Name) and not modes
        )
    return not (name == "read_text" and texts)


def test_text_has_an_encoding_wherever_it_is_read_or_written() -> None:
    without = [
        f"{file.relative_to(ROOT)}:{call.lineno}"
        for top in ("lebots", "action")
        for file in sorted((ROOT / top).rglob("*.py"))
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and _text_without_encoding(call)
    ]
    assert without == []
