"""Automatic messages: overrides of texts, by event and skill, whatever the vendor leaves open."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any

import httpx
import pytest

from lebots import kinds
from lebots.account.client import Client
from lebots.account.gateway import Gateway
from lebots.core.importer.manifest import ManifestExporter, SinkRecords
from lebots.core.manifest import names
from lebots.core.model.address import Address, Source
from lebots.core.model.change import Action, Effect, Status
from lebots.core.model.desired import Desired
from lebots.core.model.inventory import Inventory
from lebots.core.model.live import Account, Live
from lebots.core.model.options import AccountPolicy, PlanOptions
from lebots.core.model.plan import Plan
from lebots.core.planner import plan
from lebots.core.vendor.codec import decode, encode
from lebots.run.executor import Executor
from lebots.sandbox import Rules, Sandbox
from tests.kinds.worlds import codes, declared, findings, present

KINDS = kinds.load()
KIND = KINDS["AutomaticMessage"]
(ENDPOINT,) = KIND.endpoints
OPEN, CONNECTED, SILENT = (
    "CONSUMER_OPEN_NEW_CONVERSATION",
    "YOU_ARE_CONNECTED_TO",
    "CONSUMER_NON_RESPONSIVE",
)
COLLECTION = "unified-auto-messages"


def message(event: str, skill: str = "", **spec: Any) -> Desired:
    name = f"{event}@{skill}" if skill else event
    whose = {"skill": skill} if skill else {}
    return Desired(Address(KIND.name, name), {**whose, **spec}, Source("m.yaml", 1, 1))


def skill(name: str, *former: str) -> Desired:
    return Desired(Address("Skill", name), {}, Source("s.yaml", 1, 1), previously=former)


class Play:
    """An embedded account, planned and applied without files."""

    def __init__(self, sandbox: Sandbox, http: httpx.Client) -> None:
        self.sandbox = sandbox
        client = Client(sandbox.account, http, lambda service: "https://x.test")
        self.gateway = Gateway(client, KINDS)

    def plan(self, *wanted: Desired, prune: bool = False) -> Plan:
        asked = PlanOptions(prune=prune, confirmed=1 if prune else None)
        scope = {KIND.name: ("*",)} if prune else {}
        limits = AccountPolicy(scope=scope)
        self.before = Inventory(self.gateway.read(), KINDS)
        return plan(wanted, self.before, options=asked, policy=limits)

    def apply(self, found: Plan) -> None:
        outcomes = Executor(self.gateway, {}, self.before).run(found)
        assert [one.reason for one in outcomes if one.status is not Status.DONE or one.reason] == []

    def text(self, name: str) -> Mapping[str, Any]:
        found = Inventory(self.gateway.read(), KINDS).spec(KIND.name, name)
        text = (found or {})["text"]
        assert isinstance(text, Mapping)
        return text


@pytest.fixture
def play(request: pytest.FixtureRequest) -> Iterator[Play]:
    rules = Rules(**getattr(request, "param", {}))
    with closing(Sandbox(":memory:", rules=rules, now=lambda: 1_790_000_000.0)) as sandbox:
        transport = httpx.WSGITransport(app=sandbox.app)
        with httpx.Client(transport=transport, trust_env=False) as http:
            yield Play(sandbox, http)


OPEN_QUESTIONS: tuple[dict[str, Any], ...] = (
    {},
    {"message_put_missing": "refused"},
    {"message_path_id": "number"},
    {"message_path_id": "both"},
    {"message_attributes": "named"},
    {"message_attributes": "object"},
    {"message_contexts": "left_out"},
    {"message_without_override": "empty"},
    {"message_without_override": "default"},
    {"delete_answer": "object"},
    {"message_path_id": "number", "message_put_missing": "refused", "message_contexts": "left_out"},
)


@pytest.mark.parametrize("play", OPEN_QUESTIONS, indirect=True, ids=str)
def test_a_text_is_made_changed_and_taken_away_whatever_the_vendor_does(play: Play) -> None:
    first = play.plan(
        message(SILENT, "Sales", text={"de-DE": "Noch da?"}, timer=900),
        message("BACK_TO_QUEUE", text={"en-US": "Somebody else answers."}),
    )
    assert [(c.action, c.address.name) for c in first.writes] == [
        (Action.UPDATE, "BACK_TO_QUEUE"),
        (Action.CREATE, f"{SILENT}@Sales"),
    ]
    play.apply(first)
    assert play.text(f"{SILENT}@Sales") == {"de-DE": "Noch da?"}
    wanted = (
        message(SILENT, "Sales", text={"en-US": "Still there?"}, timer=30),
        message("BACK_TO_QUEUE", text={"en-US": "Somebody else answers soon."}),
    )
    second = play.plan(*wanted)
    assert {c.action for c in second.writes} == {Action.UPDATE}
    play.apply(second)
    assert play.text(f"{SILENT}@Sales") == {"de-DE": "Noch da?", "en-US": "Still there?"}
    assert play.plan(*wanted).writes == ()
    gone = play.plan(*wanted[1:], prune=True)
    assert f"{SILENT}@Sales" in [c.address.name for c in gone.writes]
    only = play.plan(
        *wanted[1:], message(SILENT, "Billing"), message(CONNECTED, "Customer care"), prune=True
    )
    (removal,) = only.writes
    text = next(part for part in removal.fields if part.path == "text")
    assert (text.before, text.after) == (
        {"de-DE": "Noch da?", "en-US": "Still there?"},
        {"en-US": "We have not heard from you. Do you still need help?"},
    )
    assert {one.effect for one in removal.effects} == {Effect.IRREVERSIBLE, Effect.CUSTOMER_TEXT}
    play.apply(only)
    assert play.plan(*wanted[1:]).writes == ()
    assert Inventory(play.gateway.read(), KINDS).at(removal.address) == ()


def test_a_new_text_of_a_skill_tells_what_customers_read_so_far(play: Play) -> None:
    (change,) = play.plan(message(OPEN, "Sales", text={"en-US": "Hi", "fr-FR": "Salut"})).writes
    assert [(part.path, part.before, part.after) for part in change.fields] == [
        ("text.en-US", "Welcome to Acme. Somebody answers within {expectedResponseTime}.", "Hi"),
        ("text.fr-FR", None, "Salut"),
    ]
    assert {one.effect for one in change.effects} == {Effect.CUSTOMER_TEXT}


def test_a_text_follows_its_renamed_skill(play: Play) -> None:
    wanted = (
        skill("Invoices", "Billing"),
        message(SILENT, "Invoices", text={"en-US": "Still there?"}),
    )
    found = play.plan(*wanted)
    assert [c.action for c in found.writes] == [Action.RENAME, Action.UPDATE]
    play.apply(found)
    assert play.plan(*wanted).writes == ()


def test_a_text_of_a_new_skill_is_made_after_it(play: Play) -> None:
    wanted = (message(OPEN, "Night", text={"en-US": "Good evening"}), skill("Night"))
    found = play.plan(*wanted)
    assert [str(c.address) for c in found.writes] == [
        "Skill/Night",
        f"AutomaticMessage/{OPEN}@Night",
    ]
    play.apply(found)
    assert play.plan(*wanted).writes == ()


def test_somebody_else_gave_the_skill_a_text_meanwhile(play: Play) -> None:
    found = play.plan(message(OPEN, "Sales", text={"en-US": "Hi"}))
    theirs = {"id": f"{OPEN}@4100200903", "number": 1, "messageEventId": OPEN, "enabled": True}
    data = [{"lang": "en-US", "msg": "Theirs"}]
    play.sandbox.put(COLLECTION, {**theirs, "skillId": 4100200903, "data": data, "attributes": []})
    (outcome,) = Executor(play.gateway, {}, play.before).run(found)
    assert (outcome.status, outcome.met) == (Status.HELD, True)
    assert play.text(f"{OPEN}@Sales") == {"en-US": "Theirs"}


def test_texts_for_all_are_never_pruned_and_built_in_ones_are_nobodys(play: Play) -> None:
    found = play.plan(prune=True)
    own = {f"{CONNECTED}@Customer care", f"{SILENT}@Billing"}
    told = {change.address for change in found.changes}
    assert {one.name for one in told if one.kind == KIND.name} == own
    managed = {one.address for one in play.before.managed}
    assert {one.name for one in managed if one.kind == KIND.name} == {OPEN, *own}


@pytest.mark.parametrize(
    "play", [{"auto_messages": 403}, {"auto_messages": 404}], indirect=True, ids=str
)
def test_an_account_without_the_feature_is_told_only_where_a_text_is_declared(play: Play) -> None:
    (refusal,) = play.plan(message(OPEN, text={"en-US": "Hi"})).refused
    assert refusal.code == "unreadable"
    assert play.plan(skill("Billing")).refused == ()


def test_skills_with_texts_of_their_own_are_told_before_the_vendor_refuses(play: Play) -> None:
    limits = AccountPolicy(scope={"Skill": ("Extra",)})
    made = play.sandbox.put("skills", {"name": "Extra"})
    own = {"id": f"{OPEN}@{made}", "number": 1, "messageEventId": OPEN, "skillId": made}
    play.sandbox.put(COLLECTION, {**own, "enabled": True, "data": [], "attributes": []})
    asked = PlanOptions(prune=True)
    found = plan(
        (skill("Billing"),), Inventory(play.gateway.read(), KINDS), options=asked, policy=limits
    )
    kept = {str(change.address): change.note for change in found.changes}
    assert kept["Skill/Extra"] == f"in scope, still used by AutomaticMessage/{OPEN}@Extra"


ATTRIBUTES: tuple[tuple[Any, Any], ...] = (
    ([{"timer": "60"}], [{"timer": "90"}]),
    ([{"name": "timer", "value": "60"}], [{"name": "timer", "value": "90"}]),
    ({"timer": "60", "timerUnit": "SECONDS"}, {"timer": "90", "timerUnit": "SECONDS"}),
    (
        [{"timer": 60, "unit": "m"}, {"repeat": "2"}],
        [{"timer": "90", "unit": "m"}, {"repeat": "2"}],
    ),
    ([{"repeat": "2"}], [{"repeat": "2"}, {"timer": "90"}]),
    ([], [{"timer": "90"}]),
    (None, [{"timer": "90"}]),
)


@pytest.mark.parametrize(("before", "after"), ATTRIBUTES, ids=str)
def test_a_timer_is_written_in_the_form_it_was_read_in(before: Any, after: Any) -> None:
    raw = {"messageEventId": SILENT, "data": [], "attributes": before}
    assert encode(KIND, ENDPOINT, {"timer": 90}, raw)["attributes"] == after
    assert decode(KIND, ENDPOINT, {**raw, "attributes": after})["timer"] == 90


def test_languages_that_nobody_declares_stay_as_they_are() -> None:
    data = [{"lang": "en-us", "msg": "Hi", "x": 1}, {"lang": "tlh-KL", "msg": "nuqneH"}]
    raw = {"messageEventId": OPEN, "data": data}
    assert decode(KIND, ENDPOINT, raw)["text"] == {"en-US": "Hi"}
    written = encode(KIND, ENDPOINT, {"text": {"en-US": "Hello", "de-DE": "Hallo"}}, raw)
    assert written["data"] == [
        {"lang": "en-us", "msg": "Hello", "x": 1},
        data[1],
        {"lang": "de-DE", "msg": "Hallo"},
    ]


@pytest.mark.parametrize(
    ("event", "spec", "expected"),
    [
        (OPEN, {"text": {"en-US": "In {expectedResponseTime}"}}, {}),
        (OPEN, {"text": {"en-US": "I am {agentNickname}"}}, {"placeholder-not-filled": "warning"}),
        (SILENT, {"text": {"en-US": "{name}?"}}, {"placeholder-not-filled": "warning"}),
        (
            "BACK_TO_QUEUE",
            {"text": {"en-US": "In {expectedResponseTime}"}},
            {"placeholder-when-late": "warning"},
        ),
        (SILENT, {"timer": 15}, {}),
        (SILENT, {"timer": 14}, {"timer-too-short": "warning"}),
        (OPEN, {"timer": 60}, {"event-without-timer": "warning"}),
        ("QUEUE_MESSAGE", {"text": {"en-US": "{x}"}, "timer": 60}, {"unknown-event": "warning"}),
    ],
)
def test_what_the_vendor_advises(
    event: str, spec: dict[str, Any], expected: dict[str, str]
) -> None:
    found = findings(KIND.name, declared(f"AutomaticMessage/{event}", **spec))
    assert codes(found) == expected
    assert findings(KIND.name, present(f"AutomaticMessage/{event}", **spec)) == []


@pytest.mark.parametrize(
    ("bots", "words"),
    [
        ((), "no bot has the skill, so {agentNickname} is the nickname of people"),
        (("Ava",), 'where a bot answers, customers read "Ava" for {agentNickname}'),
        (("Ava", "Eva"), 'where a bot answers, customers read "Ava" or "Eva" for {agentNickname}'),
    ],
)
def test_what_a_nickname_shows_is_told(bots: tuple[str, ...], words: str) -> None:
    users = [declared(f"BotUser/{one}", nickname=one, skills=["faq"]) for one in bots]
    person = present("BotUser/ana", "a human user", nickname="Ana", skills=["faq"])
    text = {"en-US": "{agentNickname} is here"}
    own = declared(f"AutomaticMessage/{CONNECTED}@faq", skill="faq", text=text)
    (found,) = findings(KIND.name, own, person, *users)
    assert (found.code, found.message) == ("nickname-shown", words)


def test_a_manifest_says_what_it_is_and_whose() -> None:
    whose = {"event": OPEN, "skill": "faq"}
    assert names.name_at(KIND) == ("metadata", "event")
    assert names.name_of(KIND, {"metadata": whose}) == f"{OPEN}@faq"
    assert names.name_of(KIND, {"metadata": {"skill": "faq"}}) is None
    assert names.metadata_of(KIND, f"{OPEN}@faq", {"skill": "faq"}) == whose
    assert names.metadata_of(KINDS["Skill"], "faq", {}) == {}


@pytest.mark.parametrize(
    ("field", "value"), [("text", [{"lang": "en-US", "msg": 5}]), ("timer", [{"timer": True}])]
)
def test_a_value_of_another_form_is_not_guessed(field: str, value: Any) -> None:
    codec = KIND.by_name[field].codec
    assert codec
    with pytest.raises(ValueError, match=r"^$"):
        codec.read(value)


@pytest.mark.parametrize(("skill", "written"), [("<id 9>", False), ("faq", True)])
def test_a_text_of_a_skill_that_no_list_shows_gets_no_manifest(skill: str, written: bool) -> None:
    one = Live(Address(KIND.name, f"{OPEN}@{skill}"), "m1", COLLECTION, {"skill": skill})
    there = (one, Live(Address("Skill", "faq"), "s1", "skills", {}))
    inventory = Inventory(Account("1", there), KINDS)
    exporter = ManifestExporter(inventory, SinkRecords(), lambda _: "", full=False)
    assert (exporter.document(one) is not None) is written
    told = any("no list shows the skill" in found.message for found in exporter.findings)
    assert told is not written
