"""``explain``, ``schema`` and ``--help``: complete, sensible, and in the reader's words."""

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema
import pytest

from lebots import kinds
from lebots.cli.terminal.plan_options import FLAGS
from lebots.core.model.kind import Kind
from tests.cli.commands import commands
from tests.cli.conftest import Project

KINDS = kinds.load()
STEERING = [flag.name for flag in FLAGS.values()]
COMMANDS = {
    "": ["--version", "--help"],
    "plan": [
        "PATHS",
        "--account",
        "--all-accounts",
        "--format",
        "--markdown-file",
        "--html-file",
        "--budget",
        "--out",
        "--check",
        *STEERING,
        "--base",
        "--drift",
        "--receipt",
        "--rules-from",
        "--help",
    ],
    "apply": [
        "PATHS",
        "--account",
        "--format",
        "--expect",
        "--base",
        "--yes",
        *STEERING,
        "--receipt",
        "--markdown-file",
        "--max-age",
        "--rules-from",
        "--help",
    ],
    "validate": ["PATHS", "--format", "--markdown-file", "--budget", "--help"],
    "compare": ["--from", "--to", "--format", "--check", "--rules-from", "--help"],
    "import": [
        "--out",
        "--account",
        "--kind",
        "--name",
        "--full",
        "--layout",
        "--merge",
        "--drift",
        "--receipt",
        "--rules-from",
        "--help",
    ],
    "schema": ["NAME", "--write", "--account", "--rules-from", "--help"],
    "explain": ["WHAT", "--help"],
    "get": ["ADDRESS", "--account", "--help"],
    "init": ["FOLDER", "--help"],
    "sandbox": ["reset", "seed", "show", "--help"],
    "sandbox reset": ["--account", "--help"],
    "sandbox seed": ["--account", "--users", "--skills", "--busy", "--help"],
    "sandbox show": ["--account", "--format", "--help"],
}

COMPLETION = {"--install-completion", "--show-completion"}


def paths(kind: Kind) -> Iterator[str]:
    """Every field of a kind, those inside objects and lists of objects too."""

    def below(schema: Mapping[str, Any], prefix: str) -> Iterator[str]:
        inner = schema.get("properties") or schema.get("items", {}).get("properties") or {}
        for name, sub in inner.items():
            if "." not in name:
                yield prefix + name
                yield from below(sub, f"{prefix}{name}.")

    for field in kind.fields:
        yield field.name
        yield from below(field.schema, f"{field.name}.")


def test_explain_lists_the_kinds(empty: Project) -> None:
    shown = empty("explain").out
    for kind in KINDS.values():
        assert re.search(rf"^{kind.name} +\S.*\.$", shown, re.MULTILINE)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_every_kind_and_field_is_explained(empty: Project, kind: Kind) -> None:
    shown = empty("explain", kind.name).out
    assert empty("explain", kind.name.upper()).out == shown
    assert empty("explain", f"{kind.name}.").out == shown
    assert not re.search(r"\bany\b|None|\{\}|object at", shown.partition("EXAMPLE")[0])
    if kind.lookup_only:
        assert "never changes it" in shown
        return
    for path in paths(kind):
        ran = empty("explain", f"{kind.name}.{path}")
        assert ran.code == 0, path
        first, words, *_ = ran.out.splitlines()
        assert re.fullmatch(rf"{kind.name}\.{re.escape(path)}  \S.*", first)
        assert not re.search(r"\bany\b|None|object at", first), first
        assert re.match(r"  \S.*", words), f"{path} is described"
        assert path.split(".")[0] in shown


def test_a_field_with_dots_in_its_name_is_explained(empty: Project) -> None:
    inner = empty("explain", "Key.webhooks").out
    (name,) = re.findall(r"^  \.(ms\S+\.ContentEvent)  ", inner, re.MULTILINE)
    below = empty("explain", f"Key.webhooks.{name}")
    assert below.code == 0
    assert re.search(r"^  \.endpoint  string$", below.out, re.MULTILINE)
    assert empty("explain", f"Key.webhooks.{name}.endpoint").code == 0


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("Skil", 'there is no kind "Skil"; did you mean "Skill"?'),
        ("bot_user", 'there is no kind "bot_user"; did you mean "BotUser"?'),
        (
            "nonsense",
            "there are AgentGroup, AutomaticMessage, BotUser, Key, Lob",
        ),
        ("Skill.descripton", 'did you mean "description"?'),
        ("Skill.nonsense", 'Skill has no field "nonsense"'),
        ("Skill.description.more", 'Skill has no field "description.more"'),
        ("Profile.name", 'Profile has no field "name"'),
        ("Skill.\x1b[2J", r'Skill has no field "\u001b[2J"'),
        ("\x1b[2J", r'there is no kind "\u001b[2J"'),
        ("", 'there is no kind ""'),
        (".", 'there is no kind ""'),
    ],
)
def test_explain_of_what_there_is_not(empty: Project, asked: str, words: str) -> None:
    ran = empty("explain", asked)
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err


