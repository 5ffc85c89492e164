"""Whatever one object or one list of an account is, the plans of all others stay as they are."""

import copy
import json
import random
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest

from lebots import kinds
from lebots.core.account_diff import compare
from lebots.core.checks.doctor import examine
from lebots.core.compare.change import Sinks
from lebots.core.history.drift import drift
from lebots.core.importer.manifest import SinkRecords
from lebots.core.importer.select import Choice, manifests
from lebots.core.model.address import Address, Source
from lebots.core.model.change import Change
from lebots.core.model.desired import Desired
from lebots.core.model.inventory import Inventory, reported, targets
from lebots.core.model.inventory import needed as needed_lists
from lebots.core.model.options import AccountPolicy, PlanOptions
from lebots.core.model.plan import Plan
from lebots.core.model.value import Spec
from lebots.core.planner import plan
from lebots.core.vendor.decode import assemble
from lebots.files.yaml.unwritable_reason import complaint
from lebots.sandbox import Sandbox
from tests.night import by_day

KINDS = kinds.load()
ENDPOINTS = {
    endpoint.name: (kind.name, endpoint.name)
    for kind in KINDS.values()
    for endpoint in kind.endpoints
}
APPLICATION = {
    "id": "11111111-2222-4333-8444-555555555555",
    "client_id": "11111111-2222-4333-8444-555555555555",
    "client_name": "faq-bot",
    "description": "Login of the FAQ bot",
    "grant_types": ["client_credentials"],
    "scope": "msg.consumer",
    "redirect_uris": ["https://bots.example.com/"],
    "capabilities": {"webhooks": {"retry": {"retention_time": 60}}},
    "enabled": True,
    "deleted": False,
}
MANIFESTS: Sequence[tuple[str, Spec]] = (
    ("Skill/Billing", {"description": "Bills", "fallbackSkill": "Customer care"}),
    ("Skill/Customer care", {"maxWaitTime": 7}),
    ("Skill/Sales", {"lobs": ["Retail"], "skillTransferList": ["Billing"]}),
    ("Skill/new", {"description": "A new one"}),
    ("Key/faq-bot", {"type": "oauth2", "description": "Changed", "sink": None}),
    ("Key/new", {"type": "oauth2"}),
    ("BotUser/survey-bot", {"nickname": "Ask", "skills": ["new"]}),
    (
        "BotUser/faq-bot",
        {
            "fullName": "FAQ",
            "nickname": "Q",
            "email": "bots@example.com",
            "profiles": ["Agent"],
            "skills": ["new"],
            "agentGroup": "Bots",
            "key": "faq-bot",
        },
    ),
)
SHAPES: Sequence[Any] = (
    None, True, 0, -7, 3.5, "", "words of a text", "4100200901,4100200902", "True", [], [None],
    [[]], ["a", "b"], {}, {"id": 4100200901}, [{}], {"a": {"b": [1]}}, False, -1, 1e308, 2**63,
    -(2**70), " ", "null", "\u202e", "\ud800", "\0", "4100200901", [4100200901, None], [[[[1]]]],
    {"": ""}, {"agentGroupId": []}, [{"agentGroupId": "x"}], {"items": [None, {}]}, "<b>&amp;",
)  # fmt: skip


EVERY_SKILL = AccountPolicy(scope={"Skill": ("*",)})
EVERYTHING = AccountPolicy(
    scope=dict.fromkeys(("Skill", "Key", "BotUser"), ("*",)), retire="delete"
)


def address(text: str) -> Address:
    return Address(*text.split("/"))


DESIRED = [
    Desired(address(text), spec, Source("m.yaml", line, 1))
    for line, (text, spec) in enumerate(MANIFESTS, 1)
]


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], list[Any]]:
    """What the seeded account lists, with an application."""
    file = tmp_path_factory.mktemp("account") / "account.db"
    Sandbox(file).close()
    database = sqlite3.connect(file)
    found: dict[tuple[str, str], list[Any]] = {where: [] for where in ENDPOINTS.values()}
    for collection, body in database.execute("SELECT collection, body FROM objects ORDER BY rowid"):
        found[ENDPOINTS[collection]].append(json.loads(body))
    database.close()
    found[ENDPOINTS["installations"]].append(APPLICATION)
    return found


def inventory_of(lists: Mapping[tuple[str, str], list[Any]], unread: str = "") -> Inventory:
    left = {where: items for where, items in lists.items() if where[1] != unread}
    return Inventory(assemble("1", KINDS, left, {unread: "403"} if unread else {}), KINDS)


def planned(inventory: Inventory) -> Plan:
    return plan(DESIRED, inventory, Sinks(("default",)))


def said(found: Plan, one: Address) -> tuple[list[Change], list[str]]:
    """The plan of one object, and what is said against it."""
    return (
        [replace(c, used_by=(), effects=()) for c in found.writes if c.address == one],
        [str(finding) for finding in found.refused if finding.address == one],
    )


def needed(one: Address) -> set[Address]:
    """What a manifest refers to, over as many steps as there are."""
    specs = {wanted.address: wanted.spec for wanted in DESIRED}
    waiting, found = [one], set()
    while waiting:
        here = waiting.pop()
        found.add(here)
        for _, target in targets(KINDS[here.kind], specs.get(here, {})):
            waiting += [target] if target not in found else []
    return found


