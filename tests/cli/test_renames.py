"""Renames from the command line: planned, approved, carried out, and what each command says."""

import functools
import json
from pathlib import Path

import pytest

from lebots.run.inputs import embedded
from lebots.sandbox import Rules, Sandbox
from tests.cli.conftest import LEBOTS_YAML, ROUTING_BOT, Project, skill

DATABASE = Path(".lebots/sandbox.db")
FRONT_DESK = (
    ROUTING_BOT.replace("  name: routing-bot\nspec", "  name: front-desk\nspec", 2)
    .replace("  name: front-desk\n", "  name: front-desk\n  previously: [routing-bot]\n")
    .replace("[routing-bot]\n  agentGroup", "[front-desk]\n  agentGroup")
    .replace("key: routing-bot", "key: front-desk")
)


def account() -> dict[str, dict[str, str]]:
    """Collection to the names and ids in it."""
    sandbox = Sandbox(DATABASE)
    try:
        found = sandbox.dump()
    finally:
        sandbox.close()
    names = {"skills": "name", "installations": "client_name", "users": "loginName"}
    return {
        collection: {one[name]: str(one["id"]) for one in found[collection]}
        for collection, name in names.items()
    }


@pytest.fixture
def routed(lebots: Project) -> Project:
    """A routing bot that was made, and manifests that rename its skill and its key."""
    assert lebots("apply", "--yes").code == 0
    lebots.write("manifests/routing-bot.yaml", FRONT_DESK)
    lebots.requests.clear()
    return lebots


def with_rules(project: Project, monkeypatch: pytest.MonkeyPatch, **rules: str) -> None:
    open_ = functools.partial(project.open, rules=Rules(**rules))  # type: ignore[arg-type]
    monkeypatch.setattr(embedded, "Sandbox", open_)


def test_skill_and_key_keep_their_ids_and_the_bot_its_login(routed: Project) -> None:
    before = account()
    assert routed("apply", "--yes").code == 0
    after = account()
    for collection in ("skills", "installations"):
        assert after[collection]["front-desk"] == before[collection].pop("routing-bot")
        assert after[collection].keys() - {"front-desk"} == before[collection].keys()
    assert after["users"] == before["users"]
    assert [request.split()[0] for request in routed.writes] == ["PUT", "PUT"]
    assert routed("plan", "--check").code == 0
    assert routed("verify", "--yes").out.startswith("in ")


def test_json_tells_both_names_and_who_hangs_on_it(routed: Project) -> None:
    planned = routed("plan", "--format", "json").json
    assert planned["summary"] | {"unchanged": 0, "unmanaged": 0} == {
        "create": 0,
        "update": 0,
        "rename": 2,
        "disable": 0,
        "delete": 0,
        "unchanged": 0,
        "unmanaged": 0,
    }
    shown = [(c["address"], c["was"], c["secretFrom"]) for c in planned["changes"][:2]]
    assert shown == [
        ("Skill/front-desk", "routing-bot", None),
        ("Key/front-desk", "routing-bot", "routing-bot"),
    ]
    for change in planned["changes"][:2]:
        assert change["usedBy"] == [
            {"address": "BotUser/routing-bot", "declared": True, "note": ""}
        ]


def test_a_saved_plan_binds_the_name_before(routed: Project) -> None:
    assert routed("plan", "--out", "plan.json").code == 0
    ran = routed("apply", "plan.json")
    assert ran.code == 0
    assert 'rename  key "routing-bot" -> "front-desk"' in ran.out


def test_a_saved_rename_of_another_object_is_held(routed: Project) -> None:
    assert routed("plan", "--out", "plan.json").code == 0
    sandbox = Sandbox(DATABASE)
    found = sandbox.find("skills", "routing-bot")
    sandbox.put("skills", {**found, "name": "elsewhere"})
    sandbox.put("skills", {**found, "id": 4100209999})
    sandbox.close()
    ran = routed("apply", "plan.json")
    assert ran.code == 7
    assert 'held     rename  skill "routing-bot" -> "front-desk"  id 4100209999' in ran.out


def test_only_what_is_asked_for_is_renamed(routed: Project) -> None:
    ran = routed("apply", "--yes", "--target", "Key/front-desk")
    assert ran.code == 0
    assert {"routing-bot", "front-desk"} & account()["skills"].keys() == {"routing-bot"}
    assert "front-desk" in account()["installations"]


def test_a_former_name_is_no_target_but_a_hint(routed: Project) -> None:
    ran = routed("plan", "--target", "Skill/routing-bot")
    assert ran.code == 2
    assert 'no manifest declares Skill/routing-bot; did you mean "Skill/front-desk"?' in ran.err


