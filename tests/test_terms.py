"""What an approval covers beside the changes: each setting of a sink and each rule, enumerated."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from lebots import credentials, project
from lebots.core.compare.digest import moved_parts, plan_digest
from lebots.core.manifest.sink_type import SinkType
from lebots.core.model.address import Address
from lebots.core.model.change import Action, Change
from lebots.core.model.plan import Plan
from lebots.project.terms import terms

TYPES = credentials.load()
CHANGE = Change(Address("Key", "faq"), Action.CREATE, "installations", sink="runtime")

ENTRIES: dict[str, dict[str, Any]] = {
    "dotenv": {"path": ".secrets/{name}.env"},
    "command": {"command": ["./store"]},
    "vault": {
        "address": "https://vault.acme.test",
        "path": "bots/{name}",
        "token": {"env": "VAULT_TOKEN"},
    },
    "aws": {"secretName": "bots/{name}"},
}
"""By type: the settings a sink cannot do without."""

RULES: dict[str, Any] = {
    "protect": ["BotUser/x"],
    "maxDeletePercent": 7,
    "replaceLostKeys": True,
    "allowedProfiles": ["Agent"],
    "allow": {"grants": ["BotUser/x"]},
}


def digest(entry: dict[str, Any], account: dict[str, Any] | None = None, **more: Any) -> Plan:
    """A plan that delivers to this sink, with its terms."""
    more_of_it = account or {}
    embedded = {} if "accountId" in more_of_it else {"sandbox": ".lebots/s.db"}
    text = yaml.safe_dump(
        {
            "apiVersion": "lebots/v1",
            "kind": "Project",
            "accounts": {"sandbox": {**embedded, **more_of_it}},
            "sinks": {"runtime": entry, **more},
        }
    )
    loaded = project.parsed(Path("/project"), text.encode(), TYPES, {})
    covered = terms(loaded, loaded.account("sandbox"), {"runtime"}, "1.0")
    return Plan("1", (CHANGE,), terms=covered)


def entry(type_: SinkType) -> dict[str, Any]:
    """The shortest sink of a type."""
    return {"type": type_.name, **ENTRIES[type_.name]}


def settings() -> Iterator[tuple[str, str]]:
    """Every setting of every type of sink."""
    for type_ in TYPES.values():
        yield from ((type_.name, setting.name) for setting in type_.settings)


def other(type_: SinkType, name: str) -> Any:
    """Another value of a setting, that its schema allows."""
    (setting,) = (one for one in type_.settings if one.name == name)
    if setting.is_secret:
        return {"env": "ANOTHER_NAME"}
    kind = setting.schema.get("type")
    if "enum" in setting.schema:
        now = entry(type_).get(name, setting.default)
        return next(one for one in setting.schema["enum"] if one != now)
    if kind == "array":
        return ["./another"]
    if kind in ("integer", "number"):
        return setting.schema.get("minimum", 1) + 1
    if kind == "boolean":
        return not setting.default
    if name in ("address", "endpoint"):
        return "https://another.acme.test"
    if name == "region":
        return "eu-west-1"
    return "another/{name}" if setting.needed else "another"


@pytest.mark.parametrize(("type_", "name"), list(settings()))
def test_each_setting_of_a_sink_is_covered(type_: str, name: str) -> None:
    made = TYPES[type_]
    before = entry(made)
    after = {**before, name: other(made, name)}
    plans = digest(before), digest(after)
    assert plan_digest(plans[0]) != plan_digest(plans[1])
    assert moved_parts(plan_digest(plans[0]), plans[1]) == ["the sinks of secrets"]


@pytest.mark.parametrize("name", RULES)
def test_each_guard_is_covered(name: str) -> None:
    sink = entry(TYPES["dotenv"])
    before, after = digest(sink), digest(sink, {"guards": {name: RULES[name]}})
    assert moved_parts(plan_digest(before), after) == ["the rules or the version of lebots"]


def test_every_guard_is_in_the_table() -> None:
    schema: Any = project.project_schema(TYPES)
    accounts = schema["properties"]["accounts"]["additionalProperties"]
    assert accounts["properties"]["guards"]["properties"].keys() == RULES.keys()


@pytest.mark.parametrize("more", [{"scope": {"Key": ["*"]}}, {"retire": "delete"}])
def test_scope_and_retire_are_covered(more: dict[str, Any]) -> None:
    sink = entry(TYPES["dotenv"])
    assert plan_digest(digest(sink)) != plan_digest(digest(sink, more))


def test_order_and_other_sinks_are_not() -> None:
    sink = entry(TYPES["dotenv"])
    scope = {"Key": ["a", "b"], "BotUser": ["c"]}
    turned = {"BotUser": ["c"], "Key": ["b", "a"]}
    assert plan_digest(digest(sink, {"scope": scope})) == plan_digest(
        digest(sink, {"scope": turned})
    )
    assert plan_digest(digest(sink)) == plan_digest(
        digest(sink, other={**sink, "path": "x/{name}"})
    )


def test_a_part_of_a_digest_tells_nothing_of_what_moved() -> None:
    found = digest(entry(TYPES["dotenv"]))
    assert moved_parts(plan_digest(found)[:12], found) == []


def test_another_version_of_lebots_is_told() -> None:
    found = digest(entry(TYPES["dotenv"]))
    rules: Any = found.terms["rules"]
    newer = Plan("1", (CHANGE,), terms={**found.terms, "rules": {**rules, "lebots": "2.0"}})
    assert moved_parts(plan_digest(found), newer) == ["the rules or the version of lebots"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("proxy", "http://proxy.example.com:3128"), ("ca", "ca.pem"), ("domain", "localhost:8443")],
)
def test_the_way_to_the_account_is_covered(name: str, value: str) -> None:
    sink = entry(TYPES["dotenv"])
    login = {"method": "oauth2", "clientId": {"env": "A"}, "clientSecret": {"env": "B"}}
    account = {"accountId": "1", "auth": login}
    before, after = digest(sink, account), digest(sink, {**account, name: value})
    assert moved_parts(plan_digest(before), after) == ["the rules or the version of lebots"]
