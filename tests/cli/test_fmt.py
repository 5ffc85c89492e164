"""``lebots fmt``: what it prints, what it writes, and what it leaves as it is."""

import os
import stat
from pathlib import Path

import pytest

from tests.cli.conftest import ROUTING_BOT, Project
from tests.files.hostile import FEW, SMALL
from tests.night import by_day

ROOT = Path(__file__).parents[2]
ODD = "kind: Skill\napiVersion: lebots/v1\nmetadata: {name: b} # the name\n"
CANONICAL = "apiVersion: lebots/v1\nkind: Skill\nmetadata: # the name\n  name: b\n"
INVALID = "apiVersion: lebots/v1\nkind: Skill\nmetadata: {name: c}\nspec: {descripton: x}\n"
FINDING = 'manifests/c.yaml:4:8: there is no "descripton"; did you mean "description"?\n1 error\n'
NOTHING = "nothing to format in 1 file\n"


@pytest.fixture
def mixed(lebots: Project) -> Project:
    """A project with a file in canonical form, one in another, and one that is not valid."""
    lebots.write("manifests/a/b.yaml", ODD)
    lebots.write("manifests/c.yaml", INVALID)
    return lebots


def contents(project: Project) -> dict[str, str]:
    files = (path for path in project.folder.rglob("*") if path.is_file())
    return {path.relative_to(project.folder).as_posix(): path.read_text() for path in files}


def test_odd_files_are_written_anew_and_named(mixed: Project) -> None:
    before = contents(mixed)
    ran = mixed("fmt")
    assert ran.out == "formatted manifests/a/b.yaml\n"
    assert ran.err == f"1 of 2 files formatted\n{FINDING}"
    assert ran.code == 4, "one file is not valid"
    assert contents(mixed) == {**before, "manifests/a/b.yaml": CANONICAL}


def test_a_second_run_finds_nothing(lebots: Project) -> None:
    lebots.write("manifests/b.yaml", ODD)
    assert lebots("fmt").code == 0
    ran = lebots("fmt")
    assert (ran.code, ran.out, ran.err) == (0, "", "nothing to format in 2 files\n")


@pytest.mark.parametrize(
    ("options", "paths", "code", "out"),
    [
        (["--check"], ["manifests/a"], 3, "would format manifests/a/b.yaml\n"),
        (["--check"], ["manifests"], 4, "would format manifests/a/b.yaml\n"),
        (["--check"], ["manifests/routing-bot.yaml"], 0, ""),
        (["--diff"], ["manifests/routing-bot.yaml"], 0, ""),
        (["--diff"], ["manifests/a"], 0, "DIFF"),
        (["--diff"], ["manifests"], 4, "DIFF"),
        (["--check", "--diff"], ["manifests/a"], 3, "DIFF"),
    ],
)
def test_check_and_diff_write_nothing(
    mixed: Project, options: list[str], paths: list[str], code: int, out: str
) -> None:
    before = contents(mixed)
    ran = mixed("fmt", *options, *paths)
    diff = (
        "--- manifests/a/b.yaml\n+++ manifests/a/b.yaml\n@@ -1,3 +1,4 @@\n"
        "+apiVersion: lebots/v1\n kind: Skill\n-apiVersion: lebots/v1\n"
        "-metadata: {name: b} # the name\n+metadata: # the name\n+  name: b\n"
    )
    assert (ran.code, ran.out) == (code, diff if out == "DIFF" else out)
    assert contents(mixed) == before


def test_the_summary_says_what_to_do(mixed: Project) -> None:
    ran = mixed("fmt", "--check", "manifests/a", "manifests/routing-bot.yaml")
    proposal = "lebots fmt manifests/a manifests/routing-bot.yaml"
    assert ran.err == f"1 of 2 files would be formatted; `{proposal}` does it\n"


def test_every_file_that_is_wrong_is_told_of_as_validate_does(mixed: Project) -> None:
    mixed.write("manifests/z.yaml", "a: yes\n---\nkind: Skil\n")
    ran, validated = mixed("fmt", "--check"), mixed("validate")
    assert ran.code == validated.code == 4
    assert ran.err.partition("\n")[2] == validated.err


