"""A bot as a customer meets it: picture, nickname, first words; and the messages of each skill."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from lebots.sandbox.objects.events import DEFAULTS
from lebots.sandbox.objects.fields import Json

_FIRST = ("CONSUMER_OPEN_NEW_CONVERSATION", "YOU_ARE_CONNECTED_TO")
"""What a customer reads before the bot has said anything of its own (15.4)."""

Texts = Mapping[str, str]


def personas(bots: Sequence[Json], messages: Sequence[Json]) -> Iterator[Json]:
    """Each bot, with the texts that a customer of its first skill reads first, by language."""
    for bot in bots:
        skill = next(iter(bot["skills"]), None)
        first: dict[str, list[str]] = {}
        for event in _FIRST:
            for language, text in texts(event, skill, messages).items():
                said = text.replace("{agentNickname}", str(bot["nickname"]))
                first.setdefault(language, []).append(said)
        yield {
            "name": bot["loginName"],
            "nickname": bot["nickname"],
            "picture": bot["pictureUrl"],
            "skill": skill,
            "first": {language: " ".join(said) for language, said in first.items()},
        }


def texts(event: str, skill: str | None, messages: Sequence[Json]) -> Texts:
    """What is said on an event, language by language: built in < the account's < the skill's."""
    found = {one["lang"]: one["msg"] for one in DEFAULTS[event]["data"]}
    enabled = True
    for whose in dict.fromkeys((None, skill)):
        for one in messages:
            if (one["event"], one["skill"]) == (event, whose):
                found |= one["text"]
                enabled = one["enabled"]
    return found if enabled else {}