@pytest.mark.parametrize("name", ["manifest", "project", "plan", "BotUser", "Key", "Skill"])
def test_each_schema_is_one(empty: Project, name: str) -> None:
    document = empty("schema", name).json
    jsonschema.Draft202012Validator.check_schema(document)
    assert empty("schema", name.lower()).json == document


def test_the_schema_for_editors_is_the_one_of_manifests(empty: Project) -> None:
    assert empty("schema").json == empty("schema", "manifest").json


def test_schema_of_what_there_is_not(empty: Project) -> None:
    ran = empty("schema", "Skil")
    assert (ran.code, ran.out) == (2, "")
    assert 'there is no schema "Skil"; did you mean "Skill"?' in ran.err


def test_schemas_are_written_as_they_are_printed(empty: Project) -> None:
    assert empty("schema", "--write").code == 0
    found = {path.name: path.read_text() for path in (empty.folder / "schemas").iterdir()}
    assert len(found) == 18
    for file, text in found.items():
        assert empty("schema", file.removesuffix(".schema.json")).out == text


def test_schemas_that_cannot_be_written(empty: Project) -> None:
    empty.write("schemas", "a file where a folder should be")
    ran = empty("schema", "--write")
    assert ran.code == 2
    assert "cannot be written" in ran.err


@pytest.mark.parametrize(("command", "mentioned"), COMMANDS.items(), ids=lambda x: str(x))
def test_help_names_every_option(empty: Project, command: str, mentioned: list[str]) -> None:
    ran = empty(*command.split(), "--help")
    assert (ran.code, ran.err) == (0, "")
    for word in mentioned:
        assert word in ran.out
    listed = set(re.findall(r"^  (?:-h, )?(--[a-z-]+)", ran.out, re.MULTILINE))
    assert listed - COMPLETION == {word for word in mentioned if word.startswith("--")}


@pytest.mark.parametrize("command", COMMANDS, ids=str)
def test_help_has_no_word_of_the_program_text(empty: Project, command: str) -> None:
    shown = empty(*command.split(), "--help").out
    assert not re.search(r"None|object at|\w_\w|``|callback|WSGI|typer", shown)


def test_lebots_alone_shows_what_there_is(empty: Project) -> None:
    for arguments in ([], ["sandbox"]):
        ran = empty(*arguments)
        assert ran.code == 2
        assert ran.out == ""
        assert "Commands:" in ran.err


OVERLAY = """\
apiVersion: lebots/v1
kind: BotUser
metadata: {name: routing-bot}
spec: {maxAsyncChats: 60}
"""


def test_a_manifest_is_explained_with_where_each_value_comes_from(lebots: Project) -> None:
    file = lebots.folder / "lebots.yaml"
    file.write_text(
        file.read_text().replace("staging.db", "staging.db\n    overlays: [overlays/staging]")
    )
    lebots.write("overlays/staging/bots.yaml", OVERLAY)
    shown = lebots("get", "BotUser/routing-bot", "--account", "staging").out
    assert re.search(r"^  maxAsyncChats +60 +overlays/staging/bots.yaml:4$", shown, re.MULTILINE)
    assert re.search(r"^  nickname +\"Ava\" +manifests/routing-bot.yaml:\d+$", shown, re.MULTILINE)
    assert "private.person" not in shown
    assert "60" not in lebots("get", "BotUser/routing-bot").out


def test_a_manifest_that_is_not_there_cannot_be_explained(lebots: Project) -> None:
    ran = lebots("get", "BotUser/routing-bott")
    assert (ran.code, ran.out) == (2, "")
    assert 'did you mean "BotUser/routing-bot"?' in ran.err
    assert lebots("get", "BotUser/").code == 2


def test_lebots_is_a_module_to_run(lebots: Project) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "lebots", "--version"],
        env=lebots.environment(),
        capture_output=True,
        check=True,
    )
    assert ran.stdout.decode() == lebots("--version").out


@pytest.mark.parametrize("name", ["", *(name for name, _ in commands())])
def test_h_is_help(lebots: Project, name: str) -> None:
    short, long = (lebots(*name.split(), option) for option in ("-h", "--help"))
    assert short.code == 0
    assert short.out.startswith(f"Usage: lebots {name}".strip())
    assert short.out == long.out
