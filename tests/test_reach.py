"""What `lebots.yaml` and a checkout may reach: nothing outside the project, and so much of it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from lebots import credentials, project
from lebots.core.manifest.sink_type import SinkType
from lebots.errors import InvalidInput
from lebots.files.inside import leads_out, strays
from lebots.files.yaml.allowance import Allowance
from lebots.files.yaml.writer import write
from lebots.project import METHODS
from lebots.project.schema import project_schema

SINKS = credentials.load()

NO_PATHS = {
    ("defaultAccount",): "a name",
    ("accounts", "*", "accountId"): "an id",
    ("accounts", "*", "domain"): "a host",
    ("accounts", "*", "proxy"): "an address",
    ("accounts", "*", "guards", "protect", 0): "names of objects",
    ("accounts", "*", "guards", "allowedProfiles", 0): "names of profiles",
    ("accounts", "*", "guards", "allow", "grants", 0): "names of objects",
    ("consent", 0, "change"): "a digest",
    ("accounts", "*", "scope", "*", 0): "names of objects",
    ("accounts", "*", "versions", "*", "list"): "a version",
    ("accounts", "*", "versions", "*", "write"): "a version",
    ("sinks", "aws", "secretName"): "in the store",
    ("sinks", "aws", "region"): "in the store",
    ("sinks", "aws", "profile"): "a name in the settings of AWS",
    ("sinks", "aws", "endpoint"): "an address",
    ("sinks", "aws", "kmsKeyId"): "in the store",
    ("sinks", "vault", "address"): "an address",
    ("sinks", "vault", "path"): "in the store",
    ("sinks", "vault", "mount"): "in the store",
    ("sinks", "vault", "namespace"): "in the store",
}
"""Settings that are free text and name no file; `command` and `env` are words of their own."""

ENTRIES: Mapping[str, Mapping[str, Any]] = {
    "dotenv": {"path": "x/{name}.env"},
    "command": {"command": ["keep"]},
    "vault": {"address": "https://v.example", "path": "{name}", "token": {"env": "T"}},
    "aws": {"secretName": "{name}"},
}
"""The least that a sink of each type needs."""


def texts(schema: Mapping[str, Any], here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where free text may stand; ``*`` for a name that people choose."""
    if schema.get("type") == "array":
        yield from texts(schema["items"], (*here, 0))
    elif isinstance(schema.get("properties"), dict) or isinstance(
        schema.get("additionalProperties"), dict
    ):
        for name, part in schema.get("properties", {}).items():
            if here[-1:] != ("fields",):
                yield from texts(part, (*here, name))
        if isinstance(schema.get("additionalProperties"), dict):
            yield from texts(schema["additionalProperties"], (*here, "*"))
    elif "string" in (schema.get("type") or ()) and "enum" not in schema:
        yield here


def settings_of_text() -> Iterator[tuple[Any, ...]]:
    """Every setting of `lebots.yaml` that takes free text; of a sink once for each type."""
    for here in texts(project_schema(SINKS)):
        if here[:2] != ("sinks", "*"):
            yield here
        else:
            for type_ in SINKS.values():
                if here[2] in {setting.name for setting in type_.settings}:
                    yield ("sinks", type_.name, *here[2:])


PATHS = [
    here
    for here in settings_of_text()
    if here not in NO_PATHS and here[-1] != "env" and "command" not in here and "fields" not in here
]


def saying(here: tuple[Any, ...], text: str) -> dict[str, Any]:
    """A project that says the text there, and else what it must."""
    entry: dict[str, Any] = {}
    if here[0] == "sinks":
        entry = {"type": here[1], **ENTRIES[here[1]]}
    elif "auth" in here:
        method = next(name for name, values in METHODS.items() if here[3] in values)
        auth = {"method": method, **{value: {"env": "X"} for value in METHODS[method]}}
        entry = {"accountId": "1", "auth": auth}
    elif here[2] == "ca":
        auth = {"method": "login", "username": {"env": "X"}, "password": {"env": "X"}}
        entry = {"accountId": "1", "auth": auth}
    elif here[2] != "sandbox":
        entry = {"sandbox": "x.db"}
    at, *steps = here[2:]
    entry[at] = {steps[0]: text} if steps[:1] == ["file"] else text
    if at == "auth":
        entry["auth"] = auth | {steps[0]: {"file": text}}
    if at == "overlays":
        entry["overlays"] = [text]
    return {"apiVersion": "lebots/v1", "kind": "Project", here[0]: {"it": entry}}


