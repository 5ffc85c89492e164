"""One account and one sink that several runs work on, and what must hold there at any time."""

import re
from dataclasses import dataclass
from pathlib import Path

from tests.two_writers.account import Account
from tests.two_writers.machine import Ended, Machine
from tests.two_writers.stores import Store, Stored

KEY = BOT = "routing-bot"

_SKILL = """\
apiVersion: lebots/v1
kind: Skill
metadata: {name: routing-bot}
spec: {description: Conversations the routing bot takes first}
"""
_KEY = """\
apiVersion: lebots/v1
kind: Key
metadata: {name: routing-bot}
spec: {type: oauth2, description: Login of the routing bot, sink: runtime}
"""
_BOT = """\
apiVersion: lebots/v1
kind: BotUser
metadata: {name: %s}
spec:
  fullName: %s
  nickname: %s
  email: %s@example.com
  profiles: [Agent]
  skills: [routing-bot]
  agentGroup: Bots
  key: routing-bot
  maxAsyncChats: 25
"""

SOMEBODY = re.compile(
    "somebody else|another run|process [0-9]+|since the plan|since it was approved"
    "|a rotation (was cut short|is under way)"
)
WHAT_TO_DO = re.compile("plan (and review )?again|run (it |this )?again|`lebots [a-z]+")


def bot(name: str = BOT, nickname: str = "Ava") -> str:
    """A bot on the key."""
    return _BOT % (name, name, nickname, name)


def manifests(*bots: str) -> str:
    """A skill, a key and bots on it."""
    return "---\n".join([_SKILL, _KEY, *(bots or (bot(),))])


def renamed(documents: str, key: str) -> str:
    """The same with another name of the key, which tells its former one."""
    here = f"metadata: {{name: {key}, previously: [{KEY}]}}"
    return documents.replace(f"kind: Key\nmetadata: {{name: {KEY}}}", f"kind: Key\n{here}").replace(
        f"key: {KEY}", f"key: {key}"
    )


@dataclass
class World:
    """What runs share."""

    folder: Path
    account: Account
    store: Store
    once: bool
    """Whether the account shows a secret only in the answer that made it."""

    def __post_init__(self) -> None:
        self.machines: list[Machine] = []

    def machine(self, name: str = "here", documents: str = "", **guards: bool) -> Machine:
        """A project folder with its manifests."""
        machine = Machine(self.folder / name, self.account, self.store, guards)
        machine.write("manifests/bots.yaml", documents or manifests())
        self.machines.append(machine)
        return machine

    def stored(self, key: str = KEY) -> Stored:
        """The credential in the sink."""
        found = self.store.stored(key)
        assert found, "the sink holds no credential"
        return found

    def harms(self, retired: int = 0) -> set[str]:
        """``lost`` where a bot cannot log in, ``duplicates`` where more was made than asked.

        ``retired`` is how many keys may have been taken out of the way.
        """
        stored, found = self.store.stored(KEY), self.account.applications(KEY)
        harms = set()
        bots = self.account.bots()
        if not (stored and bots and all(self.account.logs_in(bot, *stored) for bot in bots)):
            harms.add("lost")
        named = [one for one in found if one.name == KEY]
        others = [one for one in found if one.name != KEY]
        lost = [one for one in others if one.name.startswith(f"{KEY}.lost-")]
        if [one.enabled for one in named] != [True] or len(others) > retired:
            harms.add("duplicates")
        if any(one.enabled for one in lost):
            harms.add("duplicates")
        return harms

    def check(self, retired: int = 0) -> None:
        """Bots log in with what the sink holds, and the account has one key of the name."""
        found = [one.name for one in self.account.applications(KEY)]
        assert not self.harms(retired), (self.harms(retired), found)

    def ends_well(self, *machines: Machine, retired: int = 0) -> None:
        """Nothing was lost, lebots says so too, and whoever runs next has nothing to mend."""
        self.check(retired)
        stored = self.store.stored(KEY)
        assert passed(machines[0]("verify", "--yes"))
        for machine in machines:
            assert passed(machine("apply", "--yes"))
            assert passed(machine("plan", "--check"))
        self.check(retired)
        assert self.store.stored(KEY) == stored, "nothing was to mend, and the credential moved"

    def close(self) -> None:
        """Ends every run."""
        for machine in self.machines:
            machine.close()


def passed(ended: Ended) -> bool:
    """Whether a run ended with 0; fails with what it said where it did not."""
    assert ended.code == 0, str(ended)
    return True


def gave_way(ended: Ended, *codes: int) -> bool:
    """Whether a run ended with such a code, and said who was there and what to do."""
    assert ended.code in codes, str(ended)
    assert SOMEBODY.search(ended.said), str(ended)
    assert WHAT_TO_DO.search(ended.said), str(ended)
    return "Traceback" not in ended.said


def over(ended: Ended) -> bool:
    """Whether a run made what it should, or gave way to somebody."""
    return passed(ended) if ended.code == 0 else gave_way(ended, 6, 7)
