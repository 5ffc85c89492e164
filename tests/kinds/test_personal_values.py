"""A digest tells nothing of a personal value: every such field of every kind, in every change."""

from collections.abc import Iterator
from typing import Any

import pytest

from lebots import kinds
from lebots.core.compare.digest import keyed, plan_digest
from lebots.core.model.address import Address, Source
from lebots.core.model.desired import Desired
from lebots.core.model.inventory import Inventory, targets
from lebots.core.model.live import Account, Live
from lebots.core.model.plan import Plan
from lebots.core.model.secret import Secret
from lebots.core.planner import plan
from lebots.documents.plan import plan as document
from lebots.documents.text import dumps

KINDS = kinds.load()
KEY = Secret("the key of plans, which is long enough", known=False)
ONE, OTHER = "jane.doe@acme.test", "john.roe@acme.test"
CHANGES = ("create", "update", "a live value", "beside another field")


def personal() -> Iterator[tuple[str, str, str]]:
    for kind in KINDS.values():
        yield from ((kind.name, name, what) for name in sorted(kind.personal) for what in CHANGES)


def planned(kind_name: str, field: str, what: str, hidden: str) -> Plan:
    """A plan in which the hidden value stands where ``what`` says."""
    kind = KINDS[kind_name]
    at = Address(kind_name, "refund-bot")
    spec: dict[str, Any] = {**kind.valid[0], field: hidden}
    around = [
        Live(target, str(number), KINDS[target.kind].endpoint_for({}).name, {})
        for number, (_, target) in enumerate(targets(kind, spec))
    ]
    here = {**kind.on_create, **spec}
    if what == "update":
        here[field] = "before@acme.test"
    elif what == "a live value":
        spec[field] = "after@acme.test"
    elif what == "beside another field":
        plain = next(p.name for p in kind.fields if isinstance(spec.get(p.name), str) and not p.ref)
        here[plain] = "something else"
    if what != "create":
        around.append(Live(at, "4711", kind.endpoint_for(spec).name, here))
    wanted = Desired(at, spec, Source("bots.yaml", 1, 1))
    return plan([wanted], Inventory(Account("1", tuple(around)), KINDS))


def test_personal_values_are_known() -> None:
    assert {(kind, name) for kind, name, _ in personal()} >= {
        ("BotUser", "email"),
        ("BotUser", "employeeId"),
        ("BotUser", "mobileNumber"),
    }


@pytest.mark.parametrize(("kind", "field", "what"), list(personal()))
def test_a_hidden_value_is_guessed_from_nothing(kind: str, field: str, what: str) -> None:
    """What is public of two plans is equal, so that no guess can be tried on it."""
    one, other = (planned(kind, field, what, hidden) for hidden in (ONE, OTHER))
    assert one.writes
    assert one != other
    assert document(one, version="1") == document(other, version="1")
    marked, differing = keyed(one, KEY), keyed(other, KEY)
    assert plan_digest(marked) != plan_digest(differing)
    assert ONE not in dumps(document(marked, version="1"))
