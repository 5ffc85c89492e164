"""The contract of a sink: what the executor relies on, asked of every type."""

import base64
import json
import logging
import re
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from lebots.core.model.ports import Credential
from lebots.core.model.secret import Secret
from lebots.core.vendor.credential_fields import PRESETS
from lebots.credentials.content.renamed import RenamedSink
from lebots.errors import SinkError, SinkMoved, SinkRefused
from tests.credentials.places import (
    CANARY,
    PLACES,
    Place,
    credential,
    json_file,
    place,
    values_of,
)

ME = ("10000001", "routing-bot")
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
    here.sink.write(credential(), None)
    before = here.everything()
    here.sink.probe()
    assert here.everything() == before


def test_what_is_missing_is_none(here: Place) -> None:
    assert here.sink.read_back(*ME) is None
    assert here.sink.read(*ME) is None


def test_what_was_written_is_read_back(here: Place) -> None:
    here.sink.write(credential(), None)
    assert here.sink.read_back(*ME) == "id-1"
    found = here.sink.read(*ME)
    assert values_of(found) == values_of(credential())
    assert found
    assert (found.account, found.key, found.id) == ("10000001", "routing-bot", "id-1")
    assert all(isinstance(value, Secret) for value in found.values.values())
    assert here.sink.read_back("10000001", "another-bot") is None


def test_a_newer_credential_of_the_same_key_replaces_the_one_that_was_seen(here: Place) -> None:
    before = None
    for client, secret in (("id-1", "one"), ("id-2", "two"), ("id-1", "one")):
        here.sink.write(credential(client=client, secret=secret), before)
        assert here.sink.read_back(*ME) == client
        assert values_of(here.sink.read(*ME))["LP_SECRET"] == secret
        before = client


# Two writers


@pytest.mark.parametrize("seen", [None, "id-0"])
def test_what_the_plan_did_not_see_is_never_written_over(here: Place, seen: str | None) -> None:
    here.sink.write(credential(client="id-1"), None)
    before = here.everything()
    with pytest.raises(SinkMoved, match=r'"id-1" stands there.*somebody else was here'):
        here.sink.write(credential(client="id-2", secret="other"), seen)
    assert here.everything() == before


def test_what_was_taken_away_may_be_written_again(here: Place) -> None:
    here.sink.write(credential(), "id-0")
    assert here.sink.read_back(*ME) == "id-1"


def test_the_same_credential_may_be_written_twice(here: Place) -> None:
    for _ in range(2):
        here.sink.write(credential(), None)
    assert values_of(here.sink.read(*ME)) == values_of(credential())


def test_an_announced_create_is_noted_until_it_is_withdrawn(here: Place) -> None:
    assert here.sink.announced(*ME) is None
    for token in ("one", "two"):
        here.sink.announce(*ME, token)
        assert here.sink.announced(*ME) == token
        assert here.sink.read_back(*ME) is None
        assert here.sink.read(*ME) is None
        here.sink.withdraw(*ME)
        assert here.sink.announced(*ME) is None


def test_a_note_stands_beside_a_credential_and_takes_nothing_away(here: Place) -> None:
    here.sink.write(credential(), None)
    before = here.everything()
    here.sink.announce(*ME, "one")
    assert values_of(here.sink.read(*ME)) == values_of(credential())
    here.sink.write(credential(client="id-2"), "id-1")
    assert here.sink.announced(*ME) == "one"
    here.sink.withdraw(*ME, "one")
    assert here.sink.read_back(*ME) == "id-2"
    assert CANARY in str(before)


def test_an_earlier_note_stays_and_only_its_own_run_withdraws_it(here: Place) -> None:
    here.sink.announce(*ME, "first")
    here.sink.announce(*ME, "second")
    here.sink.withdraw(*ME, "second")
    assert here.sink.announced(*ME) == "first"
    here.sink.withdraw(*ME, "first")
    assert here.sink.announced(*ME) is None
    here.sink.withdraw(*ME, "first")


def test_notes_of_keys_are_kept_apart(here: Place) -> None:
    for number, key in enumerate(KEYS):
        here.sink.announce("10000001", key, f"token-{number}")
    for number, key in enumerate(KEYS):
        assert here.sink.announced("10000001", key) == f"token-{number}"
        here.sink.withdraw("10000001", key, f"token-{number}")
        assert here.sink.announced("10000001", key) is None


