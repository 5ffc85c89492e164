"""Manifests as somebody edits them for a pull request: lines of text, so that places are real."""

import random
import re
from dataclasses import dataclass, field
from typing import Any

from benchmarks.fleet import TOPICS, bot, bot_name

_HARMLESS = {
    "BotUser": {
        "description": "Helps customers with {topic}",
        "fullName": "Assistant {number} for {topic}",
        "nickname": "Mia",
        "pictureUrl": "https://cdn.example.com/mia.png",
        "maxAsyncChats": "30",
        "lobs": "[Retail]",
    },
    "Skill": {
        "description": "First questions about {topic}",
        "maxWaitTime": "90",
        "wrapUpTime": "20",
        "autoCloseInSeconds": "3600",
        "slaDefaultResponseTime": "300",
        "lobs": "[Retail]",
    },
    "Key": {
        "description": "Used by the bot for {topic}",
        "display_name": "Login for {topic}",
        "overview": "Made for {topic}",
        "logo_uri": "https://cdn.example.com/logo.png",
    },
}
"""Another value for each field; customers see some of them, and nobody is hurt by any."""


@dataclass
class Draft:
    """The files of one pull request, and what else is true when it is planned."""

    files: dict[str, str]
    options: list[str] = field(default_factory=list)
    """More options of the plan."""
    by_hand: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What somebody edited in the account, by login name of the bot."""
    edited: set[tuple[str, str]] = field(default_factory=set)
    """Object and field of each edit."""
    added: list[str] = field(default_factory=list)
    """Names of new bots."""

    def __post_init__(self) -> None:
        self._base = self.addresses()

    def addresses(self, kind: str = "") -> list[str]:
        """What the manifests declare, of one kind or all."""
        found = re.findall(r"^kind: (\w+)\nmetadata:\n  name: (.+)$", "".join(self._texts), re.M)
        return [f"{of}/{name}" for of, name in found if kind in ("", of)]

    def bots(self, *, lead: bool = False) -> list[str]:
        """Names of the bots that manage a group, or of the others."""
        names = [address.partition("/")[2] for address in self.addresses("BotUser")]
        return [
            name for name in names if lead == ("Agent Manager" in self._place(f"BotUser/{name}")[1])
        ]

    def put(self, address: str, name: str, value: str | None) -> tuple[str, str]:
        """Writes one field of an object, or takes its line out; returns what was edited."""
        file, document = self._place(address)
        line = "" if value is None else f"  {name}: {value}\n"
        text, hits = re.subn(rf"^  {name}: .*\n", lambda _: line, document, flags=re.M)
        self.files[file] = self.files[file].replace(document, text if hits else document + line)
        self.edited.add((address, name))
        return address, name

    def remove(self, name: str) -> tuple[str, str]:
        """Takes the file of a bot out, with its skill and key."""
        del self.files[f"manifests/bots/{name}.yaml"]
        return f"BotUser/{name}", ""

    def add(self, skill: str = "") -> None:
        """A bot more; ``skill`` is the one it has, if not one of its own name."""
        number = sum(address.startswith("BotUser/") for address in self._base)
        name = bot_name(number + len(self.added))
        self.files[f"manifests/bots/{name}.yaml"] = bot(name, skill)
        self.added.append(name)

    def harmless(self, chance: random.Random) -> None:
        """One change that hurts nobody, of a field that was not edited yet."""
        address, name = chance.choice(
            [
                (address, name)
                for address in self.addresses()
                if address in self._base
                for name in _HARMLESS[address.partition("/")[0]]
                if (address, name) not in self.edited
            ]
        )
        kind, _, called = address.partition("/")
        topic, _, number = called.partition("-bot-")
        about = topic if topic in TOPICS else "many things"
        self.put(address, name, _HARMLESS[kind][name].format(topic=about, number=number))

    @property
    def _texts(self) -> list[str]:
        return [self.files[file] for file in sorted(self.files)]

    def _place(self, address: str) -> tuple[str, str]:
        kind, _, name = address.partition("/")
        head = f"kind: {kind}\nmetadata:\n  name: {name}\n"
        for file, text in self.files.items():
            for document in text.split("---\n"):
                if head in document:
                    return file, document
        raise LookupError(address)