def test_the_plan_to_start_with_changes_every_object(lists: Any) -> None:
    found = planned(inventory_of(lists))
    assert not found.refused
    assert {c.address for c in found.writes} == {wanted.address for wanted in DESIRED}


def others(found: Plan, before: Plan, odd: Address, users: set[Address]) -> None:
    for wanted in DESIRED:
        if odd not in needed(wanted.address) and wanted.address not in users:
            assert said(found, wanted.address) == said(before, wanted.address), wanted.address


@pytest.mark.parametrize("seed", by_day(range(20), range(4)))
def test_an_odd_field_leaves_all_other_plans_as_they_were(lists: Any, seed: int) -> None:
    chance = random.Random(seed)
    sound = inventory_of(lists)
    before = planned(sound)
    for _ in range(40):
        odd = copy.deepcopy(lists)
        where = chance.choice([where for where, items in odd.items() if items])
        position = chance.randrange(len(odd[where]))
        raw = odd[where][position]
        name = Address(where[0], KINDS[where[0]].endpoint(where[1]).name_field)
        mutated = Address(name.kind, str(raw[name.name]))
        field = chance.choice(sorted(raw))
        raw[field] = chance.choice([one for one in SHAPES if type(one) is not type(raw[field])])
        found = inventory_of(odd)
        others(planned(found), before, mutated, {u.address for u in sound.referrers(mutated)})
        plan((), found, options=PlanOptions(prune=True), policy=EVERY_SKILL)


def look_at_all_of(found: Inventory) -> None:
    """Whatever is done with a reading of an account; it raises nothing."""
    planned(found)
    plan((), found, options=PlanOptions(prune=True), policy=EVERYTHING)
    drift(DESIRED, found)
    examine(found, "nobody", 0.0)
    compare(found, found)
    manifests(found, Choice(), SinkRecords({}, {}, {}), complaint)


@pytest.mark.parametrize("where", ENDPOINTS)
def test_no_shape_of_any_field_stops_anything(lists: Any, where: str) -> None:
    """Every attribute of every kind in every shape, at night; by day a few of each."""
    kind, endpoint = ENDPOINTS[where]
    pairs = [(field, shape) for field in sorted(lists[kind, endpoint][0]) for shape in SHAPES]
    for field, shape in by_day(pairs, random.Random(where).sample(pairs, 12)):
        items = copy.deepcopy(lists[kind, endpoint])
        items[0][field] = shape
        look_at_all_of(inventory_of({**lists, (kind, endpoint): items}))


@pytest.mark.parametrize("unread", ENDPOINTS)
def test_an_unread_list_leaves_all_other_plans_as_they_were(lists: Any, unread: str) -> None:
    kind, _ = ENDPOINTS[unread]
    before, found = planned(inventory_of(lists)), planned(inventory_of(lists, unread))
    held = 0
    for wanted in DESIRED:
        about = {one for one in needed(wanted.address) if one.kind == kind}
        variant = KINDS[kind].variant_field and wanted.spec.get("type") != "oauth1"
        if about and not (variant and unread == "appKeys"):
            held += 1
            continue
        assert said(found, wanted.address) == said(before, wanted.address), wanted.address
    assert bool(found.refused) == bool(held)
    assert [f.severity for f in found.findings if f.code == "unreadable" and not f.source] == [
        "note"
    ]


# Lists that nothing needs


DECLARED = ("Skill", "Key", "BotUser")
SUBSETS = [names for size in range(4) for names in combinations(DECLARED, size)]


def stands_alone(wanted: Desired, declared: Sequence[str]) -> bool:
    """Whether a manifest needs no other one than of these kinds."""
    return all(
        one.kind in declared for one in needed(wanted.address) if not KINDS[one.kind].lookup_only
    )


@pytest.mark.parametrize("scope", [(), ("Skill",), ("Key",), ("BotUser",)], ids=str)
@pytest.mark.parametrize("declared", SUBSETS, ids="+".join)
def test_a_list_that_is_not_needed_changes_no_plan(
    lists: Any, declared: Sequence[str], scope: Sequence[str]
) -> None:
    desired = [
        one for one in DESIRED if one.address.kind in declared and stands_alone(one, declared)
    ]
    asked = PlanOptions(prune=bool(scope))
    policy = AccountPolicy(scope=dict.fromkeys(scope, ("*",)), max_delete_percent=100)
    about = {one.address.kind for one in desired}.union(scope)
    kinds = needed_lists(KINDS, about, removed=scope) | reported(KINDS)
    some = {where: items for where, items in lists.items() if where[0] in kinds}
    read = assemble("1", {name: KINDS[name] for name in kinds}, some, {})
    left_out = frozenset(KINDS) - kinds
    found = plan(
        desired,
        Inventory(replace(read, unasked=left_out), KINDS),
        Sinks(("default",)),
        asked,
        policy,
    )
    whole = plan(desired, inventory_of(lists), Sinks(("default",)), asked, policy)
    assert (found.changes, found.findings) == (whole.changes, whole.findings)
    assert found.quotas == whole.quotas
    assert bool(found.calls.reads < whole.calls.reads) == bool(left_out)
