"""A key that is renamed keeps its id, its bot and its secret, whatever strikes on the way."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lebots.core.model.address import Address
from lebots.core.model.change import Action
from lebots.core.model.ports import Credential
from tests.night import at_night, by_day
from tests.simulation.futures import Futures
from tests.simulation.table import PROPERTY, figures
from tests.simulation.world import FILES, World

BEFORE, AFTER = "robot", "machine"
MANIFEST = "manifests/robot.yaml"
KEY, BOT = FILES[MANIFEST].split("---\n")
RENAMED = {
    **FILES,
    MANIFEST: "---\n".join(
        [
            KEY.replace("{name: robot}", "{name: machine, previously: [robot]}"),
            BOT.replace("key: robot", "key: machine"),
        ]
    ),
}


@dataclass
class Renaming(World):
    """A key and its bot that were made without any fault, and are renamed from then on."""

    def __post_init__(self) -> None:
        super().__post_init__()
        assert self.run().done
        self.made = self.sandbox.find("installations", BEFORE)
        self.files = RENAMED

    def bad_end(self) -> str:
        applications = self.sandbox.dump()["installations"]
        ours = [one for one in applications if one["client_name"] != "made by hand"]
        if [one["id"] for one in ours] != [self.made["id"]]:
            return "dup"
        if ours[0]["client_name"] != AFTER:
            return "old name"
        held = self.vault.held
        if held.keys() != {BEFORE, AFTER} or held[AFTER].key != AFTER:
            return "not copied"
        if {self._works(credential) for credential in held.values()} != {True}:
            return "lost"
        bot = self.sandbox.find("users", "robot")
        return "" if bot["allowedAppKeys"] == self.made["id"] else "reference"

    def _works(self, credential: Credential) -> bool:
        secret: Any = credential.values["LP_SECRET"]
        return (credential.id, secret.reveal()) == (self.made["id"], self.made["client_secret"])


@pytest.fixture
def renaming(tmp_path: Path) -> Callable[..., Renaming]:
    return lambda **about: Renaming(tmp_path / "project", **about)


@pytest.mark.parametrize("lag", by_day([0, 3], [3]))
@pytest.mark.parametrize("most", [1, pytest.param(3, marks=pytest.mark.nightly)])
def test_every_schedule_ends_well(
    lag: int,
    most: int,
    renaming: Callable[..., Renaming],
    record_property: Callable[[str, object], None],
) -> None:
    futures = Futures(renaming(lag=lag), every=1 if at_night() else 3)
    found = figures("rename", lag, most, futures)
    record_property(PROPERTY, found)
    assert found["schedules"] > (50 if most == 1 else 200) // futures.every
    assert found["schedules"] == found["good"]
    assert found["keys"] == 0
    assert not futures.wrongs
    assert not futures.hits


def test_a_rename_touches_nothing_but_the_key(renaming: Callable[..., Renaming]) -> None:
    world = renaming()
    bot = world.sandbox.find("users", "robot")
    ran = world.run()
    assert ran.done
    assert [(one.change.action, one.change.address) for one in ran.outcomes] == [
        (Action.RENAME, Address("Key", AFTER))
    ]
    assert world.sandbox.find("users", "robot") == bot
    assert world.bad_end() == ""


def test_a_copy_that_was_cut_off_is_made_up_for_without_the_account(
    renaming: Callable[..., Renaming],
) -> None:
    """By then the account may hide the secret: what was delivered is enough."""
    world = renaming()
    hidden = {"client_name": AFTER, "client_secret": "********"}
    world.sandbox.put("installations", {**world.made, **hidden})
    ran = world.run()
    assert ran.done
    assert ran.outcomes[0].change.action is Action.UPDATE
    assert world.bad_end() == ""


def test_a_key_removed_after_its_rename_was_asked_for_is_not_made_anew(
    renaming: Callable[..., Renaming],
) -> None:
    """Whoever removed it cut off its bot; a new name is no reason for a new key (F24)."""
    world = renaming()
    world.sandbox.remove("installations", world.made["id"])
    assert not world.run().done
    deleted = {one["id"]: one["deleted"] for one in world.sandbox.dump()["installations"]}
    assert deleted.pop(world.made["id"]) is True
    assert list(deleted.values()) == [False], "only the one that was made by hand is left"
    assert world.vault.held.keys() == {BEFORE}
