"""Sinks in lebots.yaml: what each type needs, and what becomes of it."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lebots import credentials, kinds, project
from lebots.core.model.address import Source
from lebots.core.model.ports import Sink
from lebots.core.vendor.credential_fields import PARTS, PRESETS
from lebots.credentials.content.renamed import RenamedSink
from lebots.credentials.files.dotenv_sink import DotenvSink
from lebots.credentials.programs.command_sink import CommandSink
from lebots.credentials.stores.versioned import VersionedSink
from lebots.errors import InvalidInput
from lebots.files.yaml.writer import write
from lebots.project import Project
from lebots.project.values import ValueSource
from lebots.run.inputs.sinks import open_sinks

PAGE = (Path(__file__).parents[1] / "docs" / "sinks.md").read_text()
SINKS = credentials.load()
HEAD = "apiVersion: lebots/v1\nkind: Project\n"

DOTENV: dict[str, Any] = {"type": "dotenv", "path": "{name}.env"}
COMMAND: dict[str, Any] = {"type": "command", "command": ["store"]}
VAULT: dict[str, Any] = {
    "type": "vault",
    "address": "https://vault.example.com:8200",
    "path": "bots/{account}/{name}",
    "token": {"env": "VAULT_TOKEN"},
}
AWS: dict[str, Any] = {"type": "aws", "secretName": "bots/{name}"}

Load = Callable[[str], Project]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    monkeypatch.chdir(tmp_path)

    def of(text: str) -> Project:
        Path("lebots.yaml").write_text(text, encoding="utf-8")
        return project.load(Path(), SINKS, {})

    return of


def document(entry: dict[str, Any]) -> str:
    return write({"apiVersion": "lebots/v1", "kind": "Project", "sinks": {"mine": entry}})


def told(load: Load, entry: dict[str, Any]) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        load(document(entry))
    return [str(finding) for finding in caught.value.findings]


def test_every_setting_of_every_type(load: Load) -> None:
    vault = {**VAULT, "mount": "kv/team", "namespace": "a/b", "ca": "ca.pem"}
    aws = {**AWS, "region": "eu-central-1", "profile": "bots", "kmsKeyId": "alias/bots"}
    token = ValueSource(Source("lebots.yaml", 9, 7), env="VAULT_TOKEN")
    for entry, read in (
        (vault, {"token": token, "ca": Path("ca.pem")}),
        ({**aws, "endpoint": "http://localhost:5000"}, {}),
        ({**COMMAND, "timeout": 5}, {}),
        ({**DOTENV, "format": "json"}, {}),
    ):
        found = load(document(entry)).sinks["mine"]
        assert (found.name, found.type) == ("mine", SINKS[entry["type"]])
        assert {"type": found.type.name, **found.settings} == {**entry, **read}


def test_what_is_not_written_is_as_by_default(load: Load) -> None:
    for entry, rest in (
        (VAULT, {"mount": "secret", "namespace": None, "ca": None}),
        (AWS, dict.fromkeys(("region", "profile", "endpoint", "kmsKeyId"))),
        (COMMAND, {"timeout": 60}),
        (DOTENV, {"format": "env"}),
    ):
        settings = load(document(entry)).sinks["mine"].settings
        assert {name: settings[name] for name in settings.keys() - entry.keys()} == rest


def test_the_findings_of_a_sink_have_their_places(load: Load) -> None:
    text = HEAD + "sinks:\n  mine: {type: vault, address: 'http://vault', path: x}\n"
    with pytest.raises(InvalidInput) as caught:
        load(text)
    assert [str(finding) for finding in caught.value.findings] == [
        'lebots.yaml:4:3: the field "token" is missing, needed where type is vault',
        "lebots.yaml:4:32: address: must be https://host:port without a path; plain http only on "
        "localhost, such as https://vault.example.com:8200",
        "lebots.yaml:4:54: path: must be a path of letters, digits, ., _, -, =, @, + and / with "
        "{name} in it, perhaps {account}, such as bots/{account}/{name}",
    ]


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"type": "vualt"}, 'must be one of aws, command, dotenv, vault; did you mean "vault"?'),
        ({"type": "command"}, 'the field "command" is missing, needed where type is command'),
        ({"type": "aws"}, 'the field "secretName" is missing, needed where type is aws'),
        ({**COMMAND, "path": "x"}, "is not allowed where type is command; remove it"),
        ({**DOTENV, "token": {"env": "X"}}, "is not allowed where type is dotenv; remove it"),
        ({**AWS, "format": "json"}, "is not allowed where type is aws; remove it"),
        ({**COMMAND, "command": "store it"}, "must be a list: put it in brackets"),
        ({**COMMAND, "command": []}, "must hold at least 1"),
        ({**COMMAND, "timeout": 0}, "0 is not at least 1"),
        ({**COMMAND, "timeout": 601}, "601 is not at most 600"),
        ({**DOTENV, "format": "yaml"}, "must be one of env, json"),
        ({**VAULT, "token": "hvs.c4n4ry"}, "never stand in the file; name a variable"),
        ({**VAULT, "token": {"value": "c4n4ry"}}, 'there is no "value"'),
        ({**VAULT, "address": "http://vault.example.com"}, "must be https://host:port"),
        ({**VAULT, "address": "https://u:p@vault"}, "must be https://host:port"),
        ({**VAULT, "address": "https://vault/v1"}, "must be https://host:port"),
        ({**VAULT, "path": "bots"}, "with {name} in it"),
        ({**VAULT, "path": "/bots/{name}"}, "must be a path"),
        ({**VAULT, "path": "a/../{name}"}, "must be a path"),
        ({**VAULT, "path": "a//{name}"}, "must be a path"),
        ({**VAULT, "mount": "../sys"}, "must be a path"),
        ({**AWS, "secretName": "bots"}, "with {name} in it"),
        ({**AWS, "secretName": "b ts/{name}"}, "must be letters, digits"),
        ({**AWS, "region": "Frankfurt"}, "must be a region such as eu-central-1"),
        ({**AWS, "endpoint": "http://10.0.0.1"}, "must be https://host:port"),
        ({**DOTENV, "fields": "oauth"}, 'must be one of lebots, oauth2; did you mean "oauth2"?'),
        ({**DOTENV, "fields": 3}, "must be text or a mapping of fields"),
        ({**DOTENV, "fields": {"LP_SECRET": "x"}}, 'the field "LP_APPKEY" is missing'),
        ({**DOTENV, "fields": {"LP_USER": "x"}}, 'there is no "LP_USER"'),
        ({**DOTENV, "fields": {"LP_APPKEY": "a b", "LP_SECRET": "x"}}, "must be a name of letters"),
        (
            {**DOTENV, "fields": {"LP_APPKEY": "LEBOTS_CREDENTIAL", "LP_SECRET": "x"}},
            "other than LEBOTS_CREDENTIAL",
        ),
        ({**AWS, "fields": {"LP_APPKEY": "x", "LP_SECRET": "x"}}, "another part has this name"),
        ({**DOTENV, "fields": {"LP_APPKEY": "a-b", "LP_SECRET": "x"}}, "or write format: json"),
    ],
)
def test_what_a_sink_may_not_say(load: Load, entry: dict[str, Any], words: str) -> None:
    found = told(load, entry)
    assert any(words in one for one in found), found
    assert "c4n4ry" not in "".join(found)


@pytest.mark.parametrize(
    "entry",
    [
        {**VAULT, "address": "http://localhost:8200"},
        {**VAULT, "address": "https://vault/"},
        {**VAULT, "path": "{name}"},
        {**VAULT, "token": {"file": "token"}},
        {**AWS, "secretName": "{account}@{name}"},
        {**AWS, "region": "us-gov-west-1"},
        {**AWS, "fields": {"LP_APPKEY": "client-id", "LP_SECRET": "client.secret"}},
        {**DOTENV, "format": "json", "fields": {"LP_APPKEY": "a-b", "LP_SECRET": "x"}},
        {**COMMAND, "fields": "lebots"},
    ],
)
def test_what_a_sink_may_say(load: Load, entry: dict[str, Any]) -> None:
    assert list(load(document(entry)).sinks) == ["mine"]


@pytest.mark.parametrize("text", re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL))
def test_the_examples_of_the_page_are_projects(load: Load, text: str) -> None:
    found = open_sinks(load(text), "12345678")
    assert found
    for name, sink in found.items():
        assert sink.name == name
        assert sink.place("12345678", "routing-bot")


@pytest.mark.parametrize(
    ("entry", "type_", "shown"),
    [
        (DOTENV, DotenvSink, "bot.env"),
        (COMMAND, CommandSink, "store"),
        (VAULT, VersionedSink, "https://vault.example.com:8200 secret/bots/12345678/bot"),
        (AWS, VersionedSink, "AWS secret bots/bot"),
        ({**AWS, "fields": "oauth2"}, RenamedSink, "AWS secret bots/bot"),
    ],
)
def test_sinks_are_opened_by_type(
    load: Load, entry: dict[str, Any], type_: type[Sink], shown: str
) -> None:
    sink = open_sinks(load(document(entry)), "12345678")["mine"]
    assert type(sink) is type_
    assert sink.place("12345678", "bot") == shown


def test_a_token_that_is_missing_is_told_when_it_is_needed(load: Load) -> None:
    sink = open_sinks(load(document(VAULT)), "12345678")["mine"]
    with pytest.raises(InvalidInput, match=r"lebots\.yaml:\d+:\d+: the environment variable VAULT"):
        sink.probe()


def test_the_parts_are_those_the_kinds_deliver() -> None:
    delivered = {
        name
        for kind in kinds.load().values()
        if kind.delivery
        for name in (
            kind.delivery.account_as,
            kind.delivery.id_as,
            *kind.delivery.secrets.values(),
            *kind.delivery.constants,
        )
    }
    assert delivered == set(PARTS)
    secret = {n for k in kinds.load().values() if k.delivery for n in k.delivery.secrets.values()}
    for names in PRESETS.values():
        assert secret <= names.keys()
        assert len(set(names.values())) == len(names)
