"""What an account moves beside the field that was written: named, in the receipt, exit 7."""

import json
from collections.abc import Iterable
from contextlib import closing
from typing import Any

import pytest

from lebots import kinds
from lebots.core.model.kind import Endpoint, Field
from lebots.sandbox import Sandbox
from tests.cli.conftest import Application, Project, Wrapper, skill
from tests.night import by_day

KINDS = kinds.load()
DECLARED = {
    "AgentGroup": "description",
    "AutomaticMessage": "enabled",
    "Skill": "description",
    "Key": "overview",
    "BotUser": "nickname",
}
"""By kind: the field that a manifest changes."""
FIELDS = [
    pytest.param(kind.name, part, id=f"{kind.name}.{part.name}")
    for kind in KINDS.values()
    for part in kind.fields
    if not (part.client_only or part.of_name)
    and part.name != DECLARED.get(kind.name)
    and not kind.lookup_only
]
NAMES = {"AutomaticMessage": "BACK_TO_QUEUE"}
"""By kind: what its object is called, where that is not routing-bot."""
OTHERS: dict[str, Any] = {
    "data": [{"lang": "en-US", "msg": "moved"}],
    "attributes": [{"timer": "77"}],
    "skillRoutingConfiguration": [
        {"agentGroupId": 4100200701, "priority": 3, "splitPercentage": 40}
    ],
    "memberOf": {"agentGroupId": 4100200702},
    "managerOf": [{"agentGroupId": 4100200702}],
    "scope": "users.external",
    "allowedAppKeys": "another",
    "webhooks": {"retry": {"retention_time": 77}},
}


def moved(part: Field, before: Any) -> Any:
    """Another value of the field, in the vendor's words."""
    if part.attribute.rpartition(".")[2] in OTHERS:
        return OTHERS[part.attribute.rpartition(".")[2]]
    types = part.schema["type"]
    match types if isinstance(types, str) else types[0]:
        case "boolean":
            return not before
        case "integer":
            return 17
        case "array":
            if part.schema["items"].get("type") == "integer":
                return [17]
            return [4100200902] if part.ref else ["moved"]
    return 4100200902 if part.ref else "moved"


def moving(attribute: str, value: Any) -> Wrapper:
    """An account that sets an attribute whenever something is written."""

    def wrapper(
        application: Application, environ: dict[str, Any], start_response: Any
    ) -> Iterable[bytes]:
        answer = application(environ, start_response)
        if environ["REQUEST_METHOD"] == "PUT":
            written.append(environ["PATH_INFO"])
        if written and environ["REQUEST_METHOD"] == "GET" and environ["PATH_INFO"] in written:
            raw = json.loads(b"".join(answer))
            put(raw, attribute, value)
            return [json.dumps(raw).encode()]
        return answer

    written: list[str] = []
    return wrapper


def put(raw: dict[str, Any], attribute: str, value: Any) -> None:
    *parents, last = attribute.split(".")
    for step in parents:
        raw = raw.setdefault(step, {})
    raw[last] = value(raw.get(last)) if callable(value) else value


@pytest.fixture
def applied(lebots: Project) -> Project:
    """A project whose manifests were applied, with one more difference for each kind."""
    assert lebots("apply", "--yes").code == 0
    with closing(Sandbox(lebots.folder / ".lebots/sandbox.db")) as sandbox:
        group = {"name": "routing-bot", "description": "", "isEnabled": True, "parentGroupId": -1}
        sandbox.put("agentGroups", group)
        own = {"id": "BACK_TO_QUEUE", "messageEventId": "BACK_TO_QUEUE", "number": 7}
        text = {"lang": "en-US", "msg": "Somebody else answers."}
        message = {**own, "enabled": True, "data": [text], "attributes": []}
        sandbox.put("unified-auto-messages", message)
    return lebots


def manifest(kind: str) -> str:
    value: Any = False if kind == "AutomaticMessage" else "changed by the test"
    spec = {DECLARED[kind]: value} | ({"type": "oauth2"} if kind == "Key" else {})
    spec |= {"sink": "runtime"} if kind == "Key" else {}
    metadata = {"event": NAMES[kind]} if kind in NAMES else {"name": "routing-bot"}
    document = {"apiVersion": "lebots/v1", "kind": kind, "metadata": metadata, "spec": spec}
    return json.dumps(document)


@pytest.mark.parametrize(("kind", "part"), by_day(FIELDS, FIELDS[::4]))
def test_every_field_that_moves_is_named(applied: Project, kind: str, part: Field) -> None:
    applied.write("manifests/routing-bot.yaml", manifest(kind))
    applied.wrapper = moving(part.attribute, lambda before: moved(part, before))
    ran = applied("apply", "--yes", "--receipt", "receipt.json")
    assert ran.code == 7, ran.all
    assert f"  {kind}/{NAMES.get(kind, 'routing-bot')}: {part.name}\n" in ran.err
    (entry,) = json.loads((applied.folder / "receipt.json").read_text())["changes"]
    assert (entry["status"], entry["changedBeside"]) == ("done", [part.name])
    assert "changed more than what was written" in ran.out


@pytest.mark.parametrize("kind", DECLARED)
def test_an_attribute_lebots_does_not_know_is_named_too(applied: Project, kind: str) -> None:
    endpoint: Endpoint = KINDS[kind].endpoints[0]
    with_unknown(applied, endpoint, {"x-first": {"deep": [1, 2]}, "x-empty": ""})
    applied.write("manifests/routing-bot.yaml", manifest(kind))
    applied.wrapper = moving("x-first.deep", [1])
    ran = applied("apply", "--yes", "--format", "json")
    assert ran.code == 7
    assert ran.json["outcomes"][0]["changedBeside"] == ["x-first.deep"]
    applied.wrapper = None
    assert applied("apply", "--yes").code == 0


def with_unknown(project: Project, endpoint: Endpoint, more: dict[str, Any]) -> None:
    with_account = Sandbox(project.folder / ".lebots/sandbox.db")
    name = "BACK_TO_QUEUE" if endpoint.contexts else "routing-bot"
    found = with_account.find(endpoint.name, name)
    with_account.put(endpoint.name, {**found, **more})
    with_account.close()


SET_OR_ADDED = [
    (kind, name)
    for kind in DECLARED
    for name in ("dateUpdated", "x-new", "x-empty")
    if (kind, name) != ("Key", "dateUpdated")  # applications have none
]


@pytest.mark.parametrize(("kind", "name"), SET_OR_ADDED)
def test_what_the_server_sets_or_adds_is_no_loss(applied: Project, kind: str, name: str) -> None:
    applied.write("manifests/routing-bot.yaml", manifest(kind))
    applied.wrapper = moving(name, "2026-11-30 10:00:00" if name != "x-empty" else "")
    assert applied("apply", "--yes").code == 0


def test_a_text_that_is_escaped_at_each_write_is_named(applied: Project) -> None:
    applied.write("manifests/routing-bot.yaml", skill("R and D", description="R&D"))
    assert applied("apply", "--yes").code == 0
    applied.write("manifests/routing-bot.yaml", manifest_of_order("R and D"))
    applied.wrapper = moving("description", "R&amp;D")
    assert applied("apply", "--yes").code == 7


def manifest_of_order(name: str) -> str:
    metadata, spec = {"name": name}, {"skillOrder": 4}
    return json.dumps(
        {"apiVersion": "lebots/v1", "kind": "Skill", "metadata": metadata, "spec": spec}
    )
