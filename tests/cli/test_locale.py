"""A locale that is not UTF-8: files, arguments and manifests are all the same."""

import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import Project, skill, text_of
from tests.night import by_day

ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
NAME = "\u65e5\u672c"
SHOWN = r"\u65e5\u672c"
PROJECT = f"""\
apiVersion: lebots/v1
kind: Project
accounts:
  sandbox: {{sandbox: .lebots/{NAME}.db, overlays: [{NAME}]}}
sinks:
  runtime: {{type: dotenv, path: ".secrets/{{name}}.env"}}
"""
KEY = f"""\
apiVersion: lebots/v1
kind: Key
metadata:
  name: {NAME}
spec:
  type: oauth2
  sink: runtime
"""


@pytest.fixture
def wide(lebots: Project) -> Project:
    """A project whose names and paths are far from ASCII."""
    lebots.write("lebots.yaml", PROJECT)
    own = f"apiVersion: lebots/v1\nkind: Skill\nmetadata: {{name: {NAME}-2}}\n$new: true\n"
    lebots.write(f"{NAME}/overlay.yaml", own)
    lebots.write(f"manifests/{NAME}.yaml", KEY + skill(NAME))
    return lebots


def ran(project: Project, *arguments: str) -> tuple[int, str, str]:
    process = project.process(
        *arguments, environment=ASCII, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    out, err = text_of(process)
    assert out.isascii()
    assert err.isascii()
    return process.returncode, out, err


def test_a_whole_run_in_ascii(wide: Project) -> None:
    code, out, err = ran(wide, "apply", "--yes", "--markdown-file", f"{NAME}.md")
    assert code == 0, err
    assert f'skill "{SHOWN}"' in out
    assert list(Path(".secrets").glob("*.env"))
    assert NAME in Path(f"{NAME}.md").read_text(encoding="utf-8")
    assert ran(wide, "plan", "--check", "--target", f"Skill/{NAME}")[0] == 0
    assert wide("plan", "--check").code == 0, "and the same in any other locale"


def test_an_import_in_ascii(wide: Project) -> None:
    assert wide("apply", "--yes").code == 0
    code, out, err = ran(wide, "import", "--out", f"new-{NAME}", "--name", NAME)
    assert code == 0, err
    assert f"{SHOWN}.yaml" in out
    assert NAME in Path(f"new-{NAME}/skills/{NAME}.yaml").read_text(encoding="utf-8")


COMMANDS = ["validate", "fmt --check", "doctor", f"rotate Key/{NAME}"]


@pytest.mark.parametrize("command", by_day(COMMANDS, COMMANDS[-1:]))
def test_other_commands_in_ascii(wide: Project, command: str) -> None:
    assert wide("apply", "--yes").code == 0
    code, _, err = ran(wide, *command.split(), *(["--yes"] if "rotate" in command else []))
    assert code == (3 if "fmt" in command else 0), err
    assert "Traceback" not in err
