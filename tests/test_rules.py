"""A proposal under the rules of a commit: each setting of `lebots.yaml`, found in its schema."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from lebots import credentials, project
from lebots.errors import Refused
from lebots.project import METHODS, Project
from lebots.project.rules import NamedFile, named_files, require_same_files, under
from tests.test_terms import ENTRIES, TYPES, entry, other

LOGIN = {
    "method": "oauth2",
    "clientId": {"env": "ID"},
    "clientSecret": {"env": "LP_CLIENT_SECRET"},
}
REAL = {"accountId": "12345678", "auth": LOGIN}
EMBEDDED = {"sandbox": ".lebots/s.db"}

ACCOUNT: Mapping[tuple[str, ...], tuple[dict[str, Any], Any]] = {
    ("sandbox",): (EMBEDDED, ".lebots/other.db"),
    ("accountId",): (REAL, "87654321"),
    ("auth", "method"): (REAL, "login"),
    **{("auth", name): (REAL, {"env": "OTHER"}) for names in METHODS.values() for name in names},
    ("ca",): (REAL, "other.pem"),
    ("domain",): (REAL, "localhost:8443"),
    ("proxy",): (REAL, "http://proxy.example.com:3128"),
    ("versions", "users", "list"): (REAL, "5.0"),
    ("versions", "users", "write"): (REAL, "5.0"),
    ("guards", "maxDeletePercent"): (REAL, 100),
    ("guards", "replaceLostKeys"): (REAL, True),
    ("guards", "allowedProfiles"): (REAL, ["Administrator"]),
    ("guards", "allow", "grants"): (REAL, ["BotUser/*"]),
    ("guards", "protect"): (REAL, ["BotUser/other"]),
    ("scope", "BotUser"): (REAL, ["*"]),
    ("retire",): (REAL, "delete"),
}
"""By setting of an account: an account, and another value of the setting."""
PROPOSED = {"overlays"}
"""What is the proposal's: it says which manifests there are."""