def test_every_setting_that_takes_a_path_is_here() -> None:
    """A new setting that takes free text is a path, or stands in the list with a reason."""
    assert set(NO_PATHS) <= set(settings_of_text())
    assert {here[-1] for here in PATHS} == {"sandbox", "ca", "file", 0, "path"}
    assert ("sinks", "dotenv", "path") in PATHS
    assert ("sinks", "vault", "token", "file") in PATHS
    assert len(PATHS) == 3 + 8 + 3


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project to work in, and beside it what is none of its business."""
    (tmp_path / "project/manifests").mkdir(parents=True)
    found = tmp_path / "outside"
    found.mkdir()
    (found / "it").write_text("")
    (tmp_path / "project/link").symlink_to(found)
    (tmp_path / "project/chain").symlink_to("link")
    (tmp_path / "project/file").symlink_to(found / "it")
    monkeypatch.chdir(tmp_path / "project")
    return found


@pytest.mark.parametrize("here", PATHS, ids=lambda here: "-".join(map(str, here)))
@pytest.mark.parametrize(
    "text", ["link/it", "chain/it", "file/x", "chain/new/it", "../outside/it", "a/../../outside/it"]
)
def test_a_path_that_leads_out_is_refused(outside: Path, here: tuple[Any, ...], text: str) -> None:
    destination = here == ("sinks", "dotenv", "path")
    text = f"{text}/{{name}}.env" if destination else text
    Path("lebots.yaml").write_text(write(saying(here, text)))
    with pytest.raises(InvalidInput) as refused:
        project.load(Path(), SINKS, {})
    codes = {finding.code for finding in refused.value.findings}
    # The form of a sink's path has no step up at all.
    assert codes == {"bad-form" if destination and ".." in text else "outside-project"}
    assert not leads_out(Path("manifests"), Path())


@pytest.mark.parametrize("here", PATHS, ids=lambda here: "-".join(map(str, here)))
def test_only_a_sink_goes_outside_and_says_so(outside: Path, here: tuple[Any, ...]) -> None:
    text = f"{outside}/it"
    destination = here == ("sinks", "dotenv", "path")
    Path("lebots.yaml").write_text(
        write(saying(here, f"{text}/{{name}}.env" if destination else text))
    )
    if not destination:
        with pytest.raises(InvalidInput, match="leads out of the project"):
            project.load(Path(), SINKS, {})
        return
    found = project.load(Path(), SINKS, {})
    sink = opened(SINKS["dotenv"], found.sinks["it"].settings)
    assert sink.place("1", "bot") == f"{text}/bot.env (outside the project)"


def opened(type_: SinkType, settings: Mapping[str, Any]) -> Any:
    from lebots.core.manifest.sink_type import SinkContext

    return type_.opener("it", settings, SinkContext("1", ".", {}, lambda folder, lines: None))


def test_a_link_within_the_project_is_followed(outside: Path) -> None:
    Path("real").mkdir()
    Path("inner").symlink_to("real")
    Path("lebots.yaml").write_text(write(saying(("accounts", "*", "sandbox"), "inner/x.db")))
    assert project.load(Path(), SINKS, {}).account().sandbox == Path("inner/x.db")


def test_a_project_file_or_an_account_of_somebody_else_is_not_opened(outside: Path) -> None:
    (outside / "lebots.yaml").write_text(write(saying(("accounts", "*", "sandbox"), "x.db")))
    Path("lebots.yaml").symlink_to(outside / "lebots.yaml")
    with pytest.raises(InvalidInput, match="link that leads out"):
        project.load(Path(), SINKS, {})
    Path("lebots.yaml").unlink()
    Path(".lebots").symlink_to(outside)
    with pytest.raises(InvalidInput, match=r"\.lebots/sandbox\.db"):
        project.load(Path(), SINKS, {})


@pytest.mark.parametrize(
    ("path", "folder", "strayed"),
    [
        ("manifests", ".", False),
        ("link/it", ".", True),
        ("file", ".", True),
        ("../outside/it", ".", False),
        ("link/../manifests", ".", True),
        ("loop/it", ".", False),
        ("zero\0", ".", True),
    ],
)
def test_who_writes_a_path_outside_means_it(
    outside: Path, path: str, folder: str, strayed: bool
) -> None:
    Path("loop").symlink_to("loop")
    assert strays(Path(path), Path(folder)) is strayed


def test_one_command_reads_so_much_and_no_more(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"{number}.yaml").write_text(f"# {'x' * 97}\n")
    allowance = Allowance(most=250)
    files, documents, findings = allowance.documents([tmp_path])
    assert len(files) == 5
    assert documents == []
    (last,) = [finding for finding in findings if "in all" in finding.message]
    assert str(last).startswith(f"{tmp_path}/2.yaml:1:1: more than 250 bytes of manifests in all")
    assert allowance.content(tmp_path / "0.yaml") != (tmp_path / "0.yaml").read_bytes()
