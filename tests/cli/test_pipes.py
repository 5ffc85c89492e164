"""Stdout that ends early, is full, is closed, or has an encoding of its own."""

import os
import subprocess
from pathlib import Path

import pytest

from tests import not_run
from tests.cli.conftest import Project, skill, text_of


def broken_pipe() -> int:
    """The writing end of a pipe that nobody reads."""
    reader, writer = os.pipe()
    os.close(reader)
    return writer


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["apply", "--yes"], 0),
        (["plan", "--check", "--out", "plan.json"], 3),
        (["sandbox", "show"], 0),
    ],
    ids=["apply", "plan", "show"],
)
def test_a_reader_that_has_gone_changes_nothing(
    lebots: Project, arguments: list[str], code: int
) -> None:
    writer = broken_pipe()
    process = lebots.process(*arguments, stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    _, err = text_of(process)
    assert (process.returncode, err) == (code, "")
    if "apply" in arguments:
        assert lebots("plan", "--check").code == 0
    if "plan" in arguments:
        assert Path("plan.json").exists()


def test_a_closed_stdout_changes_nothing(lebots: Project) -> None:
    process = subprocess.Popen(
        ["/bin/sh", "-c", 'exec "$@" >&-', "sh", *lebots.command("apply", "--yes")],
        cwd=lebots.folder,
        env=lebots.environment(),
        stderr=subprocess.PIPE,
    )
    _, err = text_of(process)
    assert (process.returncode, err) == (0, "")
    assert lebots("plan", "--check").code == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason=not_run.FULL)
def test_a_full_disk_is_said_before_anything_is_written(lebots: Project) -> None:
    with open("/dev/full", "wb") as full:
        process = lebots.process("apply", "--yes", stdout=full, stderr=subprocess.PIPE)
        _, err = text_of(process)
    assert process.returncode == 2
    assert err == "lebots: the result cannot be printed (no space left on device)\n"
    assert lebots("plan", "--check").code == 3


def test_a_name_that_the_encoding_does_not_have_is_escaped(lebots: Project) -> None:
    lebots.write("manifests/wide.yaml", skill("\u65e5\u672c"))
    process = lebots.process(
        "plan",
        environment={"PYTHONIOENCODING": "latin-1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    out, err = text_of(process)
    assert (process.returncode, err) == (0, "")
    assert r'skill "\u65e5\u672c"' in out