def settings(schema: Mapping[str, Any], here: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every setting below a schema that is no group of others; a login is one by its parts."""
    named = {"versions": "users", "scope": "BotUser"}.get(here[-1] if here else "")
    below = schema.get("properties", {})
    if named:
        below = {named: schema["additionalProperties"]}
    for name, part in below.items():
        if ("properties" in part and "minProperties" not in part) or name in ("versions", "scope"):
            yield from settings(part, (*here, name))
        else:
            yield (*here, name)


def said(account: Mapping[str, Any], sinks: Mapping[str, Any], **more: Any) -> Project:
    """The project that says this."""
    whole = {
        "apiVersion": "lebots/v1",
        "kind": "Project",
        "accounts": {"it": account},
        "sinks": sinks,
        **more,
    }
    return project.parsed(Path("/project"), yaml.safe_dump(whole).encode(), TYPES, {})


def changed(value: Mapping[str, Any], path: tuple[str, ...], to: Any) -> dict[str, Any]:
    """The value with another one at a path."""
    name, *rest = path
    inner = changed(value.get(name, {}), tuple(rest), to) if rest else to
    return {**value, name: inner}


def unused(found: Project) -> set[str]:
    """The settings that are told, as they are drawn."""
    assert found.rules
    return {".".join(one.path) for one in found.rules.unused}


def same(found: Project, rules: Project) -> bool:
    """Whether everything but the note of what is not used is as the rules have it."""
    return replace(found, rules=None) == rules


SINK = {"runtime": entry(TYPES["dotenv"])}


def test_every_setting_of_an_account_is_in_the_table() -> None:
    schema: Any = project.project_schema(TYPES)["properties"]
    accounts = schema["accounts"]["additionalProperties"]
    assert set(settings(accounts)) == set(ACCOUNT) | {(name,) for name in PROPOSED}
    assert schema.keys() == {
        *("apiVersion", "kind", "defaultAccount", "accounts", "consent", "sinks"),
    }


@pytest.mark.parametrize("path", ACCOUNT, ids=".".join)
def test_a_setting_of_an_account_is_told_and_not_used(path: tuple[str, ...]) -> None:
    account, value = ACCOUNT[path]
    method = (
        next(name for name, needed in METHODS.items() if path[-1] in (name, *needed))
        if (path[0] == "auth" and path[-1] != "method")
        else "oauth2"
    )
    if path[0] == "auth":
        values = {name: {"env": "LP"} for name in METHODS[method]}
        account = {**account, "auth": {"method": method, **values}}
    after = changed(account, path, value)
    if path == ("auth", "method"):
        after["auth"] = {"method": value, **{name: {"env": "LP"} for name in METHODS[value]}}
    rules, proposal = said(account, SINK), said(after, SINK)
    found = under(rules, proposal, "main", ())
    assert any(one.startswith(f"accounts.it.{'.'.join(path)}") for one in unused(found))
    assert same(found, rules)


@pytest.mark.parametrize(
    ("type_", "name"),
    [(one.name, part.name) for one in TYPES.values() for part in one.settings]
    + [(name, "fields") for name in ENTRIES],
)
def test_a_setting_of_a_sink_is_told_and_not_used(type_: str, name: str) -> None:
    before = entry(TYPES[type_])
    value = "oauth2" if name == "fields" else other(TYPES[type_], name)
    rules = said(EMBEDDED, {"runtime": before})
    found = under(rules, said(EMBEDDED, {"runtime": {**before, name: value}}), "main", ())
    assert any(one.startswith(f"sinks.runtime.{name}") for one in unused(found))
    assert same(found, rules)


def test_accounts_and_sinks_that_come_and_go_are_told_setting_by_setting() -> None:
    rules = said(EMBEDDED, {**SINK, "old": entry(TYPES["aws"])})
    more = {"accounts": {"it": EMBEDDED, "new": REAL}, "defaultAccount": "new"}
    found = under(rules, said({}, {**SINK, "new": entry(TYPES["dotenv"])}, **more), "main", ())
    assert unused(found) == {
        "accounts.new.accountId",
        "accounts.new.auth.method",
        "accounts.new.auth.clientId.env",
        "accounts.new.auth.clientSecret.env",
        "defaultAccount",
        "sinks.new.type",
        "sinks.new.path",
        "sinks.old.type",
        "sinks.old.secretName",
    }
    assert same(found, rules)
    with pytest.raises(Refused, match=r'at main has no account "new", only the proposed'):
        found.account("new")


def test_overlays_and_consent_are_those_of_the_proposal() -> None:
    consent = [{"change": "5a65d1f0c3b2", "grants": 1}]
    proposal = said({**EMBEDDED, "overlays": ["over"]}, SINK, consent=consent)
    found = under(said(EMBEDDED, SINK), proposal, "main", ())
    assert unused(found) == set()
    assert found.account("it").overlays == (Path("/project/over"),)
    assert found.consents == proposal.consents


def test_order_and_comments_are_nothing_to_tell() -> None:
    before = {**REAL, "guards": {"protect": ["Key/a", "Key/b"], "maxDeletePercent": 3}}
    after = {**REAL, "guards": {"maxDeletePercent": 3, "protect": ["Key/b", "Key/a"]}}
    assert unused(under(said(before, SINK), said(after, SINK), "main", ())) == set()
    programs = [
        {"runtime": {"type": "command", "command": ["a", one, two]}}
        for one, two in (("b", "c"), ("c", "b"))
    ]
    found = under(said(REAL, programs[0]), said(REAL, programs[1]), "main", ())
    assert unused(found) == {"sinks.runtime.command"}


def test_files_and_programs_that_are_named_must_be_those_of_the_rules() -> None:
    login = {"method": "oauth2", "clientId": {"file": "id"}, "clientSecret": {"command": ["sh"]}}
    sinks = {"runtime": {"type": "command", "command": ["python3", "--at=tools/x.py"]}}
    rules = said({"accountId": "1", "auth": login, "ca": "ca.pem"}, sinks)
    named = set(named_files(rules))
    assert {one.file for one in named} == {
        "id",
        "sh",
        "ca.pem",
        "python3",
        "--at=tools/x.py",
        "tools/x.py",
    }
    for one in named:
        found = under(rules, rules, "main", [one])
        with pytest.raises(Refused, match="is not as it is at main, so it was not used"):
            require_same_files(found, found.account())
    other_account = NamedFile(("accounts", "another", "ca"), "ca.pem")
    found = under(rules, rules, "main", [other_account])
    require_same_files(found, found.account())


def test_the_types_of_sinks_are_those_there_are() -> None:
    assert set(ENTRIES) == set(credentials.load())