def test_there_and_back_again(routed: Project) -> None:
    """The old entry of the sink is still there and still right, so nothing is copied back."""
    assert routed("apply", "--yes").code == 0
    back = FRONT_DESK.replace("routing-bot", "x").replace("front-desk", "routing-bot")
    back = back.replace("[x]", "[front-desk]").replace("name: x", "name: routing-bot")
    routed.write("manifests/routing-bot.yaml", back)
    ran = routed("apply", "--yes")
    assert ran.code == 0
    assert "NEW SECRET" not in ran.out
    assert routed("verify", "--yes").out.startswith("in ")


def test_an_account_that_ignores_the_new_name_is_told_of(
    routed: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_rules(routed, monkeypatch, name_change="ignored")
    ran = routed("apply", "--yes")
    assert ran.code == 7
    assert "everything was written, but the account does not show it" in ran.err
    assert 'Skill/front-desk: is "routing-bot" still; keep that name' in ran.err


def test_an_account_that_refuses_the_new_name_keeps_the_old_one(
    routed: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = account()
    with_rules(routed, monkeypatch, name_change="refused")
    ran = routed("apply", "--yes")
    assert ran.code == 7
    assert "name cannot be changed" in ran.out
    assert account() == before
    assert not Path(".secrets/55501234/front-desk.env").exists()


def test_a_new_name_that_somebody_took_meanwhile_is_the_accounts_to_refuse(
    routed: Project,
) -> None:
    """A deleted object may hold it too, which the plan warns of."""
    sandbox = Sandbox(DATABASE)
    found = sandbox.find("skills", "routing-bot")
    sandbox.put("skills", {**found, "id": 4100209999, "name": "front-desk", "deleted": True})
    sandbox.close()
    ran = routed("apply", "--yes")
    assert ran.code == 7
    assert "name-of-deleted" in ran.out
    assert "name is taken: front-desk" in ran.out
    assert "routing-bot" in account()["skills"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            ROUTING_BOT.replace(
                "kind: BotUser\nmetadata:\n", "kind: BotUser\nmetadata:\n  previously: [old]\n"
            ),
            "manifests/routing-bot.yaml:20:3: previously: the login name of a bot cannot change; "
            "declare a new bot beside the old one, and move over to it; once nothing uses the old "
            "one, remove its manifest and prune the old one with --prune",
            id="a bot",
        ),
        pytest.param(
            "apiVersion: lebots/v1\nkind: Key\nmetadata:\n  name: a\n  previously: [legacy-bots]\n"
            "spec:\n  type: oauth1\n",
            "manifests/routing-bot.yaml:5:15: previously: an OAuth 1 app key cannot be written "
            "(reference 5b), so it keeps its name; write the name it has",
            id="an app key of old",
        ),
    ],
)
@pytest.mark.parametrize("command", ["validate", "plan"])
def test_what_keeps_its_name_is_refused_with_the_way_round(
    lebots: Project, command: str, text: str, expected: str
) -> None:
    lebots.write("manifests/routing-bot.yaml", text)
    ran = lebots(command)
    assert ran.code == 4
    assert ran.err == f"{expected}\n1 error\n"
    assert lebots.requests == []


def test_names_that_are_freed_and_taken_are_refused(lebots: Project) -> None:
    renamed = skill("new").replace('"name": "new"', '"name": "new", "previously": ["Billing"]')
    lebots.write("manifests/skills.yaml", renamed + skill("Billing"))
    ran = lebots("plan")
    assert ran.code == 4
    assert "one plan cannot free a name and give it away again" in ran.err


def test_people_who_hold_a_changed_skill_are_never_named(lebots: Project) -> None:
    lebots.write("manifests/skills.yaml", skill("Sales", description="Everything new"))
    for format_ in ("text", "markdown", "html", "github", "json"):
        ran = lebots("plan", "--target", "Skill/Sales", "--format", format_)
        assert "dilara.sahin" not in ran.out
        assert "jonas.becker" not in ran.out
    (change,) = (one for one in ran.json["changes"] if one["address"] == "Skill/Sales")
    assert change["people"] > 0


def test_a_secret_is_copied_under_the_names_the_project_chose(lebots: Project) -> None:
    sink = "path: .secrets/{account}/{name}.env"
    chosen = "path: .secrets/{name}.json\n    format: json\n    fields: oauth2"
    lebots.write("lebots.yaml", LEBOTS_YAML.replace(sink, chosen))
    assert lebots("apply", "--yes").code == 0
    lebots.write("manifests/routing-bot.yaml", FRONT_DESK)
    assert lebots("apply", "--yes").code == 0
    old, new = (
        json.loads(Path(f".secrets/{name}.json").read_text())
        for name in ("routing-bot", "front-desk")
    )
    owner = json.loads(new.pop("LEBOTS_CREDENTIAL"))
    assert (owner["key"], owner["id"]) == ("front-desk", old["client_id"])
    del old["LEBOTS_CREDENTIAL"]
    assert new == old
    assert new.keys() == {"account", "client_id", "client_secret"}