def test_a_diff_shows_nothing_personal_and_cannot_act(empty: Project) -> None:
    empty.write(
        "manifests/a.yaml",
        "kind: BotUser\napiVersion: lebots/v1\nmetadata: {name: a}\nspec:\n"
        "  # ::error::x \u200b##[group]\n  email: 'private.person@example.com'\n"
        "  nickname: '##vso[task]'\n",
    )
    ran = empty("fmt", "--diff")
    assert "private.person" not in ran.all
    assert ran.out.splitlines()[2:] == [
        "@@ -1,7 +1,8 @@",
        "+apiVersion: lebots/v1",
        " kind: BotUser",
        "-apiVersion: lebots/v1",
        "-metadata: {name: a}",
        "+metadata:",
        "+  name: a",
        " spec:",
        "+  nickname: '\\u0023#vso[task]'",
        "   # ::error::x \\u200b\\u0023#[group]",
        "-  email: (personal, not shown)",
        "-  nickname: '\\u0023#vso[task]'",
        "+  email: (personal, not shown, written in another way)",
    ]


def test_a_diff_is_coloured_by_its_marks(mixed: Project) -> None:
    lines = mixed.on_terminal("fmt", "--diff", "manifests/a").out.splitlines()
    assert "\x1b[32m+apiVersion: lebots/v1\x1b[0m" in lines
    assert "\x1b[31m-apiVersion: lebots/v1\x1b[0m" in lines
    assert " kind: Skill" in lines


# Odd files


@pytest.mark.parametrize("mode", [0o600, 0o640])
def test_permissions_stay(empty: Project, mode: int) -> None:
    file = empty.write("manifests/b.yaml", ODD)
    file.chmod(mode)
    assert empty("fmt").code == 0
    assert file.read_text() == CANONICAL
    assert stat.S_IMODE(file.stat().st_mode) == mode


def test_a_link_stays_one_and_its_file_is_written_once(empty: Project) -> None:
    file = empty.write("manifests/inside/b.yaml", ODD)
    link = empty.folder / "manifests/a.yaml"
    link.symlink_to("inside/b.yaml")
    ran = empty("fmt")
    assert (ran.code, ran.out) == (0, "formatted manifests/a.yaml\n")
    assert link.is_symlink()
    assert file.read_text() == CANONICAL


def test_a_link_out_of_the_folder_is_not_followed(empty: Project) -> None:
    file = empty.write("outside.yaml", ODD)
    empty.write("manifests/b.yaml", ODD)
    (empty.folder / "manifests/a.yaml").symlink_to("../outside.yaml")
    ran = empty("fmt")
    assert ran.code == 4
    assert "manifests/a.yaml:1:1: a link that leads out of the folder is not followed" in ran.err
    assert ran.out == "formatted manifests/b.yaml\n"
    assert file.read_text() == ODD


def test_a_pipe_is_not_waited_for(empty: Project) -> None:
    os.mkfifo(empty.folder / "a.yaml")
    ran = empty("fmt", "a.yaml")
    assert ran.code == 4
    assert "not a regular file" in ran.err


