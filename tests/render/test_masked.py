"""Whatever draws a plan: personal values and secrets are in none of it."""

from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from lebots.account.client import Client
from lebots.account.gateway import Gateway
from lebots.core.compare.change import Sinks
from lebots.core.model.address import Address
from lebots.core.model.change import Action, Change, FieldChange, Outcome, Status
from lebots.core.model.desired import Desired
from lebots.core.model.inventory import Inventory
from lebots.core.model.plan import Plan, ProposedChange
from lebots.core.planner import plan
from lebots.sandbox import Sandbox
from tests.canary import CANARY, PERSONAL, hits
from tests.render.drawn import DRAWN, HERE, KINDS, drawing


def test_everything_that_draws_is_looked_at() -> None:
    assert set(drawing()) == DRAWN.keys(), "a new one goes into tests/render/drawn.py"


def personal() -> Iterator[Change]:
    """A create and an update of each personal field there is."""
    for kind in KINDS.values():
        for part in kind.fields:
            if part.personal:
                before, after = f"{PERSONAL}1@example.com", f"{PERSONAL}2@example.com"
                for action in (Action.CREATE, Action.UPDATE):
                    old = None if action is Action.CREATE else before
                    field = FieldChange(part.name, old, after, HERE, personal=True)
                    yield Change(
                        Address(kind.name, f"{part.name}-{action}"),
                        action,
                        kind.endpoints[0].name,
                        "4100200301",
                        HERE,
                        (field,),
                        desired={part.name: after},
                    )


def from_the_account() -> Plan:
    """A plan of an account that is full of secrets and personal values."""
    sandbox = Sandbox(":memory:")
    bot = sandbox.find("users", "survey-bot")
    was = {"email": f"{PERSONAL}1@example.com", "employeeId": PERSONAL, "mobileNumber": PERSONAL}
    sandbox.put("users", {**bot, **was})
    key = sandbox.find("appKeys", "legacy-bots")
    sandbox.put("appKeys", {**key, "appSecret": CANARY, "token": CANARY, "tokenSecret": CANARY})
    theirs = {"client_name": "robot", "client_secret": CANARY, "software_statement": CANARY}
    sandbox.put("installations", {**theirs, "enabled": True, "description": "before"})
    desired = [
        Desired(Address("Key", "robot"), {"type": "oauth2", "description": "after"}, HERE),
        Desired(Address("Key", "new"), {"type": "oauth2"}, HERE),
        Desired(
            Address("BotUser", "survey-bot"),
            {"email": f"{PERSONAL}2@example.com", "employeeId": f"{PERSONAL}2"},
            HERE,
        ),
    ]
    with httpx.Client(transport=httpx.WSGITransport(app=sandbox.app)) as http:
        gateway = Gateway(Client(sandbox.account, http, lambda service: "https://a.test"), KINDS)
        made = plan(desired, Inventory(gateway.read(), KINDS), Sinks())
    sandbox.close()
    changed = {part.path for change in made.writes for part in change.fields}
    assert changed >= {"email", "employeeId", "description", "sink"}, made.findings
    return made


PLANS = {
    "every personal field": Plan("10000001", tuple(personal())),
    "the account": from_the_account(),
}
PLANS["held back"] = replace(
    PLANS["the account"],
    proposed=ProposedChange("0" * 64, "1" * 40, PLANS["the account"].writes, held_back=True),
)


def outcomes(drawn: Plan) -> list[Outcome]:
    """The plan's changes, each ended in every way."""
    return [Outcome(c, status, c.id, "why") for c in drawn.writes for status in Status]


def test_there_are_personal_fields() -> None:
    assert len(PLANS["every personal field"].changes) >= 6


@pytest.mark.parametrize("name", DRAWN)
@pytest.mark.parametrize("about", PLANS)
def test_no_personal_value_and_no_secret_is_drawn(name: str, about: str) -> None:
    drawn = DRAWN[name](PLANS[about], outcomes(PLANS[about]))
    assert drawn
    assert PERSONAL not in drawn
    assert not hits([(name, drawn)])


@pytest.mark.parametrize("about", PLANS)
def test_the_values_would_be_seen(about: str) -> None:
    public = [
        replace(change, fields=tuple(replace(part, personal=False) for part in change.fields))
        for change in PLANS[about].changes
    ]
    made = replace(PLANS[about], changes=tuple(public))
    showing = {name for name, draw in DRAWN.items() if PERSONAL in draw(made, outcomes(made))}
    assert showing >= {
        "page.page.plan",
        "documents.plan.plan",
        "comment.markdown.plan",
        "plain.plan.plan",
    }
