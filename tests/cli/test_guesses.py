"""The whole story of a bot on accounts that behave otherwise than lebots supposes.

Each position of each switch of the account in turn. A command ends well, and a plan after it is
empty; or nothing was written, and it says why. Where an account refuses single changes for good,
the others are made, and what it says to do about it ends well.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from lebots.run.inputs import embedded
from lebots.sandbox import Rules, Sandbox
from lebots.sandbox.rules.table import BEHAVIOURS, positions_of_switches
from tests.cli.conftest import LEBOTS_YAML, ROUTING_BOT, Project
from tests.night import by_day

SCOPE = """sandbox.db
    scope: {Skill: ["entry*", "routing-*"], Key: ["entry*", "routing-*"], BotUser: ["routing-*"]}
    retire: delete
"""
UPDATED = (
    ROUTING_BOT.replace("takes first", "takes")
    .replace("Login of", "The login of")
    .replace("nickname: Ava", "nickname: Eva")
)
BY_HAND = {"description": "The login of the routing bot"}


def renamed(kind: str, manifests: str) -> str:
    """The manifests with a new name for one object, which nothing else refers to yet."""
    old, new = "  name: routing-bot\n", "  name: entry\n  previously: [routing-bot]\n"
    return manifests.replace(f"kind: {kind}\nmetadata:\n{old}", f"kind: {kind}\nmetadata:\n{new}")


RENAMED = (
    renamed("Key", renamed("Skill", UPDATED))
    .replace("skills: [routing-bot]", "skills: [entry]")
    .replace("key: routing-bot", "key: entry")
)


@dataclass(frozen=True)
class Stop:
    """What an account refuses for good in one step of the story."""

    step: str
    words: str
    """What lebots says to do."""
    follow: Callable[[Project], str]
    """Does it; gives the manifests from then on."""


def change_by_hand(project: Project) -> str:
    with closing(Sandbox(project.folder / ".lebots/sandbox.db")) as account:
        key = account.find("installations", "routing-bot")
        account.put("installations", {**key, **BY_HAND})
    return UPDATED


def keep_the_names(project: Project) -> str:
    return UPDATED


MASKED = Stop("update", "make this change in the account by hand", change_by_hand)
NAMED = Stop("rename", "keep th", keep_the_names)
STOPS = {
    ("secrets_on_read", "masked"): MASKED,
    ("secrets_on_read", "absent"): MASKED,
    ("name_change", "refused"): NAMED,
    ("name_change", "ignored"): NAMED,
}
NO_BOTS = "its user type Bot may be off: the LivePerson account team switches it on"


def positions() -> Iterator[Any]:
    """Every position of a switch but the first, which all other tests are about."""
    for row in BEHAVIOURS:
        for position in positions_of_switches().get(row.switch, ())[1:]:
            yield pytest.param(row.switch, position, id=f"{row.switch}={position}")


EVERY = list(positions())
FEW = [one for one in EVERY if one.values in STOPS or one.values[0] in ("privacy", "uninstall")]


class Story:
    """Runs command after command, and looks at how each one ends."""

    def __init__(self, project: Project, stop: Stop | None) -> None:
        self._project, self._stop = project, stop
        self.manifests = ""

    def step(self, name: str, manifests: str, *command: str) -> None:
        """One command, which ends well, or as far as the account lets it."""
        self._project.write("manifests/routing-bot.yaml", manifests)
        before = self._state()
        ran = self._project(*command)
        assert "Traceback" not in ran.all
        if self._stop and self._stop.step == name:
            assert ran.code == 7, ran.all
            assert self._stop.words in " ".join(ran.all.split()), ran.all
            assert "run again" not in ran.all
            manifests = self._stop.follow(self._project)
            self._project.write("manifests/routing-bot.yaml", manifests)
            ran = self._project("apply", "--yes")
        if ran.code:
            assert ran.err.strip(), "it says why"
            assert self._state() == before, ran.all
            self._project.write("manifests/routing-bot.yaml", self.manifests)
            return
        self.manifests = manifests
        pruned = [option for option in command if option in ("--prune", "--allow-empty")]
        again = self._project("plan", "--check", *pruned)
        assert again.code == 0, again.all

    def _state(self) -> Any:
        with closing(Sandbox(self._project.folder / ".lebots/sandbox.db")) as account:
            return account.dump()


@pytest.mark.parametrize(("switch", "position"), by_day(EVERY, FEW))
def test_the_whole_story(
    lebots: Project, monkeypatch: pytest.MonkeyPatch, switch: str, position: Any
) -> None:
    opened = partial(lebots.open, rules=Rules(**{switch: position}))
    monkeypatch.setattr(embedded, "Sandbox", opened)
    lebots.write("lebots.yaml", LEBOTS_YAML.replace("sandbox.db\n", SCOPE, 1))
    (lebots.folder / ".lebots").mkdir()
    if switch == "bot_users":
        ran = lebots("apply", "--yes")
        assert ran.code == 7
        assert NO_BOTS in " ".join(ran.all.split())
        return
    stop = STOPS.get((switch, position))
    story = Story(lebots, stop)
    story.step("create", ROUTING_BOT, "apply", "--yes")
    story.step("update", UPDATED, "apply", "--yes")
    if stop is not MASKED:
        story.step("rename", RENAMED, "apply", "--yes")
        key = "Key/entry" if "entry" in story.manifests else "Key/routing-bot"
        if stop is None:
            story.step("rotate", story.manifests, "rotate", key, "--yes", "--grace", "0")
    assert lebots("import", "--out", "imported").code == 0
    prune = ("--prune", "--allow-empty", "--confirm-deletes", "4")
    story.step("prune", "", "apply", "--yes", *prune)
