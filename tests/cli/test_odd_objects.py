"""Objects of other shapes than documented: they stop nothing but what depends on them."""

import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import LEBOTS_YAML, Project, refusing, skill
from tests.night import by_day

CASES = json.loads((Path(__file__).parents[1] / "cases/odd-objects.json").read_text())
BILLING = "4100200902"
"""A seeded skill."""
SCOPE = """sandbox.db
    scope: {Skill: ["*"]}
    guards: {maxDeletePercent: 100}
"""


def put(file: Path, case: Mapping[str, Any]) -> None:
    """Puts an object into the account as the case says, past all rules."""
    collection = case["collection"]
    database = sqlite3.connect(file)
    if body := case.get("object"):
        columns = (collection, body["id"], 0, body.get("client_name"), None, json.dumps(body))
        database.execute("INSERT INTO objects VALUES (?, ?, ?, ?, ?, ?)", columns)
    else:
        where = (collection, str(case["id"]))
        found = "SELECT body FROM objects WHERE collection = ? AND id = ?"
        body = json.loads(database.execute(found, where).fetchone()[0])
        body = {**body, **case["set"]}
        body = {name: value for name, value in body.items() if name not in case["unset"]}
        changed = "UPDATE objects SET body = ? WHERE collection = ? AND id = ?"
        database.execute(changed, (json.dumps(body), *where))
    database.commit()
    database.close()


@pytest.mark.parametrize("case", by_day(CASES, CASES[::5]), ids=lambda case: case["case"])
def test_no_odd_object_stops_a_command(lebots: Project, file: Path, case: Any) -> None:
    put(file, case)
    for command in (("plan",), ("doctor",), ("import", "--out", "imported")):
        ran = lebots(*command)
        assert ran.code == 0, ran.all
    again = lebots("plan", "imported", "--format", "json")
    assert again.code == 0, again.all
    assert [one for one in again.json["changes"] if one["action"] == "update"] == []


ODD = {"collection": "skills", "id": BILLING, "set": {"skillOrder": "first"}, "unset": []}
FOUND = "'skillOrder' should hold a whole number, but holds text"


@pytest.fixture
def odd(lebots: Project, file: Path) -> Project:
    """A project whose account holds a skill that cannot be read, and people who use it."""
    put(file, ODD)
    return lebots


def test_an_object_that_cannot_be_read_is_told(odd: Project) -> None:
    (told,) = [
        (one["severity"], one["message"])
        for one in odd("plan", "--format", "json").json["findings"]
        if one["code"] == "undecodable"
    ]
    words = f'Skill "Billing" (id {BILLING}) cannot be read, so lebots leaves it alone: {FOUND}'
    assert told == ("warning", words)
    assert f"Skill/Billing (id {BILLING}) cannot be read: {FOUND}" in " ".join(
        odd("doctor").out.split()
    )


def test_it_holds_its_own_manifest(odd: Project) -> None:
    odd.write("manifests/billing.yaml", skill("Billing"))
    for command in (["plan"], ["apply", "--yes"]):
        ran = odd(*command)
        assert ran.code == 6
        text = f'skill "Billing" (id {BILLING}) cannot be read: {FOUND}; correct it in the account'
        assert text in " ".join(ran.all.split())
        assert "manifests/billing.yaml:2" in ran.all
        assert "leaves it alone" not in ran.all, "told once"
    assert odd.writes == []


def test_it_holds_what_refers_to_it(odd: Project) -> None:
    odd.write("manifests/more.yaml", skill("more", fallbackSkill="Billing") + skill("other"))
    ran = odd("plan", "--format", "json")
    assert ran.code == 6
    assert [one["code"] for one in ran.json["findings"] if one["severity"] == "refusal"] == [
        "reference-undecodable"
    ]
    assert "Skill/other" in {f"{c['kind']}/{c['name']}" for c in ran.json["changes"]}


def test_following_the_advice_ends_well(odd: Project, file: Path) -> None:
    odd.write("manifests/billing.yaml", skill("Billing"))
    assert odd("plan").code == 6
    put(file, {**ODD, "set": {"skillOrder": 0}})
    assert odd("apply", "--yes").code == 0


def test_it_is_never_pruned(odd: Project, file: Path) -> None:
    odd.write("lebots.yaml", LEBOTS_YAML.replace("sandbox.db\n", SCOPE, 1))
    put(file, {**ODD, "id": "4100200904"})
    ran = odd("plan", "--prune", "--confirm-deletes", "2", "--format", "json")
    kept = {c["name"]: c["note"] for c in ran.json["changes"] if c["action"] == "unmanaged"}
    assert kept["Survey"] == kept["Billing"] == f"in scope, it cannot be read: {FOUND}"


def test_it_is_left_out_of_an_import(odd: Project) -> None:
    ran = odd("import", "--out", "imported", "--kind", "Skill")
    assert ran.code == 0
    assert f"left out: it cannot be read (id {BILLING}): {FOUND}" in ran.err
    written = "".join(file.read_text() for file in (odd.folder / "imported").rglob("*.yaml"))
    assert "Sales" in written
    assert "Billing" not in written


@pytest.mark.parametrize("path", ["users", "profiles", "agentGroups", "lobs", "installations"])
def test_a_forbidden_list_stops_nothing_that_does_without(lebots: Project, path: str) -> None:
    lebots.wrapper = refusing("GET", f"/{path}", 403)
    lebots.write("manifests/routing-bot.yaml", skill("one"))
    for command in (["plan"], ["plan", "--target", "Skill/one"], ["apply", "--yes"], ["doctor"]):
        ran = lebots(*command)
        assert ran.code == 0, ran.all
        # Of a list that is not even asked for there is nothing to say.
        asked = "doctor" in command or path not in ("profiles", "installations")
        assert (f"{path} c" in ran.all) == asked
    assert lebots("import", "--out", "imported", "--kind", "Skill").code == 0
    assert lebots("plan", "imported", "--check").code == 0


@pytest.mark.parametrize("path", ["users", "profiles", "agentGroups", "skills", "installations"])
def test_a_forbidden_list_that_a_manifest_needs_ends_the_plan(lebots: Project, path: str) -> None:
    lebots.wrapper = refusing("GET", f"/{path}", 403)
    ran = lebots("plan")
    assert ran.code == 5
    assert "cannot be looked up: GET " in ran.all
    assert "`lebots doctor` tells what this login may read" in ran.all
    assert lebots("doctor").code == 0
