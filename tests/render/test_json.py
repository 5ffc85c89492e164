"""Plans as machines read them: one shape, described by a schema, and a text that tells of edits."""

import json as stdlib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from lebots.core.compare.digest import change_digest, plan_digest
from lebots.core.model.address import Address, Source
from lebots.core.model.change import Effect, Outcome, Status
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.options import PlanOptions
from lebots.core.model.plan import Plan
from lebots.documents import plan as json
from lebots.documents.outcome import outcomes
from lebots.documents.plan_options import OPTIONS
from lebots.documents.reports.findings import findings
from lebots.documents.saved_plan import open_sealed, seal
from lebots.documents.text import dumps
from lebots.errors import Refused
from tests.kinds.test_effects import planned
from tests.render import examples, hostile
from tests.render.examples import MADE
from tests.render.hostile import law_of_plans

VALIDATOR = Draft202012Validator(json.plan_schema())
ASKED = PlanOptions((examples.BOT,), (examples.KEY,))
PLANS = [
    examples.EXAMPLE,
    examples.NOTHING_TO_DO,
    examples.STOPPED,
    examples.CORNERS,
    examples.RENAMES,
]


def document(plan: Plan = examples.EXAMPLE) -> dict[str, Any]:
    return json.plan(plan, version="0.4.0", paths=["manifests"], asked=ASKED)


def test_the_head_of_a_plan() -> None:
    found = document()
    found["changes"] = found["findings"] = []
    assert (found.pop("accountName"), found.pop("terms")) == ("", {})
    assert found.pop("effects") == {
        **dict.fromkeys((one.value for one in Effect), 0),
        "irreversible": 1,
        "new-secret": 1,
    }
    assert found.pop("noLongerDeclared") == []
    assert found == {
        "formatVersion": 2,
        "lebotsVersion": "0.4.0",
        "account": "10000001",
        "digest": plan_digest(examples.EXAMPLE),
        "refused": [],
        "paths": ["manifests"],
        **OPTIONS.written(ASKED),
        "summary": {
            "create": 3,
            "update": 1,
            "rename": 0,
            "disable": 0,
            "delete": 1,
            "unchanged": 12,
            "unmanaged": 2,
        },
        "live": 16,
        "calls": {"reads": 12, "writes": 5},
        "quotas": [{"collection": "keys", "now": 3, "after": 4, "limit": 100}],
        "changes": [],
        "findings": [],
    }


def test_what_a_plan_was_asked_for() -> None:
    told = OPTIONS.written(ASKED)
    assert (told["targets"], told["recreate"]) == (["BotUser/refund-bot"], ["Key/ci-refunds"])
    assert (told["prune"], told["confirmDeletes"], told["allowEmpty"]) == (False, None, False)


def test_a_change() -> None:
    assert document()["changes"][1] == {
        "address": "Skill/billing",
        "kind": "Skill",
        "name": "billing",
        "action": "update",
        "was": None,
        "id": "1204",
        "source": {"file": "manifests/skills.yaml", "line": 4, "column": 3},
        "dependsOn": [],
        "fields": [
            {
                "path": "description",
                "before": "Bills",
                "after": "Bills and invoices",
                "source": {"file": "manifests/skills.yaml", "line": 5, "column": 3},
            },
            {
                "path": "maxWaitTime",
                "before": 120,
                "after": 90,
                "source": {"file": "manifests/skills.yaml", "line": 6, "column": 3},
            },
        ],
        "object": {},
        "sink": None,
        "secretFrom": None,
        "usedBy": [],
        "people": 0,
        "otherUsers": {},
        "effects": [],
        "note": "",
        "digest": change_digest(examples.UPDATE_SKILL),
    }


def test_a_create_that_waits_and_one_that_yields_a_secret() -> None:
    changes = document()["changes"]
    assert changes[3]["dependsOn"] == ["Skill/billing-refunds", "Key/ci-refunds"]
    assert changes[3]["id"] is None
    assert changes[2]["sink"] == "ci-vault"


