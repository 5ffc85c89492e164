"""Stores on the network when they fail: what is done, what is not, and what nobody knows."""

import json
import logging
import re
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3
import certifi
import hvac
import pytest

from lebots.core.model.ports import Sink
from lebots.core.model.secret import Secret
from lebots.credentials import aws as aws_module
from lebots.credentials import vault as vault_module
from lebots.credentials.stores import aws_store, vault_store
from lebots.credentials.stores.versioned import VersionedSink
from lebots.errors import SinkError, SinkMoved, SinkOutcomeUnknown, SinkRefused, SinkUnavailable
from lebots.install import adding
from tests.credentials.conftest import Server, free_port
from tests.credentials.places import (
    CANARY,
    Place,
    aws,
    aws_sink,
    credential,
    values_of,
    vault,
    vault_sink,
)
from tests.credentials.wire import Wire, wire_to
from tests.night import by_day

ME = ("10000001", "routing-bot")


@dataclass
class Line:
    """One store, reached directly and over a wire that can fail."""

    wire: Wire
    sink: Sink
    """Over the wire."""
    direct: Place
    checks: bool
    """Whether the store has check-and-set; Secrets Manager has not, there the last one stands."""

    def stored(self) -> str | None:
        return self.direct.sink.read_back("10000001", "routing-bot")


