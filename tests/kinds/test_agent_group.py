"""Agent groups: owned where declared, looked up else; the root group is never touched."""

from collections.abc import Iterable
from typing import Any

import pytest

from lebots import kinds
from lebots.core.checks.doctor import examine
from lebots.core.checks.policy import unsure_writes
from lebots.core.model.address import Address, Source
from lebots.core.model.change import Action
from lebots.core.model.desired import Desired
from lebots.core.model.inventory import Inventory
from lebots.core.model.live import Account, Live
from lebots.core.model.options import AccountPolicy, PlanOptions
from lebots.core.model.plan import Plan
from lebots.core.model.value import Spec
from lebots.core.planner import plan
from tests.kinds.worlds import codes, declared, findings

KINDS = kinds.load()
ROOT = Live(Address("AgentGroup", "Main Group"), "-1", "agentGroups", {}, built_in=True)


def group(name: str, id_: str, parent: str = "Main Group", enabled: bool = True) -> Live:
    spec: Spec = {"description": "", "parentGroup": parent, "enabled": enabled}
    return Live(Address("AgentGroup", name), id_, "agentGroups", spec)


def desired(name: str, **spec: Any) -> Desired:
    return Desired(Address("AgentGroup", name), spec, Source("groups.yaml", 1, 1))


def planned(wanted: Iterable[Desired], *live: Live, prune: bool = False, **policy: Any) -> Plan:
    asked = PlanOptions(prune=prune, confirmed=1 if prune else None)
    limits = AccountPolicy(scope={"AgentGroup": ("*",)}, **policy)
    inventory = Inventory(Account("1", (ROOT, *live)), KINDS)
    return plan(tuple(wanted), inventory, options=asked, policy=limits)


def writes(found: Plan) -> list[str]:
    return [f"{change.action} {change.address.name}" for change in found.writes]


def test_a_group_nobody_declares_is_neither_counted_nor_reported() -> None:
    found = planned([desired("Bots")], group("Bots", "1"), group("Support", "2"))
    assert found.live == 1
    assert [change.action for change in found.changes] == [Action.UNCHANGED]


def test_a_parent_comes_before_its_child() -> None:
    found = planned([desired("A night", parentGroup="Z bots"), desired("Z bots")])
    assert writes(found) == ["create Z bots", "create A night"]


def test_the_root_group_is_no_manifests() -> None:
    found = planned([desired("Main Group", description="ours")])
    (refusal,) = found.refused
    assert refusal.message == (
        'the name "Main Group" is held by the agent group of every account (id -1), which lebots '
        "never touches; choose another name"
    )


@pytest.mark.parametrize(
    ("policy", "expected"),
    [({}, ["disable Old"]), ({"retire": "delete"}, ["delete Old"])],
    ids=["by default", "where the project says so"],
)
def test_a_group_is_deleted_only_where_the_project_says_so(
    policy: dict[str, Any], expected: list[str]
) -> None:
    """And never one that something is in, nor the root group."""
    there = (group("Bots", "1"), group("Old", "2"), group("Used", "3"), group("In", "4", "Used"))
    kept = [desired("Bots"), desired("In")]
    assert writes(planned(kept, *there, prune=True, **policy)) == expected


def test_groups_in_a_circle_are_refused() -> None:
    there = {
        name: declared(f"AgentGroup/{name}", parentGroup=parent)
        for name, parent in {"A": "B", "B": "A", "C": "A", "D": "Main Group"}.items()
    }
    found = findings("AgentGroup", *there.values())
    assert codes(found) == {"agent-group-circle": "error"}
    assert [one.address.name for one in found if one.address] == ["A", "B"]


def test_what_a_token_may_not_write_is_told_before_the_first_write() -> None:
    changed = planned([desired("Bots", description="new")], group("Bots", "1"))
    (finding,) = unsure_writes(changed.writes, KINDS)
    assert (finding.code, finding.message) == (
        "unsure-right",
        "whether this login may write agentGroups shows only when it does: no page names a scope "
        "for agent groups, and an administrator's login has the right (method: login)",
    )
    unchanged = planned([desired("Bots")], group("Bots", "1"))
    assert unsure_writes(unchanged.writes, KINDS) == []
    inventory = Inventory(Account("1", (ROOT,)), KINDS)
    told = [one.message for one in examine(inventory, "", None, by_token=True)]
    told_to_users = [one.message for one in examine(inventory, "", None)]
    assert [one.partition(" ")[0] for one in told if one not in told_to_users] == [
        "agentGroups",
        "unified-auto-messages",
    ]