def test_a_rename_and_who_hangs_on_it() -> None:
    skill, key = document(examples.RENAMES)["changes"][:2]
    assert (skill["name"], skill["was"]) == ("billing", "bi\u200blls")
    assert skill["usedBy"][:2] == [
        {"address": "BotUser/bot-0", "declared": True, "note": ""},
        {"address": "BotUser/bot-1", "declared": False, "note": ""},
    ]
    assert skill["people"] == 2, "people are counted, not named"
    assert (key["was"], key["secretFrom"], key["sink"]) == ("refunds", "refunds", "ci-vault")


def test_what_is_kept_has_neither_fields_nor_a_digest() -> None:
    kept = document()["changes"][5]
    assert (kept["action"], kept["fields"]) == ("unchanged", [])
    assert "digest" not in kept


def test_personal_values_are_left_out() -> None:
    email = document()["changes"][3]["fields"][2]
    assert (email["path"], email["before"], email["after"]) == ("email", None, None)
    assert email["personal"] is True
    for plan in PLANS:
        assert "n4ry" not in dumps(document(plan))


def test_a_field_that_changes_unasked_says_why() -> None:
    reset = document(examples.CORNERS)["changes"][3]["fields"][2]
    assert (reset["note"], reset["source"]) == ("reset by the vendor", None)


def test_a_finding() -> None:
    assert document()["findings"][1] == {
        "severity": "warning",
        "code": "one-bot-only",
        "message": 'skill "billing-refunds" has one bot; two keep it answered when one fails',
        "address": "Skill/billing-refunds",
        "source": {"file": "manifests/skills.yaml", "line": 12, "column": 3},
    }


def test_findings_alone() -> None:
    found = findings([Finding("code", "wrong", source=Source("a.yaml", 1, 2))])
    assert found == {
        "formatVersion": 2,
        "summary": {"error": 1, "refusal": 0, "warning": 0, "note": 0},
        "findings": [
            {
                "severity": "error",
                "code": "code",
                "message": "wrong",
                "address": None,
                "source": {"file": "a.yaml", "line": 1, "column": 2},
            }
        ],
    }
    assert set(found["summary"]) == {severity.value for severity in Severity}


@pytest.mark.parametrize("converged", [None, True, False])
def test_outcomes(converged: bool | None) -> None:
    ended = examples.OUTCOMES[:2]
    assert outcomes(ended, examples.EXAMPLE, converged) == {
        "formatVersion": 2,
        "account": "10000001",
        "digest": plan_digest(examples.EXAMPLE),
        "summary": {"done": 1, "failed": 0, "blocked": 0, "unknown": 0, "held": 1},
        "converged": converged,
        "outcomes": [
            {
                "address": "Skill/billing-refunds",
                "action": "create",
                "status": "done",
                "id": "1301",
                "error": None,
            },
            {
                "address": "Skill/billing",
                "action": "update",
                "status": "held",
                "id": "1204",
                "error": "not as approved: plan again to see how",
            },
        ],
    }


# The schema.


@pytest.mark.parametrize("plan", PLANS)
def test_real_plans_fit_the_schema(plan: Plan) -> None:
    VALIDATOR.validate(document(plan))
    VALIDATOR.validate(stdlib.loads(seal(document(plan), MADE)))


@law_of_plans
@given(hostile.plans, st.lists(hostile.texts, max_size=2), st.lists(hostile.addresses, max_size=2))
def test_any_plan_fits_the_schema(plan: Plan, paths: list[str], only: list[Address]) -> None:
    VALIDATOR.validate(
        json.plan(plan, version="0.4.0", paths=paths, asked=PlanOptions(tuple(only)))
    )