def test_a_file_that_cannot_be_written_is_named(
    empty: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    file = empty.write("manifests/b.yaml", ODD)
    monkeypatch.setattr("os.replace", full)
    ran = empty("fmt")
    assert ran.code == 5
    assert "b.yaml cannot be written (no space left on device)" in ran.err
    assert contents(empty) == {"manifests/b.yaml": ODD}
    assert file.exists()


@pytest.mark.parametrize("data", by_day(SMALL, FEW))
def test_hostile_files_are_left_as_they_are(empty: Project, data: bytes) -> None:
    file = empty.write("manifests/b.yaml", "")
    file.write_bytes(data)
    ran = empty("fmt")
    assert ran.code == 4
    assert ran.out == ""
    assert "to format" not in ran.err
    assert file.read_bytes() == data


# Which files


def test_the_project_file_is_left_as_it_is(lebots: Project) -> None:
    before = contents(lebots)
    ran = lebots("fmt", "lebots.yaml", "manifests")
    assert ran.err == f"lebots.yaml is the project and no manifest; it is left as it is\n{NOTHING}"
    assert (ran.code, ran.out) == (0, "")
    assert contents(lebots) == before


def test_a_wrong_project_is_for_other_commands_to_tell(lebots: Project) -> None:
    lebots.write("lebots.yaml", "a: [")
    ran = lebots("fmt")
    assert (ran.code, ran.out, ran.err) == (0, "", NOTHING)


def test_a_saved_plan_is_no_manifest(lebots: Project) -> None:
    assert lebots("plan", "--out", "plan.json").code == 0
    ran = lebots("fmt", "plan.json")
    assert ran.code == 2
    assert "plan.json: manifests are *.yaml and *.yml" in ran.err


def test_nothing_to_read_is_told(empty: Project) -> None:
    ran = empty("fmt")
    assert ran.code == 4
    assert "manifests:1:1: cannot be read (no such file or directory)" in ran.err


def test_overlays_of_the_project_are_formatted_too(lebots: Project) -> None:
    project = "apiVersion: lebots/v1\nkind: Project\naccounts:\n  a:\n    sandbox: a.db\n"
    lebots.write("lebots.yaml", project + "    overlays: [overlays/a]\n")
    overlay = "kind: Key\nspec: {description: {$patch: delete}}\nmetadata: {name: routing-bot}\n"
    file = lebots.write("overlays/a/key.yaml", overlay)
    assert lebots("validate").code == 0
    ran = lebots("fmt")
    assert (ran.code, ran.out) == (0, "formatted overlays/a/key.yaml\n")
    assert file.read_text() == (
        "kind: Key\nmetadata:\n  name: routing-bot\nspec:\n  description:\n    $patch: delete\n"
    )
    assert lebots("validate").code == 0
    assert lebots("fmt", "--check", "overlays/a/key.yaml").code == 0
    lebots.write("other/key.yaml", overlay)
    assert lebots("fmt", "other").code == 4, "elsewhere it is a manifest, and not a whole one"


# What lebots ships


def test_the_examples_are_in_canonical_form(
    lebots: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lebots("fmt", "--check").code == 0, "the manifest of these tests"
    monkeypatch.chdir(ROOT)
    ran = lebots("fmt", "--check", "manifests", "lebots/cli/starter/routing-bot.yaml")
    assert (ran.code, ran.out) == (0, "")


def test_what_init_writes_is_in_canonical_form(empty: Project) -> None:
    assert empty("init").code == 0
    assert empty("fmt", "--check").code == 0


def test_a_plan_does_not_see_the_difference(lebots: Project) -> None:
    digest = lebots("plan", "--format", "json").json["digest"]
    documents = [f"# {n}\n{document}" for n, document in enumerate(ROUTING_BOT.split("---\n"))]
    turned = "---\n".join("\n".join(reversed_(document)) + "\n" for document in documents)
    lebots.write("manifests/routing-bot.yaml", turned)
    assert lebots("fmt", "--check").code == 3
    assert lebots("plan", "--format", "json").json["digest"] == digest
    assert lebots("fmt").code == 0
    assert lebots("plan", "--format", "json").json["digest"] == digest


def reversed_(document: str) -> list[str]:
    """The lines of a document with the fields of each of its mappings the other way round."""
    parts: list[list[str]] = []
    for line in document.splitlines():
        if line.startswith("  "):
            parts[-1].insert(1, line)
        else:
            parts.append([line])
    return [line for part in reversed(parts) for line in part]


WINDOWS = CANONICAL.replace("\n", "\r\n").encode()


def test_line_ends_of_a_file_are_kept(lebots: Project) -> None:
    """Git makes carriage returns in a checkout on Windows; they are nothing to format."""
    file = lebots.folder / "manifests/b.yaml"
    file.write_bytes(WINDOWS)
    assert lebots("fmt", "--check", "manifests/b.yaml").err == NOTHING
    file.write_bytes(ODD.replace("\n", "\r\n").encode())
    assert "\r" not in lebots("fmt", "--diff", "manifests/b.yaml").out
    assert lebots("fmt", "manifests/b.yaml").code == 0
    assert file.read_bytes() == WINDOWS


def test_mixed_line_ends_are_told(lebots: Project) -> None:
    file = lebots.folder / "manifests/b.yaml"
    file.write_bytes(CANONICAL.replace("\n", "\r\n", 1).encode())
    ran = lebots("fmt", "--check", "manifests/b.yaml")
    assert (ran.code, ran.out) == (3, "would format manifests/b.yaml\n")
    assert "manifests/b.yaml mixes line ends" in ran.err
    assert lebots("fmt", "manifests/b.yaml").code == 0
    assert file.read_bytes() == CANONICAL.encode()
