"""Every command that lebots proposes, typed as it stands: a shell takes it as it was meant."""

import re
import subprocess
from pathlib import Path

import pytest

from lebots.core.quoting import command
from tests.cli.conftest import LEBOTS_YAML, ROOT, ROUTING_BOT, Project, Ran
from tests.night import by_day

NAMES = ["-m", "it's", "$(touch hacked)", "{digest}"]
WIDE = [
    *NAMES,
    "a b",
    "a;b&c",
    "*",
    "##vso[x]",
    "\u65e5",
    "two\nlines",
    "\u202eabc",
    "tab\there",
    "\\n",
]
"""Names that no manifest may have, and other files may."""


def typed(text: str) -> list[str]:
    """The words a shell hands to lebots for a line that somebody copied."""
    shell = ["bash", "-c", f'lebots() {{ printf "%s\\0" "$PWD" "$@"; }}\n{text}']
    ran = subprocess.run(shell, capture_output=True, check=True)
    assert not ran.stderr
    return ran.stdout.decode().split("\0")[:-1]


def proposed(ran: Ran, before: str = "NEXT  ", after: str = "$") -> list[str]:
    found = re.search(rf"{before}(.*lebots .*?){after}", ran.all, re.MULTILINE)
    assert found, ran.all
    return typed(found[1])[1:]


@pytest.fixture(params=NAMES, ids=ascii)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def path(lebots: Project, name: str) -> str:
    """A folder of manifests with an odd name, as an argument."""
    (lebots.folder / "manifests").rename(lebots.folder / name)
    lebots.write("lebots.yaml", LEBOTS_YAML[: LEBOTS_YAML.index("  production:")] + SINKS)
    return f"./{name}" if name.startswith("-") else name


SINKS = LEBOTS_YAML[LEBOTS_YAML.index("sinks:") :]


OPTIONS = [(), ("--account", "staging"), ("--target", "Skill/routing-bot"), ("--out", "plan.json")]


@pytest.mark.parametrize("options", by_day(OPTIONS, OPTIONS[1::2]), ids=" ".join)
def test_a_plan_proposes_an_apply(lebots: Project, path: str, options: tuple[str, ...]) -> None:
    ran = lebots(*proposed(lebots("plan", path, *options)))
    assert ran.code == 0, ran.all
    assert lebots("plan", path, *options, "--check").code == 0
    assert not Path("hacked").exists()


def test_a_plan_of_all_accounts_proposes_an_apply_of_each(lebots: Project, path: str) -> None:
    assert lebots(*proposed(lebots("plan", path, "--all-accounts"))).code == 0
    assert lebots("plan", path, "--check").code == 0


def test_a_rotation_proposes_itself(lebots: Project, path: str) -> None:
    assert lebots("apply", path, "--yes").code == 0
    ran = lebots("rotate", "Key/routing-bot", path, "--plan")
    assert lebots(*proposed(ran)).code == 0


def test_a_check_of_the_form_proposes_to_format(lebots: Project, path: str) -> None:
    file = lebots.folder / path / "routing-bot.yaml"
    file.write_text(file.read_text() + "\n\n\n")
    words = proposed(lebots("fmt", path, "--check"), "`", "`")
    assert lebots(*words).code == 0
    assert lebots("fmt", path, "--check").code == 0


def test_an_import_proposes_a_plan(lebots: Project, name: str) -> None:
    out = f"./{name}"
    assert lebots(*proposed(lebots("import", "--out", out), "next: ")).code == 0


@pytest.mark.parametrize("name", ["-m", "it's", "two\nlines", "\u202eabc"], ids=ascii)
def test_a_new_project_is_gone_to(empty: Project, name: str) -> None:
    ran = empty("init", f"./{name}")
    found = re.search(r"next: (cd .* && lebots plan)$", ran.out, re.MULTILINE)
    assert found
    assert typed(found[1]) == [str(empty.folder / name), "plan"]


@pytest.mark.parametrize("name", ["-m", "{digest}", "two\nlines"], ids=ascii)
def test_a_saved_plan_is_named(lebots: Project, name: str) -> None:
    ran = lebots("plan", "--out", f"./{name}.json")
    assert lebots(*proposed(ran)).code == 0


@pytest.mark.parametrize("name", ["it's", "$(touch hacked)"])
def test_a_finding_names_a_key(lebots: Project, name: str) -> None:
    lebots.write("manifests/routing-bot.yaml", ROUTING_BOT.replace("routing-bot", f'"{name}"'))
    assert lebots("apply", "--yes").code == 0
    assert lebots("rotate", f"Key/{name}", "--yes").code == 0
    text = re.sub(r"\n +", " ", lebots("plan").out)
    found = re.search(r"`(lebots rotate .*?)` disables", text)
    assert found
    assert typed(found[1])[1:] == ["rotate", f"Key/{name}"]


@pytest.mark.parametrize("name", WIDE, ids=ascii)
def test_a_command_is_one_line_that_stays_as_it_is(name: str) -> None:
    from lebots.render.escape import visible

    line = command("lebots", name, "")
    assert visible(line).replace("{digest}", "0") == line
    assert typed(line)[1:] == [name, ""]


def test_no_other_module_quotes() -> None:
    quoting = {
        file.relative_to(ROOT).as_posix()
        for file in (ROOT / "lebots").rglob("*.py")
        if "import shlex" in file.read_text(encoding="utf-8")
    }
    assert quoting == {
        "lebots/core/quoting.py",
        "lebots/credentials/programs/command_sink.py",  # the program of a sink, for people
        "lebots/credentials/files/envfile.py",  # the values of a dotenv file
    }