def objects(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        if "properties" in schema:
            yield schema
        for part in schema.values():
            yield from objects(part)


def test_every_property_is_described_and_no_other_is_allowed() -> None:
    Draft202012Validator.check_schema(json.plan_schema())
    found = list(objects(json.plan_schema()))
    assert len(found) == 18
    for schema in found:
        assert schema["additionalProperties"] is False
        assert set(schema["required"]) <= set(schema["properties"])
        for name, part in schema["properties"].items():
            assert part.get("description"), name


@pytest.mark.parametrize("name", sorted(document()))
def test_a_plan_without_one_of_its_members_is_none(name: str) -> None:
    broken = document()
    del broken[name]
    assert not VALIDATOR.is_valid(broken)


# The text.


@law_of_plans
@given(hostile.plans)
def test_the_text_is_harmless_and_means_the_same(plan: Plan) -> None:
    found = json.plan(plan, version="0.4.0")
    shown = dumps(found)
    assert shown.isascii()
    hostile.assert_harmless(shown)
    assert stdlib.loads(shown) == stdlib.loads(stdlib.dumps(found))


@law_of_plans
@given(st.lists(hostile.outcomes, max_size=2), st.lists(hostile.findings, max_size=2))
def test_other_documents_are_harmless_too(ended: list[Outcome], found: list[Finding]) -> None:
    hostile.assert_harmless(dumps(outcomes(ended, examples.EXAMPLE)))
    hostile.assert_harmless(dumps(findings(found)))


# The seal.


@law_of_plans
@given(hostile.plans)
def test_what_was_sealed_can_be_opened(plan: Plan) -> None:
    found = json.plan(plan, version="0.4.0")
    opened = open_sealed(seal(found, MADE))
    assert opened.pop("madeAt") == MADE.isoformat()
    assert opened == stdlib.loads(dumps(found))
    assert opened["digest"] == plan_digest(plan)


def refused(text: str) -> str:
    with pytest.raises(Refused) as caught:
        open_sealed(text)
    return str(caught.value)


def test_every_changed_byte_is_noticed() -> None:
    small = Plan("1", (examples.UPDATE_SKILL,))
    text = seal(json.plan(small, version="0.4.0"), MADE)
    for at, character in enumerate(text):
        for other in {chr(ord(character) ^ 1 << bit) for bit in range(7)} | {"", character * 2}:
            refused(text[:at] + other + text[at + 1 :])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not a plan"),
        ("[]", "not a plan"),
        ("null", "not a plan"),
        ("{}", "not of format 2"),
        ('{"formatVersion": 2, "formatVersion": 1}', "not a plan"),
        ('{"formatVersion": NaN}', "not a plan"),
        ('{"formatVersion": 1}', "not of format 2"),
        ('{"formatVersion": true}', "not of format 2"),
        ('{"formatVersion": "2"}', "not of format 2"),
        ('{"formatVersion": 2}', "edited or cut off"),
        ("[" * 100_000, "not a plan"),
        ('{"a":' * 100_000, "not a plan"),
        ("1" * 5_000, "not a plan"),
        ('{"a": ' + "1" * 5_000 + "}", "not a plan"),
        ("\ud800", "not a plan"),
        ("<!doctype html>", "not a plan"),
    ],
)
def test_anything_else_is_refused(text: str, words: str) -> None:
    assert words in refused(text)


def test_a_plan_without_a_seal_is_refused() -> None:
    assert "edited or cut off" in refused(dumps(document()) + "\n")


def test_a_sealed_document_of_another_shape_is_refused() -> None:
    assert "shape of a plan" in refused(seal({"formatVersion": 2}, MADE))
    assert "shape of a plan" in refused(seal({**document(), "more": 1}, MADE))


def test_statuses_of_outcomes_are_all_counted() -> None:
    found = outcomes((), examples.EXAMPLE)
    assert set(found["summary"]) == {status.value for status in Status}


def test_a_policy_sees_the_whole_object_and_nothing_personal() -> None:
    owned = {"email": "a@acme.test", "maxAsyncChats": 30, "nickname": "Ava", "skills": ["faq"]}
    live = {**owned, "maxAsyncChats": 25}
    plan = planned("BotUser", live, owned)
    (change,) = json.plan(plan, version="1")["changes"][:1]
    assert [part["path"] for part in change["fields"]] == ["maxAsyncChats"]
    assert change["object"] == {**owned, "email": None}
