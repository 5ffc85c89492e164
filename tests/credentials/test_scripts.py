"""The scripts of docs/sinks/, with made-up programs in the place of gh, kubectl and op."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from lebots.errors import SinkError, SinkMoved, SinkOutcomeUnknown, SinkRefused
from tests.credentials.places import CANARY, SCOPES, Script, credential, values_of
from tests.night import by_day

ME = ("10000001", "routing-bot")
READABLE = ["kubernetes_secret", "onepassword_item"]


@pytest.mark.parametrize("name", SCOPES)
def test_probe_write_and_read_back(tmp_path: Path, name: str) -> None:
    script = Script(tmp_path, name)
    sink = script.sink()
    sink.probe()
    assert script.kept == {}
    assert sink.read_back(*ME) is None
    sink.announce(*ME, "one")
    assert sink.read_back(*ME) is None
    sink.write(credential(), None)
    sink.announce(*ME, "two")
    assert (sink.announced(*ME), sink.read_back(*ME)) == ("one", "id-1")
    sink.withdraw(*ME, "two")
    assert sink.announced(*ME) == "one"
    sink.withdraw(*ME, "one")
    assert sink.announced(*ME) is None
    sink.write(credential(client="id-2"), "id-1")
    assert sink.read_back(*ME) == "id-2"
    with pytest.raises(SinkMoved):
        sink.write(credential(client="id-3"), "id-1")
    attempts: list[Callable[[], object]] = [
        lambda: sink.write(credential(account="2"), None),
        lambda: sink.read_back("2", "routing-bot"),
    ]
    for attempt in attempts:
        with pytest.raises(SinkRefused, match="another account"):
            attempt()
    assert CANARY not in script.arguments


@pytest.mark.parametrize("name", READABLE)
def test_stores_that_give_secrets_back(tmp_path: Path, name: str) -> None:
    script = Script(tmp_path, name)
    sink = script.sink()
    assert sink.read(*ME) is None
    sink.write(credential(), None)
    assert values_of(sink.read(*ME)) == values_of(credential())


@pytest.mark.parametrize("name", READABLE)
def test_what_is_torn_or_foreign_is_told(tmp_path: Path, name: str) -> None:
    script = Script(tmp_path, name)
    sink = script.sink()
    sink.write(credential(), None)
    whole = (tmp_path / "state").read_text()
    if name == "kubernetes_secret":
        script.change(lambda one: one["data"].clear())
    else:
        script.change(lambda one: one.update(fields=one["fields"][-1:]))
    with pytest.raises(SinkError, match="damaged or incomplete"):
        sink.read_back(*ME)
    (tmp_path / "state").write_text(whole)
    if name == "kubernetes_secret":
        script.change(lambda one: one["metadata"]["annotations"].clear())
    else:
        script.change(lambda one: one["fields"].pop())
    foreign = script.kept
    with pytest.raises(SinkRefused):
        sink.write(credential(client="id-2"), None)
    assert script.kept == foreign


@pytest.mark.parametrize(
    ("name", "call", "words"),
    [
        ("github_secrets", "secret set", "403: Resource not accessible"),
        ("kubernetes_secret", "create", "secrets is forbidden"),
        ("onepassword_item", "item create", "403: Forbidden"),
    ],
)
def test_a_program_that_fails_is_told_in_its_words(
    tmp_path: Path, name: str, call: str, words: str
) -> None:
    script = Script(tmp_path, name)
    with pytest.raises(SinkError, match=f'"probe" ended with exit code 1; it says .*{words}'):
        script.sink(call).probe()
    with pytest.raises(SinkOutcomeUnknown, match='"write" ended with exit code 1; the') as caught:
        script.sink(call).write(credential(), None)
    assert CANARY not in str(caught.value)
    assert script.sink().read_back(*ME) is None


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("github_secrets", "variable list"),
        ("kubernetes_secret", "get"),
        ("onepassword_item", "item list"),
    ],
)
def test_what_cannot_be_read_is_not_absent(tmp_path: Path, name: str, call: str) -> None:
    with pytest.raises(SinkError, match='"read_back" ended with exit code 1'):
        Script(tmp_path, name).sink(call).read_back(*ME)


def test_github_shows_a_credential_only_once_it_is_complete(tmp_path: Path) -> None:
    script = Script(tmp_path, "github_secrets")
    script.sink().write(credential(), None)
    assert script.kept["secret"]["ROUTING_BOT_LP_SECRET"] == CANARY
    owner = json.loads(script.kept["variable"]["ROUTING_BOT_LEBOTS"])
    assert owner == {"account": "10000001", "key": "routing-bot", "id": "id-1"}
    with pytest.raises(SinkOutcomeUnknown):
        script.sink("secret set").write(credential(client="id-2"), "id-1")
    assert script.sink().read_back(*ME) is None
    with pytest.raises(SinkError, match="does not give secrets back"):
        script.sink().read(*ME)


@pytest.mark.parametrize("key", ["1st-bot", "github_bot", "-rf"])
def test_github_takes_no_secret_of_any_name(tmp_path: Path, key: str) -> None:
    script = Script(tmp_path, "github_secrets")
    with pytest.raises(SinkRefused, match="GitHub takes no secret of this name"):
        script.sink().write(credential(key), None)
    assert script.kept == {}


def test_kubernetes_refuses_what_was_made_or_changed_in_between(tmp_path: Path) -> None:
    """A stale answer of ``get`` is what a second writer between the look and the write makes."""
    script = Script(tmp_path, "kubernetes_secret")
    state = tmp_path / "state"
    for before, replaces in ((None, None), ("id-1", "id-1")):
        stale = state.read_text() if state.exists() else "{}"
        script.sink().write(credential(client=f"other-{before}"), replaces)
        script.stale = stale
        with pytest.raises(SinkMoved, match="somebody else wrote there in the same moment"):
            script.sink().write(credential(client="mine"), replaces)
        script.stale = ""
        assert script.sink().read_back(*ME) == f"other-{before}"
        script.sink().write(credential(client="id-1"), f"other-{before}")


def test_kubernetes_keeps_what_others_say_of_a_secret(tmp_path: Path) -> None:
    script = Script(tmp_path, "kubernetes_secret")
    script.sink().write(credential(), None)
    script.change(lambda one: one["metadata"].update(labels={"team": "bots"}))
    script.sink().write(credential(client="id-2"), "id-1")
    assert script.kept["lebots-routing-bot"]["metadata"]["labels"] == {"team": "bots"}


@pytest.mark.parametrize("name", SCOPES)
def test_a_script_compares_for_itself(tmp_path: Path, name: str) -> None:
    script = Script(tmp_path, name)
    script.sink().write(credential(), None)
    before = script.kept
    request = {"version": 1, "operation": "write", "account": ME[0], "key": ME[1], "id": "id-2"}
    for replaces in (None, "id-0"):
        text = json.dumps({**request, "replaces": replaces, "values": {"LP_SECRET": "x"}})
        assert script.run(text) == 6
    assert script.kept == before


@pytest.mark.parametrize("name", by_day(list(SCOPES), ["github_secrets"]))
def test_a_key_is_told_from_the_note_of_another(tmp_path: Path, name: str) -> None:
    sink = Script(tmp_path, name).sink()
    sink.announce(*ME, "one")
    for key in ("routing-bot-intent", "routing-bot-lebots-intent", "routing-bot-lebots"):
        assert sink.read_back(ME[0], key) is None
        sink.write(credential(key), None)
        assert sink.read_back(ME[0], key) == "id-1"
    assert sink.announced(*ME) == "one"


def test_names_that_fall_together_in_kubernetes_are_refused(tmp_path: Path) -> None:
    sink = Script(tmp_path, "kubernetes_secret").sink()
    sink.write(credential("routing-bot"), None)
    with pytest.raises(SinkRefused, match="another key"):
        sink.write(credential("Routing_Bot"), None)


def test_two_items_of_one_title_are_never_picked_from(tmp_path: Path) -> None:
    script = Script(tmp_path, "onepassword_item")
    script.sink().write(credential(), None)
    (item,) = script.kept.values()
    (tmp_path / "state").write_text(json.dumps({"item0": item, "item1": {**item, "id": "item1"}}))
    with pytest.raises(SinkRefused, match="several items have this title"):
        script.sink().read_back(*ME)
