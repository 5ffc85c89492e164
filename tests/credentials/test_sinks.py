"""The contract of a sink: what the executor relies on, asked of every type."""

import base64
import json
import logging
import re
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from lebots.core.fieldnames import PRESETS
from lebots.core.ports import INTENT_CLOSED, INTENT_OPEN
from lebots.core.secret import Secret
from lebots.credentials import Credential
from lebots.credentials.renamed import RenamedSink
from lebots.errors import SinkError
from tests.credentials.places import (
    CANARY,
    PLACES,
    Place,
    credential,
    json_file,
    place,
    values_of,
)

KEYS = ["a/b", "..", "-rf", "~root", "Zoë 2", "a%2Fb", "{account}", "x" * 100, "a\n::error::b"]


@pytest.fixture(params=PLACES)
def here(request: pytest.FixtureRequest, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Place:
    caplog.set_level(logging.DEBUG)
    return place(request.param, tmp_path, request)


def test_a_probe_leaves_nothing_behind(here: Place) -> None:
    before = here.everything()
    here.sink.probe()
    assert here.everything() == before


def test_a_probe_keeps_what_is_there(here: Place) -> None:
    here.sink.write(credential())
    before = here.everything()
    here.sink.probe()
    assert here.everything() == before


def test_what_is_missing_is_none(here: Place) -> None:
    assert here.sink.read_back("10000001", "routing-bot") is None
    assert here.sink.read("10000001", "routing-bot") is None


def test_what_was_written_is_read_back(here: Place) -> None:
    here.sink.write(credential())
    assert here.sink.read_back("10000001", "routing-bot") == "id-1"
    found = here.sink.read("10000001", "routing-bot")
    assert values_of(found) == values_of(credential())
    assert found
    assert (found.account, found.key, found.id) == ("10000001", "routing-bot", "id-1")
    assert all(isinstance(value, Secret) for value in found.values.values())
    assert here.sink.read_back("10000001", "another-bot") is None


def test_a_newer_credential_of_the_same_key_replaces_the_old_one(here: Place) -> None:
    for client, secret in (("id-1", "one"), ("id-2", "two"), ("id-1", "one")):
        here.sink.write(credential(client=client, secret=secret))
        assert here.sink.read_back("10000001", "routing-bot") == client
        assert values_of(here.sink.read("10000001", "routing-bot"))["LP_SECRET"] == secret


def test_a_key_can_be_announced_before_it_is_made(here: Place) -> None:
    for intent in (INTENT_OPEN, INTENT_CLOSED):
        here.sink.write(Credential("10000001", "routing-bot", intent, {}))
        assert here.sink.read_back("10000001", "routing-bot") == intent
        assert values_of(here.sink.read("10000001", "routing-bot")) == {}
    here.sink.write(credential())
    assert here.sink.read_back("10000001", "routing-bot") == "id-1"


def test_a_credential_of_another_account_is_kept(here: Place) -> None:
    here.sink.write(credential(account="1"))
    before = here.everything()
    for attempt in (
        lambda: here.sink.read_back("2", "routing-bot"),
        lambda: here.sink.read("2", "routing-bot"),
        lambda: here.sink.write(credential(account="2")),
    ):
        with pytest.raises(SinkError, match="another account"):
            attempt()
    assert here.everything() == before


@pytest.mark.parametrize("here", [one for one in PLACES if one != "command"], indirect=True)
def test_what_lebots_did_not_write_is_kept(here: Place) -> None:
    assert here.foreign
    here.foreign()
    before = here.everything()
    attempts: list[Callable[[], object]] = [
        lambda: here.sink.read_back("10000001", "routing-bot"),
        lambda: here.sink.write(credential()),
    ]
    for attempt in attempts:
        with pytest.raises(SinkError):
            attempt()
    assert here.everything() == before


def test_what_is_torn_is_an_error_and_can_be_written_again(here: Place) -> None:
    here.sink.write(credential())
    here.tear()
    for attempt in (here.sink.read, here.sink.read_back):
        with pytest.raises(SinkError):
            attempt("10000001", "routing-bot")
    here.sink.write(credential(client="id-2"))
    assert here.sink.read_back("10000001", "routing-bot") == "id-2"


@pytest.mark.parametrize("here", ["dotenv", "json_file", "command", "vault", "aws"], indirect=True)
def test_any_name_of_a_key_is_kept_apart(here: Place) -> None:
    for number, key in enumerate(KEYS):
        here.sink.write(credential(key, client=f"id-{number}"))
    for number, key in enumerate(KEYS):
        assert here.sink.read_back("10000001", key) == f"id-{number}"
        assert here.sink.place("10000001", key).isprintable()


def test_no_secret_is_shown(here: Place, caplog: pytest.LogCaptureFixture) -> None:
    here.sink.probe()
    here.sink.write(credential())
    shown = [repr(here.sink), str(here.sink), here.sink.place("10000001", "routing-bot")]
    shown.append(repr(here.sink.read("10000001", "routing-bot")))
    attempts: list[tuple[Callable[[], object], Callable[[], object]]] = [
        (lambda: here.sink.write(credential(account="2")), lambda: None),
        (lambda: here.sink.read("10000001", "routing-bot"), here.tear),
    ]
    for attempt, prepare in attempts:
        prepare()
        with pytest.raises(SinkError) as caught:
            attempt()
        found = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
        shown += found.format()
    shown.append(caplog.text)
    encoded = base64.b64encode(CANARY.encode()).decode()
    for text in shown:
        assert CANARY not in text
        assert encoded[:-4] not in text
        assert "root" not in re.sub("routing|root/|pytest-of-root|/root", "", text).split()


def test_a_sink_with_other_names_delivers_those(here: Place) -> None:
    sink = RenamedSink(here.sink, PRESETS["oauth2"])
    sink.probe()
    sink.write(credential())
    assert sink.read_back("10000001", "routing-bot") == "id-1"
    assert values_of(here.sink.read("10000001", "routing-bot")) == {
        "account": "10000001",
        "client_id": "id-1",
        "client_secret": CANARY,
    }
    assert values_of(sink.read("10000001", "routing-bot")) == {
        "LP_ACCOUNT": "10000001",
        "LP_APPKEY": "id-1",
        "LP_SECRET": CANARY,
    }
    assert sink.read("10000001", "missing") is None
    assert (sink.name, sink.place("1", "k")) == ("runtime", here.sink.place("1", "k"))


def test_names_chosen_later_do_not_hide_what_is_stored(here: Place) -> None:
    here.sink.write(credential())
    found = RenamedSink(here.sink, PRESETS["oauth2"]).read("10000001", "routing-bot")
    assert values_of(found) == values_of(credential())


def test_a_secret_without_a_name_is_not_left_behind(here: Place) -> None:
    sink = RenamedSink(here.sink, {"LP_APPKEY": "id"})
    before = here.everything()
    with pytest.raises(SinkError, match="no name for LP_SECRET, which is secret") as caught:
        sink.write(credential())
    assert CANARY not in str(caught.value)
    assert here.everything() == before


def test_a_character_no_text_can_hold_is_refused_by_name(here: Place) -> None:
    broken = Credential("10000001", "routing-bot", "i", {"LP_SECRET": Secret(CANARY + "\ud800")})
    with pytest.raises(SinkError, match="LP_SECRET holds a character") as caught:
        here.sink.write(broken)
    assert CANARY not in str(caught.value)
    assert here.sink.read_back("10000001", "routing-bot") is None


def test_the_json_file_is_one_flat_document(tmp_path: Path) -> None:
    json_file(tmp_path).sink.write(credential())
    found = json.loads((tmp_path / "s/routing-bot.env").read_text())
    assert found.pop("LEBOTS_CREDENTIAL").startswith('{"account": "10000001", "id": "id-1", ')
    assert found == values_of(credential())
