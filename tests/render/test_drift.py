"""The report of a drift job: what changed, in words and as JSON, and nothing to apply."""

import json as stdlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from lebots.core.history.drift import Drift
from lebots.core.model.address import Address, Source
from lebots.core.model.change import Action, Change, FieldChange
from lebots.core.model.finding import Finding, Severity
from lebots.documents.drift import document, drift_schema
from lebots.documents.text import dumps
from lebots.render.plain.drift import text
from tests.render import examples, hostile
from tests.render.examples import KINDS
from tests.render.hostile import law_of_plans
from tests.render.test_json import objects

VALIDATOR = Draft202012Validator(drift_schema())
SINCE = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
AT = Source("manifests/bots.yaml", 20, 3)
EXAMPLE = Drift(
    account="10000001",
    changes=(
        Change(
            examples.BOT,
            Action.UPDATE,
            "users",
            "3381",
            AT,
            fields=(
                FieldChange("nickname", "Hand-made", "Refund assistant", AT),
                FieldChange("email", "c4n4ry@a", "c4n4ry@b", AT, personal=True),
            ),
        ),
        Change(
            examples.BILLING, Action.CREATE, "skills", "1204", AT, note='it is named "x" by now'
        ),
        Change(
            examples.UPDATE_SKILL.address,
            Action.UPDATE,
            "skills",
            "9",
            AT,
            fields=examples.UPDATE_SKILL.fields,
        ),
    ),
    new=(
        Change(
            Address("BotUser", "wild"),
            Action.UNMANAGED,
            "users",
            "7",
            note="unmanaged",
        ),
    ),
    findings=(Finding("ambiguous", "2 live objects match", Severity.REFUSAL, AT),),
    since=SINCE,
    live=16,
)
SHOWN = """\
lebots 0.4.0   account 10000001
2 changed, 1 gone, 1 new in the account since 2026-01-02T03:04:05Z    16 live

DRIFT
  1 ~ bot "refund-bot"   nickname, email                          manifests/bots.yaml:20
  2 ~ skill "billing"   description, maxWaitTime                  manifests/bots.yaml:20
    - skill "billing"   gone   id 1204   it is named "x" by now   manifests/bots.yaml:20
    + bot "wild"   new   id 7   unmanaged

DETAIL, in the account -> in the manifest
  1 bot "refund-bot"   id 3381
~       nickname      "Hand-made" -> "Refund assistant"           manifests/bots.yaml:20
~       email         changed, personal, not shown                manifests/bots.yaml:20
  2 skill "billing"   id 9
~       description   "Bills" -> "Bills and invoices"             manifests/skills.yaml:5
~       maxWaitTime   120 -> 90                                   manifests/skills.yaml:6

FINDINGS
  refusal ambiguous  2 live objects match  manifests/bots.yaml:20

NEXT  to keep a manual change, write it into the manifests; `lebots plan` shows the rest"""


def test_drift_is_drawn_as_shown() -> None:
    assert text(EXAMPLE, KINDS, version="0.4.0") == SHOWN
    assert max(map(len, SHOWN.splitlines())) <= 92


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (Drift("1", (), since=SINCE), "nothing changed in the account since 2026-01-02T03:04:05Z"),
        (Drift("1", ()), "the account is in sync"),
        (
            Drift("1", EXAMPLE.changes[1:2]),
            "1 gone in the account: every difference, since no receipt tells what was applied",
        ),
        (Drift("1", (), EXAMPLE.new, since=SINCE), "1 new in the account since"),
    ],
)
def test_the_verdict(found: Drift, verdict: str) -> None:
    shown = text(found, KINDS, version="0.4.0")
    assert shown.splitlines()[1].startswith(verdict)
    assert ("NEXT" in shown) is bool(found)


def test_it_proposes_nothing_and_has_no_digest() -> None:
    for shown in (SHOWN, dumps(document(EXAMPLE, version="0.4.0"))):
        assert "digest" not in shown
        assert "apply" not in shown


def test_drift_as_json() -> None:
    found = document(EXAMPLE, version="0.4.0")
    VALIDATOR.validate(found)
    assert {name: found[name] for name in ("formatVersion", "account", "since", "summary")} == {
        "formatVersion": 1,
        "account": "10000001",
        "since": "2026-01-02T03:04:05Z",
        "summary": {"changed": 2, "gone": 1, "new": 1},
    }
    place = {"file": "manifests/bots.yaml", "line": 20, "column": 3}
    assert found["objects"][0] == {
        "address": "BotUser/refund-bot",
        "what": "changed",
        "id": "3381",
        "source": place,
        "note": "",
        "fields": [
            {
                "path": "nickname",
                "before": "Hand-made",
                "after": "Refund assistant",
                "source": place,
            },
            {"path": "email", "before": None, "after": None, "source": place, "personal": True},
        ],
    }
    assert [one["what"] for one in found["objects"]] == ["changed", "gone", "changed", "new"]
    assert found["findings"][0]["code"] == "ambiguous"
    assert document(replace(EXAMPLE, since=None), version="0.4.0")["since"] is None


def test_personal_values_are_in_neither() -> None:
    for shown in (
        text(EXAMPLE, KINDS, version="0.4.0"),
        dumps(document(EXAMPLE, version="0.4.0")),
    ):
        assert "c4n4ry" not in shown


def test_every_property_is_described_and_no_other_is_allowed() -> None:
    Draft202012Validator.check_schema(drift_schema())
    found = list(objects(drift_schema()))
    assert len(found) == 6
    for schema in found:
        assert schema["additionalProperties"] is False
        assert all(part.get("description") for part in schema["properties"].values())


shapes = st.sampled_from([Action.UPDATE, Action.CREATE])
drifts = st.builds(
    Drift,
    hostile.texts,
    st.lists(st.builds(replace, hostile.changes, action=shapes), max_size=3).map(tuple),
    st.lists(st.builds(replace, hostile.changes, action=st.just(Action.UNMANAGED)), max_size=2).map(
        tuple
    ),
    st.lists(hostile.findings, max_size=2).map(tuple),
    st.none() | st.just(SINCE),
)


@law_of_plans
@given(drifts)
def test_no_report_does_harm(found: Drift) -> None:
    hostile.assert_harmless(text(found, KINDS, version="0.4.0"))
    shown = dumps(document(found, version="0.4.0"))
    hostile.assert_harmless(shown)
    VALIDATOR.validate(stdlib.loads(shown))