@pytest.fixture(params=["vault", "aws"])
def line(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    monkeypatch.setattr("lebots.credentials.stores.versioned._LAG", (0.0, 0.0))
    is_vault = request.param == "vault"
    server: Server = request.getfixturevalue("bao" if is_vault else "moto")
    direct = vault(server) if is_vault else aws(server)
    assert isinstance(direct.sink, VersionedSink)
    template = direct.sink._template
    with wire_to(server) as wire:
        over = vault(wire.server, template) if is_vault else aws(wire.server, template)
        yield Line(wire, over.sink, direct, checks=is_vault)


def impatient(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    for store in (vault_store, aws_store):
        monkeypatch.setattr(store, "READ_SECONDS", seconds)


@pytest.mark.parametrize("known", by_day([False, True], [True]))
@pytest.mark.parametrize("fault", ["lost", "gone", "500", "500 after", "page", "redirect"])
def test_a_write_whose_answer_was_lost_once_is_stored_once(
    line: Line, fault: str, known: bool
) -> None:
    if known:
        line.direct.sink.write(credential(client="old"), None)
    line.wire.faults = [fault]
    line.sink.write(credential(client="new"), "old" if known else None)
    assert line.stored() == "new"
    assert line.wire.writes == (1 if fault in ("lost", "500 after") else 2)
    assert "trap" not in line.wire.requests


def test_a_write_that_hangs_is_stored_once(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    impatient(monkeypatch, 1.0)
    line.wire.faults = ["hang"]
    line.sink.write(credential(client="new"), None)
    assert line.stored() == "new"
    assert line.wire.writes == 2


def test_a_write_that_is_lost_twice_is_unknown_where_nothing_is_stored(line: Line) -> None:
    line.wire.faults = ["gone", "gone"]
    with pytest.raises(SinkOutcomeUnknown, match="may or may not be written"):
        line.sink.write(credential(), None)
    assert line.stored() is None
    line.sink.write(credential(), None)
    assert line.stored() == "id-1"


def test_a_write_is_unknown_where_nobody_can_look(line: Line) -> None:
    line.wire.faults, line.wire.always = ["lost"], "gone"
    with pytest.raises(SinkOutcomeUnknown, match="looking for it failed"):
        line.sink.write(credential(), None)
    assert line.stored() == "id-1"


def test_a_refused_write_wrote_nothing_and_says_why(line: Line) -> None:
    line.wire.faults = ["403"]
    with pytest.raises(SinkRefused, match=r"403.*docs/sinks\.md has one") as caught:
        line.sink.write(credential(), None)
    assert line.wire.writes == 1
    assert line.stored() is None
    found = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    text = "".join(found.format())
    assert "permission" not in str(caught.value).lower(), "status and known codes alone"
    assert CANARY not in text


@pytest.mark.parametrize("fault", ["gone", "403", "500", "page", "redirect", "hang"])
def test_what_cannot_be_read_is_not_absent(
    line: Line, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if fault == "hang":
        impatient(monkeypatch, 0.2)
    line.wire.always = fault
    for attempt in (line.sink.read, line.sink.read_back):
        with pytest.raises(SinkError):
            attempt("10000001", "routing-bot")


@pytest.mark.parametrize("fault", ["gone", "403", "500"])
def test_a_probe_tells_what_fails_and_leaves_nothing(line: Line, fault: str) -> None:
    line.wire.faults = [fault, fault]
    with pytest.raises(SinkError):
        line.sink.probe()
    assert line.direct.everything() == {}


def test_a_probe_that_cannot_be_removed_says_so(line: Line) -> None:
    line.wire.faults = ["pass", "403"]
    with pytest.raises(SinkError, match="the probe is left behind, remove it"):
        line.sink.probe()


def test_another_writer_in_the_same_moment_is_told(line: Line) -> None:
    line.direct.sink.write(credential(client="old"), None)
    line.wire.between = lambda: line.direct.sink.write(credential(client="other"), "old")
    if line.checks:
        with pytest.raises(SinkMoved, match="somebody else wrote there in the same moment"):
            line.sink.write(credential(client="mine"), "old")
        assert line.stored() == "other"
    else:
        line.sink.write(credential(client="mine"), "old")
        assert line.stored() == "mine"


def test_two_that_make_the_first_in_the_same_moment_are_told(line: Line) -> None:
    line.wire.between = lambda: line.direct.sink.write(credential(client="other"), None)
    with pytest.raises(SinkMoved, match="somebody else wrote there in the same moment"):
        line.sink.write(credential(client="mine"), None)
    assert line.stored() == "other"


@pytest.mark.parametrize("again", [False, True])
def test_of_two_notes_in_the_same_moment_one_stands(line: Line, again: bool) -> None:
    if again:
        line.direct.sink.announce(*ME, "before")
        line.direct.sink.withdraw(*ME, "before")
    line.wire.between = lambda: line.direct.sink.announce(*ME, "other")
    line.sink.announce(*ME, "mine")
    assert line.sink.announced(*ME) == line.direct.sink.announced(*ME) == "other"


@pytest.mark.parametrize("fault", ["lost", "gone", "500", "500 after"])
def test_a_note_whose_answer_was_lost_once_stands(line: Line, fault: str) -> None:
    line.wire.faults = [fault]
    line.sink.announce(*ME, "mine")
    assert line.direct.sink.announced(*ME) == "mine"


def test_a_note_that_was_withdrawn_in_the_same_moment_is_gone(line: Line) -> None:
    line.sink.announce(*ME, "mine")
    line.wire.between = lambda: line.direct.sink.withdraw(*ME, "mine")
    line.sink.withdraw(*ME, "mine")
    assert line.direct.sink.announced(*ME) is None


def test_a_writer_right_after_ours_is_told(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(line.sink, VersionedSink)
    other = credential(client="other")
    monkeypatch.setattr(line.sink, "_wait", lambda _: line.direct.sink.write(other, "id-1"))
    with pytest.raises(SinkError, match="what was written cannot be read back"):
        line.sink.write(credential(), None)
    assert line.stored() == "other"


def test_a_server_that_is_not_there_was_not_reached(line: Line) -> None:
    nowhere = Server(free_port())
    for place in (vault(nowhere), aws(nowhere)):
        for attempt in (
            place.sink.probe,
            lambda sink=place.sink: sink.write(credential(), None),
            lambda sink=place.sink: sink.read_back("1", "k"),
        ):
            with pytest.raises(SinkUnavailable, match="not sent"):
                attempt()


def test_the_environment_turns_nothing_elsewhere(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "AWS_ENDPOINT_URL", "VAULT_ADDR"):
        monkeypatch.setenv(name, nowhere)
        monkeypatch.setenv(name.lower(), nowhere)
    monkeypatch.setenv("VAULT_TOKEN", "another")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nonexistent")
    monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", nowhere)
    line.sink.write(credential(), None)
    assert line.stored() == "id-1"


def test_nothing_is_logged_that_holds_a_secret(
    line: Line, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        line.wire.faults = ["lost"]
        line.sink.write(credential(), None)
        line.sink.read("10000001", "routing-bot")
    assert CANARY not in caplog.text


@pytest.mark.parametrize("module", ["vault_store", "aws_store"])
def test_a_library_that_is_missing_is_named(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, f"lebots.credentials.stores.{module}")
    monkeypatch.setitem(sys.modules, "hvac", None)
    monkeypatch.setitem(sys.modules, "boto3", None)
    sink = vault(Server(1)).sink if module == "vault_store" else aws(Server(1)).sink
    extra = module.partition("_")[0]
    with pytest.raises(SinkUnavailable, match=re.escape(adding(extra))):
        sink.probe()


# Vault alone


def over(server: Server, token: str = "root", **more: Any) -> Sink:
    return vault_sink(server, "x/{name}", lambda: Secret(token), "1", **more)


def test_a_certificate_nobody_vouches_for_is_not_trusted(bao: Server) -> None:
    with pytest.raises(SinkUnavailable, match="is not trusted; name its CA in the sink's ca"):
        over(bao, ca=None).probe()


def test_certificates_of_the_project_are_in_place_of_the_usual_ones(
    bao: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(bao.ca))
    with pytest.raises(SinkUnavailable, match="is not trusted"):
        over(bao, ca=Path(certifi.where())).probe()


def test_a_file_of_certificates_that_is_none_is_told(bao: Server) -> None:
    with pytest.raises(SinkUnavailable, match="is not a file of CA certificates"):
        over(bao, ca=Path(__file__)).probe()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"token": "wrong-token-0123"}, 'answers 403: "permission denied"; does the policy'),
        ({"token": "tökén"}, "its token holds a character outside ASCII"),
        ({"mount": "nowhere"}, "answers 404: .*is the mount right"),
        ({"namespace": "nowhere"}, "answers 40[34]"),
    ],
)
def test_a_wrong_setting_of_vault_is_told(bao: Server, more: dict[str, str], words: str) -> None:
    attempts: list[Callable[[Sink], object]] = [
        lambda sink: sink.probe(),
        lambda sink: sink.read_back("1", "k"),
    ]
    for attempt in attempts:
        with pytest.raises(SinkError, match=words) as caught:
            attempt(over(bao, **more))
        assert more.get("token", "\0") not in str(caught.value)


def test_an_engine_of_another_version_is_told(bao: Server) -> None:
    with pytest.raises(SinkError, match="not one of a KV engine of version 2"):
        over(bao, mount="cubbyhole").probe()


def test_a_token_is_asked_for_on_first_use_only(bao: Server) -> None:
    asked = []

    def token() -> Secret:
        asked.append(1)
        return Secret("root")

    sink = vault_sink(bao, "once/{name}", token, "1")
    assert repr(sink)
    assert sink.place("1", "k") == f"{bao.address} secret/once/k"
    assert asked == []
    sink.probe()
    sink.read_back("1", "k")
    assert asked == [1]


def kv(server: Server) -> Any:
    return hvac.Client(server.address, "root", verify=str(server.ca)).secrets.kv.v2


@pytest.mark.parametrize("how", ["deleted", "destroyed", "all versions gone"])
def test_after_a_deletion_there_is_nothing_and_it_can_be_written_again(
    bao: Server, how: str
) -> None:
    sink = vault_sink(bao, f"{how.replace(' ', '')}/{{name}}", account="1")
    sink.write(credential(account="1"), None)
    path = f"{how.replace(' ', '')}/routing-bot"
    if how == "deleted":
        kv(bao).delete_latest_version_of_secret(path)
    elif how == "destroyed":
        kv(bao).destroy_secret_versions(path, [1])
    else:
        kv(bao).delete_metadata_and_all_versions(path)
    assert sink.read_back("1", "routing-bot") is None
    sink.write(credential(account="1", client="id-2"), None)
    assert sink.read_back("1", "routing-bot") == "id-2"


def test_the_policy_of_the_documentation_is_enough_and_no_more(bao: Server) -> None:
    page = (Path(__file__).parents[2] / "docs/sinks.md").read_text()
    policy = page.split("```hcl\n")[1].split("```")[0]
    root = hvac.Client(bao.address, "root", verify=str(bao.ca))
    root.sys.create_or_update_policy("lebots", policy)
    token = root.auth.token.create(policies=["lebots"], no_default_policy=True)

    def sink(account: str) -> VersionedSink:
        template = "bots/{account}/{name}"
        client = token["auth"]["client_token"]
        return vault_sink(bao, template, lambda: Secret(client), account)

    allowed = sink("12345678")
    allowed.probe()
    allowed.announce("12345678", "routing-bot", "one")
    allowed.write(credential(account="12345678"), None)
    allowed.withdraw("12345678", "routing-bot", "one")
    assert allowed.announced("12345678", "routing-bot") is None
    assert allowed.read_back("12345678", "routing-bot") == "id-1"
    with pytest.raises(SinkRefused, match="403"):
        sink("87654321").probe()


@pytest.mark.parametrize(("name", "limit"), [("MAX_SIZE", 100), ("TOTAL_SECONDS", 0.0)])
def test_an_answer_without_end_is_given_up(
    bao: Server, monkeypatch: pytest.MonkeyPatch, name: str, limit: float
) -> None:
    here = vault(bao)
    here.sink.write(credential(), None)
    monkeypatch.setattr(vault_store, name, limit)
    with pytest.raises(SinkError, match="no answer: ReadTimeout"):
        here.sink.read_back("10000001", "routing-bot")


# Secrets Manager alone


def test_a_secret_made_empty_by_other_tools_is_filled(moto: Server) -> None:
    here = aws(moto, "terraform/{name}")
    client = boto3.client("secretsmanager", "eu-central-1", endpoint_url=moto.address)
    client.create_secret(Name="terraform/routing-bot")
    assert here.sink.read_back("10000001", "routing-bot") is None
    here.sink.write(credential(), None)
    assert here.sink.read_back("10000001", "routing-bot") == "id-1"


def test_a_new_secret_is_encrypted_with_the_chosen_key(moto: Server) -> None:
    aws(moto, "kms/{name}", kmsKeyId="alias/bots").sink.write(credential(), None)
    client = boto3.client("secretsmanager", "eu-central-1", endpoint_url=moto.address)
    found = client.describe_secret(SecretId="kms/routing-bot")
    assert found["KmsKeyId"] == "alias/bots"
    assert found["Description"] == "Written by lebots; do not edit"


def test_a_secret_marked_for_deletion_is_told(moto: Server) -> None:
    here = aws(moto, "marked/{name}")
    here.sink.write(credential(), None)
    client = boto3.client("secretsmanager", "eu-central-1", endpoint_url=moto.address)
    client.delete_secret(SecretId="marked/routing-bot")
    with pytest.raises(SinkRefused, match="marked for deletion, restore it or wait"):
        here.sink.read_back("10000001", "routing-bot")


def test_a_note_that_is_still_being_removed_is_gone_and_waited_for(
    moto: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Secrets Manager removes in the background, and refuses the name until it has."""
    here = aws(moto, "fading/{name}")
    client = boto3.client("secretsmanager", "eu-central-1", endpoint_url=moto.address)
    here.sink.announce(*ME, "before")
    client.delete_secret(SecretId="fading/routing-bot.intent")
    assert here.sink.announced(*ME) is None
    here.sink.withdraw(*ME)
    waits = []

    def waited(seconds: float) -> None:
        waits.append(seconds)
        if seconds >= 2:
            name = "fading/routing-bot.intent"
            client.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)

    with monkeypatch.context() as patch:
        patch.setattr(here.sink, "_wait", lambda seconds: waits.append(seconds))
        with pytest.raises(SinkRefused, match="marked for deletion, restore it or wait"):
            here.sink.announce(*ME, "mine")
    monkeypatch.setattr(here.sink, "_wait", waited)
    here.sink.announce(*ME, "mine")
    assert waits[:5] == [0.5, 1.0, 2.0, 4.0, 8.0]
    assert waits[5:8] == [0.5, 1.0, 2.0]
    assert here.sink.announced(*ME) == "mine"


def test_without_credentials_or_region_nothing_is_sent(
    moto: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SinkUnavailable, match="no region; write region in the sink"):
        aws_sink(moto, "{name}").probe()
    with pytest.raises(SinkUnavailable, match="ProfileNotFound"):
        aws(moto, profile="nobody").sink.probe()
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(SinkUnavailable, match="no credentials of AWS are set up here"):
        aws(moto).sink.probe()


def test_the_address_of_aws_is_its_own_unless_the_project_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SECRETS_MANAGER"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    none = {setting.name: setting.default for setting in aws_module.SINK.settings}
    store = aws_store.AwsStore({**none, "region": "eu-central-1"})
    address = "https://secretsmanager.eu-central-1.amazonaws.com"
    assert store._client.meta.endpoint_url == address


def test_the_secret_string_is_one_flat_document(moto: Server) -> None:
    here = aws(moto)
    here.sink.write(credential(), None)
    (text,) = here.everything().values()
    found = json.loads(text)
    assert found.pop("LEBOTS_CREDENTIAL")
    assert found == values_of(credential())


def test_the_stores_are_only_imported_when_used() -> None:
    for module in (aws_module, vault_module):
        assert not {name for name, part in vars(module).items() if isinstance(part, ModuleType)}
