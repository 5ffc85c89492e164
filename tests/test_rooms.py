"""The rooms of lebots stay small: what a folder, a module and a function may hold, counted."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LEBOTS = ROOT / "lebots"

FOUND_BY_WALKING = {"kinds", "credentials", "cli/commands", "render/formats", "sandbox/collections"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def _modules() -> dict[str, ast.Module]:
    return {
        path.relative_to(LEBOTS).as_posix(): ast.parse(path.read_bytes())
        for path in sorted(LEBOTS.rglob("*.py"))
    }


MODULES = _modules()
PACKAGES = sorted(
    {Path(path).parent.as_posix() for path in MODULES if path.endswith("__init__.py")}
)


def _functions() -> Iterator[tuple[str, Function]]:
    for path, module in MODULES.items():
        for node in ast.walk(module):
            if isinstance(node, Function):
                yield f"{path} {node.name}", node


def _parameters(function: Function) -> int:
    arguments = function.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return len([each for each in named if each.arg not in {"self", "cls"}])


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_says_what_it_holds(package: str) -> None:
    docstring = ast.get_docstring(MODULES[f"{package}/__init__.py".removeprefix("./")])
    assert docstring
    assert docstring.endswith(".")


@pytest.mark.parametrize("package", sorted(set(PACKAGES) - FOUND_BY_WALKING))
def test_a_room_has_at_most_twelve_modules(package: str) -> None:
    within = [Path(path) for path in MODULES]
    inside = [p.name for p in within if p.parent.as_posix() == package and p.stem != "__init__"]
    assert len(inside) <= 12, inside


def test_no_public_class_name_stands_twice() -> None:
    names = Counter(
        node.name
        for path, module in MODULES.items()
        if not path.startswith("sandbox/")
        for node in module.body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert [name for name, number in names.items() if number > 1] == []


def test_no_module_has_more_than_300_lines() -> None:
    long = {path for path in MODULES if (LEBOTS / path).read_bytes().count(b"\n") > 300}
    assert long == set()


def test_no_function_has_more_than_six_parameters() -> None:
    many = {
        name
        for name, function in _functions()
        if _parameters(function) > 6 and not name.startswith("cli/commands/")
    }
    assert many == set()


def _lines(function: Function) -> int:
    """How long a function is, its docstring aside."""
    whole = (function.end_lineno or 0) - function.lineno + 1
    text = function.body[0] if ast.get_docstring(function) else None
    return whole - ((text.end_lineno or 0) - text.lineno + 1 if text else 0)


def test_no_function_has_more_than_40_lines() -> None:
    long = {
        name
        for name, function in _functions()
        if _lines(function) > 40 and not name.startswith("cli/commands/")
    }
    # The ten steps of a plan are read in one place.
    assert long == {"core/planner.py plan"}
    assert all(_lines(function) < 56 for name, function in _functions() if name in long)