def test_a_note_of_another_account_is_kept(here: Place) -> None:
    here.sink.announce("1", "routing-bot", "one")
    before = here.everything()
    attempts: list[Callable[[], object]] = [
        lambda: here.sink.announced("2", "routing-bot"),
        lambda: here.sink.announce("2", "routing-bot", "two"),
        lambda: here.sink.withdraw("2", "routing-bot"),
    ]
    for attempt in attempts:
        with pytest.raises(SinkError, match="another account"):
            attempt()
    assert here.everything() == before


def test_a_credential_of_another_account_is_kept(here: Place) -> None:
    here.sink.write(credential(account="1"), None)
    before = here.everything()
    for attempt in (
        lambda: here.sink.read_back("2", "routing-bot"),
        lambda: here.sink.read("2", "routing-bot"),
        lambda: here.sink.write(credential(account="2"), None),
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
        lambda: here.sink.read_back(*ME),
        lambda: here.sink.write(credential(), None),
    ]
    for attempt in attempts:
        with pytest.raises(SinkError):
            attempt()
    assert here.everything() == before


def test_what_is_torn_is_an_error_and_is_kept(here: Place) -> None:
    """Its secret may be the only copy of one that works."""
    here.sink.write(credential(), None)
    here.tear()
    before = here.everything()
    for attempt in (here.sink.read, here.sink.read_back):
        with pytest.raises(SinkError):
            attempt(*ME)
    with pytest.raises(SinkError, match=r"move it away|remove it there"):
        here.sink.write(credential(client="id-2"), "id-1")
    assert here.everything() == before


@pytest.mark.parametrize("here", ["dotenv", "json_file", "command", "vault", "aws"], indirect=True)
def test_any_name_of_a_key_is_kept_apart(here: Place) -> None:
    for number, key in enumerate(KEYS):
        here.sink.write(credential(key, client=f"id-{number}"), None)
    for number, key in enumerate(KEYS):
        assert here.sink.read_back("10000001", key) == f"id-{number}"
        assert here.sink.place("10000001", key).isprintable()


def test_no_secret_is_shown(here: Place, caplog: pytest.LogCaptureFixture) -> None:
    here.sink.probe()
    here.sink.write(credential(), None)
    shown = [repr(here.sink), str(here.sink), here.sink.place(*ME)]
    shown.append(repr(here.sink.read(*ME)))
    attempts: list[tuple[Callable[[], object], Callable[[], object]]] = [
        (lambda: here.sink.write(credential(account="2"), None), lambda: None),
        (lambda: here.sink.read(*ME), here.tear),
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
    sink.write(credential(), None)
    assert sink.read_back(*ME) == "id-1"
    assert values_of(here.sink.read(*ME)) == {
        "account": "10000001",
        "client_id": "id-1",
        "client_secret": CANARY,
    }
    assert values_of(sink.read(*ME)) == {
        "LP_ACCOUNT": "10000001",
        "LP_APPKEY": "id-1",
        "LP_SECRET": CANARY,
    }
    assert sink.read("10000001", "missing") is None
    assert (sink.name, sink.place("1", "k")) == ("runtime", here.sink.place("1", "k"))


def test_names_chosen_later_do_not_hide_what_is_stored(here: Place) -> None:
    here.sink.write(credential(), None)
    found = RenamedSink(here.sink, PRESETS["oauth2"]).read(*ME)
    assert values_of(found) == values_of(credential())


def test_a_secret_without_a_name_is_not_left_behind(here: Place) -> None:
    sink = RenamedSink(here.sink, {"LP_APPKEY": "id"})
    before = here.everything()
    with pytest.raises(SinkError, match="no name for LP_SECRET, which is secret") as caught:
        sink.write(credential(), None)
    assert CANARY not in str(caught.value)
    assert here.everything() == before


@pytest.mark.parametrize("character", ["\ud800", "\n", "\r", "\0", "\x1b", "\x85", "\u2028"])
def test_a_character_that_readers_take_differently_is_refused_by_name(
    here: Place, character: str
) -> None:
    values = {"LP_SECRET": Secret(CANARY + character)}
    with pytest.raises(SinkRefused, match="LP_SECRET holds a character") as caught:
        here.sink.write(Credential(*ME, "i", values), None)
    assert CANARY not in str(caught.value)
    assert here.sink.read_back(*ME) is None


def test_the_json_file_is_one_flat_document(tmp_path: Path) -> None:
    json_file(tmp_path).sink.write(credential(), None)
    found = json.loads((tmp_path / "s/routing-bot.env").read_text())
    assert found.pop("LEBOTS_CREDENTIAL").startswith('{"account": "10000001", "id": "id-1", ')
    assert found == values_of(credential())
