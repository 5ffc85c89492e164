"""CONTRIBUTING.md is true: its guides are followed to the letter on a copy of the tree.

What a guide adds is tried in the copy, at night with all of the copy's own tests that it may
affect. How many files a guide touches by hand is counted.
"""

import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

from tests.night import at_night

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^( *)```(python|yaml|diff)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
GIT = shutil.which("git") or ""
AFFECTED = ("tests/kinds", "tests/sandbox", "tests/scenarios", "tests/render", "tests/cli")


class Copy:
    """The tree in another folder, where a chapter of CONTRIBUTING.md was followed."""

    def __init__(self, folder: Path, thing: str) -> None:
        self.folder = folder
        listed = self._run(GIT, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
        for name in filter(None, listed.stdout.split("\0")):
            if (ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, folder / name)
        self._environment = {**os.environ, "PYTHONPATH": str(folder)}
        self.touched = [self._follow(*found[1:]) for found in _blocks(thing)]

    def lebots(self, *arguments: str, code: int = 0) -> str:
        """What the copy's program prints; it must end with this code."""
        return self._python("lebots", *arguments, code=code)

    def test(self, *paths: str) -> None:
        """The copy's own tests."""
        self._python("pytest", "-q", "-x", "-p", "no:cacheprovider", *paths)

    def _follow(self, language: str, block: str) -> str:
        text = textwrap.dedent(block)
        if language == "diff":
            found = self._run(GIT, "apply", "--directory=", "-", cwd=self.folder, given=text)
            assert found.returncode == 0, found.stderr
            return text.partition("+++ b/")[2].partition("\n")[0]
        path, _, content = text.removeprefix("# ").partition("\n")
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_text(content, encoding="utf-8")
        return path

    def _python(self, module: str, *arguments: str, code: int = 0) -> str:
        found = self._run(sys.executable, "-m", module, *arguments, cwd=self.folder)
        assert found.returncode == code, found.stdout + found.stderr
        return found.stdout + found.stderr * (code != 0)

    def _run(
        self, *command: str, cwd: Path = ROOT, given: str = ""
    ) -> subprocess.CompletedProcess[str]:
        environment = getattr(self, "_environment", None)
        return subprocess.run(
            command,
            cwd=cwd,
            env=environment,
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )


def _blocks(thing: str) -> list[tuple[str, str, str]]:
    chapter = GUIDE.split(f"## How to add {thing}\n")[1].split("\n## ")[0]
    return BLOCK.findall(chapter)


def _at_night(copy: Copy) -> None:
    if at_night():
        copy.test(*AFFECTED)


def test_a_kind_is_two_files_and_its_own_scenario(tmp_path: Path) -> None:
    copy = Copy(tmp_path, "a kind")
    scenario = "tests/scenarios/greeting"
    assert copy.touched == [
        "lebots/kinds/greeting.py",
        "lebots/sandbox/collections/greetings.py",
        "manifests/greeting.yaml",
        f"{scenario}/scenario.yaml",
    ]
    (tmp_path / scenario / "manifests").mkdir()
    (tmp_path / "manifests/greeting.yaml").rename(tmp_path / scenario / "manifests/greeting.yaml")
    copy.lebots("schema", "--write")
    told = ("tests/scenarios", "-k", "Greeting or (greeting or 001) and process", "--accept")
    copy.test("tests/kinds/test_contract.py", *told)
    after = (tmp_path / scenario / "after.yaml").read_text(encoding="utf-8")
    assert "text: How can we help?" in after
    for other in (ROOT / "tests/scenarios").glob("001*/*.txt"):
        assert (tmp_path / other.relative_to(ROOT)).read_bytes() == other.read_bytes()
    _at_night(copy)


def test_a_field_is_two_files(tmp_path: Path) -> None:
    copy = Copy(tmp_path, "a field")
    assert copy.touched == ["lebots/kinds/skill.py", "lebots/sandbox/collections/skills.py"]
    copy.lebots("schema", "--write")
    assert "motto" in copy.lebots("explain", "Skill")
    manifest = tmp_path / "manifests" / "routing-bot.yaml"
    text = manifest.read_text(encoding="utf-8")
    spec = "kind: Skill\nmetadata:\n  name: routing-bot\nspec:\n"
    assert spec in text
    manifest.write_text(text.replace(spec, f"{spec}  motto: Always there\n"), encoding="utf-8")
    copy.lebots("apply", "--yes")
    assert "motto" not in copy.lebots("plan", "--check")
    _at_night(copy)


def test_a_flag_that_steers_planning_is_three_files(tmp_path: Path) -> None:
    copy = Copy(tmp_path, "a flag that steers planning")
    assert copy.touched == [
        "lebots/core/model/options.py",
        "lebots/cli/terminal/plan_options.py",
        "lebots/core/planner.py",
    ]
    copy.lebots("schema", "--write")
    assert '"atMost"' in (tmp_path / "schemas/plan.schema.json").read_text(encoding="utf-8")
    assert "--at-most N" in copy.lebots("apply", "--help")
    told = copy.lebots("plan", "--at-most", "1", code=6)
    assert re.search(r"\d+ changes, and at most 1 were asked for", told)
    assert "--at-most=99 --expect" in copy.lebots("plan", "--at-most", "99")
    copy.lebots("plan", "--at-most", "99", "--out", "plan.json")
    assert '"atMost": 99' in (tmp_path / "plan.json").read_text(encoding="utf-8")
    copy.lebots("apply", "plan.json")
    copy.lebots("plan", "--at-most", "0", "--check")
    _at_night(copy)


def test_an_output_format_is_one_file(tmp_path: Path) -> None:
    copy = Copy(tmp_path, "an output format")
    assert copy.touched == ["lebots/render/formats/csv.py"]
    assert "csv" in copy.lebots("plan", "--help")
    assert "csv" not in copy.lebots("validate", "--help")
    assert "create,Skill/routing-bot\n" in copy.lebots("plan", "--format", "csv")
    _at_night(copy)
