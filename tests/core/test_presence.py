"""Which bots a plan interrupts, and how what is known of them is told beside it."""

import pytest

from lebots import kinds
from lebots.core.compare.digest import change_digest, plan_digest
from lebots.core.compare.presence import interrupted, with_presence
from lebots.core.model.address import Address
from lebots.core.model.change import Action, Change, ChangeEffect, Effect, Presence
from lebots.core.model.inventory import Inventory
from lebots.core.model.live import Account, Live
from lebots.core.model.plan import Plan
from lebots.render.look_first import alerts
from lebots.render.plan_view import PlanView

KINDS = kinds.load()
BOT, OTHER, THIRD = (Address("BotUser", name) for name in ("a", "b", "c"))
KEY = Address("Key", "k")
INVENTORY = Inventory(
    Account("1", tuple(Live(one, f"id-{one.name}", "users", {}) for one in (BOT, OTHER, THIRD))),
    KINDS,
)
ONLINE = Presence("online", 12)


def plan(*effects: ChangeEffect, of: Address = BOT, action: Action = Action.UPDATE) -> Plan:
    return Plan("1", (Change(of, action, id=f"id-{of.name}", effects=effects),))


@pytest.mark.parametrize(
    ("effect", "action", "asked"),
    [
        *(
            (one, Action.UPDATE, one in (Effect.OUT_OF_SERVICE, Effect.LOGIN_CHANGES))
            for one in Effect
        ),
        (Effect.IRREVERSIBLE, Action.DELETE, True),
        (Effect.OUT_OF_SERVICE, Action.DISABLE, True),
    ],
)
def test_what_interrupts_a_bot(effect: Effect, action: Action, asked: bool) -> None:
    planned = plan(ChangeEffect(effect, "why", on=(BOT,)), action=action)
    assert interrupted(planned, INVENTORY) == ({BOT: "id-a"} if asked else {})
    told = with_presence(planned, {BOT: ONLINE})
    assert told.changes[0].effects[0].now == (((BOT, ONLINE),) if asked else ())


def test_an_effect_on_others_asks_of_the_bots_among_them_by_their_live_id() -> None:
    new = Address("BotUser", "not there yet")
    planned = plan(ChangeEffect(Effect.OUT_OF_SERVICE, "why", on=(KEY, BOT, new)), of=KEY)
    assert interrupted(planned, INVENTORY) == {BOT: "id-a"}


def test_a_renamed_bot_is_asked_of_by_the_id_of_its_change() -> None:
    renamed = Address("BotUser", "new name")
    planned = plan(ChangeEffect(Effect.LOGIN_CHANGES, "why", on=(renamed,)))
    (change,) = planned.changes
    planned = Plan("1", (Change(renamed, Action.RENAME, id="id-a", effects=change.effects),))
    assert interrupted(planned, INVENTORY) == {renamed: "id-a"}


def test_it_is_in_no_digest() -> None:
    planned = plan(ChangeEffect(Effect.OUT_OF_SERVICE, "why", on=(BOT,)))
    told = with_presence(planned, {BOT: ONLINE})
    assert told != planned
    assert plan_digest(told) == plan_digest(planned)
    assert change_digest(told.changes[0]) == change_digest(planned.changes[0])


def said(on: tuple[Address, ...], known: dict[Address, Presence]) -> str:
    planned = with_presence(plan(ChangeEffect(Effect.OUT_OF_SERVICE, "why", on=on)), known)
    (alert,) = alerts(PlanView(planned, KINDS))
    return next((line for line in alert.below if line.startswith("now:")), "")


@pytest.mark.parametrize(
    ("presence", "words"),
    [
        (None, ""),
        (ONLINE, "now: online, 12 open conversations"),
        (Presence("online", 0), "now: online, 0 open conversations"),
        (Presence("back soon", 1), "now: back soon, 1 open conversation"),
        (Presence("offline", 0), "now: offline"),
        (Presence("offline", 2), "now: offline, 2 open conversations"),
        (Presence("away"), "now: away"),
        (Presence("", 3), "now: 3 open conversations"),
        (Presence("", 0), "now: 0 open conversations"),
    ],
)
def test_the_words_of_one_bot(presence: Presence | None, words: str) -> None:
    assert said((BOT,), {BOT: presence} if presence else {}) == words


@pytest.mark.parametrize(
    ("known", "words"),
    [
        ({}, ""),
        (
            {BOT: ONLINE, OTHER: Presence("away", 2), THIRD: Presence("online", 1)},
            "now: 2 online, 1 away, 15 open conversations",
        ),
        ({BOT: ONLINE}, "now: 1 online, 2 not known, 12 open conversations"),
        (
            {BOT: Presence("", 1), OTHER: ONLINE, THIRD: Presence("offline")},
            "now: 1 online, 1 offline, 1 not known, 13 open conversations",
        ),
    ],
)
def test_the_words_of_several(known: dict[Address, Presence], words: str) -> None:
    assert said((KEY, BOT, OTHER, THIRD), known) == words


def test_each_of_several_equal_alerts_has_its_own_line() -> None:
    changes = tuple(
        Change(
            one,
            Action.UPDATE,
            id=f"id-{one.name}",
            effects=(ChangeEffect(Effect.OUT_OF_SERVICE, "why", on=(one,)),),
        )
        for one in (BOT, OTHER)
    )
    planned = with_presence(Plan("1", changes), {BOT: ONLINE, OTHER: ONLINE})
    below = [alert.below for alert in alerts(PlanView(planned, KINDS))]
    assert below == [("now: online, 12 open conversations", "why"), below[1]]
    assert below[1] == ("now: online, 12 open conversations",)
