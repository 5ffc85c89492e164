"""What a run left out is the last thing it says; CI accepts only what its machine cannot run."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests import not_run

ROOT = Path(__file__).parents[1]
TESTS = """
import pytest
from tests import not_run

@pytest.mark.skipif(True, reason=not_run.NO_ROOT)
def test_as_somebody_else():
    pass

@pytest.mark.parametrize("number", range(3))
def test_page(number):
    if {browser}:
        pytest.skip(not_run.BROWSER)

def test_that_passes():
    pass
"""


def run(folder: Path, browser: bool, *options: str) -> "subprocess.CompletedProcess[str]":
    (folder / "test_it.py").write_text(TESTS.format(browser=not browser))
    (folder / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.not_run", *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def test_a_run_ends_on_what_it_left_out_and_fails_where_it_could_do_more(tmp_path: Path) -> None:
    ran = run(tmp_path, False, "--complete", "-m", "not nightly", "-n", "1")
    *_, title, browser, root, long, words, last = ran.stdout.splitlines()
    assert ran.returncode == 1
    assert title.strip("= ") == "not run"
    assert browser == "    3  needs a browser: make browser"
    assert root == "    1  needs a user that is not root: run the tests as one"
    assert long == " long  needs minutes: make nightly"
    assert words == "--complete: 3 skipped that could be run"
    assert last.startswith("1 passed, 4 skipped in ")


def test_what_the_machine_cannot_run_fails_nothing(tmp_path: Path) -> None:
    ran = run(tmp_path, True, "--complete")
    *_, title, root, last = ran.stdout.splitlines()
    assert (ran.returncode, title.strip("= ")) == (0, "not run")
    assert root == "    1  needs a user that is not root: run the tests as one"
    assert last.startswith("4 passed, 1 skipped in ")


def reasons(path: Path) -> Iterator[str]:
    """The source of the reason of every skip in a file of tests."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        if called == "pytest.skip":
            yield ast.unparse(node.args[0])
        elif called in ("pytest.mark.skipif", "pytest.mark.skip", "pytest.importorskip"):
            yield next((ast.unparse(k.value) for k in node.keywords if k.arg == "reason"), called)


def test_every_skip_says_how_to_run_it() -> None:
    known = {f"not_run.{name}" for name in vars(not_run) if name.isupper()}
    for path in ROOT.glob("tests/**/test_*.py"):
        assert set(reasons(path)) <= known, path


def test_ci_gets_a_browser_and_runs_all() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert script.index("make browser") < script.index("make test OPTIONS=--complete")
    assert script[-1] == "make test OPTIONS=--complete", "its last line is what CI reads"
