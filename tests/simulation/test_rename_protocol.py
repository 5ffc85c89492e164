"""A key that is renamed keeps its id, its bot and its secret, whatever strikes on the way."""

import os
from collections import Counter
from dataclasses import replace

import pytest

from lebots.cli import session
from lebots.core.model import Action, Address
from lebots.core.ports import Credential
from tests.simulation.world import BOT, KEY, MANIFESTS, Schedule, World, explore

MACHINE = Address("Key", "machine")
RENAMED = [
    replace(MANIFESTS[0], address=MACHINE, previously=(KEY.name,)),
    replace(MANIFESTS[1], spec={**MANIFESTS[1].spec, "key": MACHINE.name}),
]
# One fault in every run of the tests, two at night (`make nightly`).
MOST = int(os.environ.get("LEBOTS_FAULTS", "2")) - 1


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "message", lambda text: None)


class Renaming(World):
    """A key and its bot that were made without any fault, and are renamed under the schedule."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.at.schedule = {}
        assert self.run()
        self.at.schedule = self.schedule
        self.at.faults.clear()
        self.made = self.sandbox.find("installations", KEY.name)
        self.manifests = RENAMED

    def bad_end(self) -> str:
        applications = self.sandbox.dump()["installations"]
        if [one["id"] for one in applications] != [self.made["id"]]:
            return "dup"
        if applications[0]["client_name"] != MACHINE.name:
            return "old name"
        held = self.vault.held
        if held.keys() != {KEY.name, MACHINE.name} or held[MACHINE.name].key != MACHINE.name:
            return "not copied"
        if {self._works(credential) for credential in held.values()} != {True}:
            return "lost"
        bot = self.sandbox.find("users", BOT.name)
        return "" if bot["allowedAppKeys"] == self.made["id"] else "reference"

    def _works(self, credential: Credential) -> bool:
        secret = credential.values["LP_SECRET"]
        shown = secret if isinstance(secret, str) else secret.reveal()
        return (credential.id, shown) == (self.made["id"], self.made["client_secret"])


@pytest.mark.parametrize("lag", [0.0, 3.0])
def test_every_schedule_ends_well(lag: float) -> None:
    def world(schedule: Schedule) -> World:
        return Renaming(schedule, lag=lag)

    ends = Counter(end for _, end in explore(MOST, world))
    assert sum(ends.values()) > 20
    assert set(ends) == {""}, ends


def test_a_rename_touches_nothing_but_the_key() -> None:
    world = Renaming({})
    bot = world.sandbox.find("users", BOT.name)
    assert world.run()
    assert [(one.change.action, one.change.address) for one in world.outcomes] == [
        (Action.RENAME, MACHINE)
    ]
    assert world.sandbox.find("users", BOT.name) == bot
    assert world.bad_end() == ""


def test_a_copy_that_was_cut_off_is_made_up_for_without_the_account() -> None:
    """By then the account may hide the secret: what was delivered is enough."""
    world = Renaming({})
    hidden = {"client_name": MACHINE.name, "client_secret": "********"}
    world.sandbox.put("installations", {**world.made, **hidden})
    assert world.run()
    assert world.outcomes[0].change.action is Action.UPDATE
    assert world.bad_end() == ""


def test_a_key_removed_after_its_rename_was_asked_for_is_not_made_anew() -> None:
    """Whoever removed it cut off its bot; a new name is no reason for a new key (F24)."""
    world = Renaming({})
    world.sandbox.remove("installations", world.made["id"])
    assert not world.run()
    assert [one["deleted"] for one in world.sandbox.dump()["installations"]] == [True]
    assert world.vault.held.keys() == {KEY.name}
