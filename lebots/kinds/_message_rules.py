"""What the vendor advises about automatic messages, and the events there are (15.4, 15.5)."""

import re
from collections.abc import Callable, Iterator, Mapping

from lebots.core.model.finding import Finding, Severity
from lebots.core.model.live import PlannedState, World
from lebots.core.quoting import quoted

_TIME, _NICKNAME = "expectedResponseTime", "agentNickname"
_TIMED = frozenset({"CONSUMER_NON_RESPONSIVE", "AGENT_NON_RESPONSIVE", "CONV_AWAITING_IN_QUEUE"})
_LATE = frozenset({"YOU_ARE_CONNECTED_TO", "ENGAGEMENT_TRANSFERED", "BACK_TO_QUEUE"})
"""A message with the response time is not sent when it is overdue: not advised in these (D)."""
_OPEN = "CONSUMER_OPEN_NEW_CONVERSATION"
EVENTS: Mapping[str, str] = {
    _OPEN: _TIME,
    f"{_OPEN}_FIRST_TIME": _TIME,
    f"{_OPEN}_OFF_HOURS": _TIME,
    f"{_OPEN}_FIRST_TIME_OFF_HOURS": _TIME,
    f"{_OPEN}_AFTER_AUTOCLOSE": "",
    "CONSUMER_SEND_MESSAGE_ON_OFFHOURS": _TIME,
    "AGENT_UPDATED_RESPONSE_TIME": _TIME,
    "CONSUMER_ASKED_URGENT_RESPONSE_TIME": _TIME,
    "CONSUMER_CANCELED_URGENT_RESPONSE_TIME": _TIME,
    "CONSUMER_NON_RESPONSIVE": "",
    "AGENT_NON_RESPONSIVE": "",
    "CONV_AWAITING_IN_QUEUE": "",
    "ENGAGEMENT_TRANSFERED": "",
    "BACK_TO_QUEUE": _TIME,
    "YOU_ARE_CONNECTED_TO": _NICKNAME,
    "ANOTHER_AGENT_JOINED_CONVERSATION": _NICKNAME,
    "JOINED_AGENT_LEFT_CONVERSATION": _NICKNAME,
    "AGENT_END_CONVERSATION": "",
    "CONSUMER_END_CONVERSATION": "",
    "SYSTEM_END_CONVERSATION": "",
    "CONSUMER_STEP_UP": "",
    "CHAT_STARTED": "",
}
"""The events that pages of the vendor name, with the placeholder that is filled in there."""

_SHORTEST = 15
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def _messages(world: World) -> Iterator[tuple[PlannedState, str]]:
    """The declared messages by address, each with its event."""
    for address in sorted(world):
        if address.kind == "AutomaticMessage" and world[address].declared:
            yield world[address], address.name.partition("@")[0]


def _texts(message: PlannedState) -> Mapping[str, str]:
    found = message.spec.get("text")
    return {str(k): str(v) for k, v in found.items()} if isinstance(found, Mapping) else {}


def _event_rules(world: World) -> Iterator[Finding]:
    for message, event in _messages(world):
        if event not in EVENTS:
            text = (
                f"no page of LivePerson names the event {quoted(event)}; check its spelling, or "
                "whether the account has it"
            )
            yield message.finding("unknown-event", text, Severity.WARNING)
        timer = message.spec.get("timer")
        if timer is not None and event in EVENTS and event not in _TIMED:
            text = f"the event {event} has no timer; remove it"
            yield message.finding("event-without-timer", text, Severity.WARNING, "timer")
        elif isinstance(timer, int) and timer < _SHORTEST:
            text = f"the timer is {timer}, and LivePerson takes at least {_SHORTEST} seconds"
            yield message.finding("timer-too-short", text, Severity.WARNING, "timer")


def _placeholder_rules(world: World) -> Iterator[Finding]:
    for message, event in _messages(world):
        filled = EVENTS.get(event, "")
        for word in dict.fromkeys(
            found for text in _texts(message).values() for found in _PLACEHOLDER.findall(text)
        ):
            if word == _TIME and event in _LATE:
                text = (
                    f"a message with {{{word}}} is not sent while the answer is overdue; "
                    "LivePerson advises against it on this event"
                )
                yield message.finding("placeholder-when-late", text, Severity.WARNING, "text")
            elif word != filled and event in EVENTS:
                instead = f"it fills in {{{filled}}}" if filled else "it fills in nothing"
                text = f"customers read {{{word}}} as it stands: on this event {instead}"
                yield message.finding("placeholder-not-filled", text, Severity.WARNING, "text")


def _nickname_rules(world: World) -> Iterator[Finding]:
    """Whom customers read of where a text has the nickname of who answers."""
    nicknames: dict[str, list[str]] = {}
    for address in sorted(world):
        user = world[address]
        skills = (
            user.spec.get("skills")
            if address.kind == "BotUser" and not user.unmanaged_reason
            else ()
        )
        for skill in skills if isinstance(skills, list | tuple) else ():
            nicknames.setdefault(str(skill), []).append(str(user.spec.get("nickname")))
    for message, _ in _messages(world):
        skill = message.spec.get("skill")
        if not skill or not any(f"{{{_NICKNAME}}}" in one for one in _texts(message).values()):
            continue
        if found := nicknames.get(str(skill)):
            shown = " or ".join(map(quoted, dict.fromkeys(found)))
            text = f"where a bot answers, customers read {shown} for {{{_NICKNAME}}}"
        else:
            text = f"no bot has the skill, so {{{_NICKNAME}}} is the nickname of people"
        yield message.finding("nickname-shown", text, Severity.NOTE, "text")


RULES: tuple[Callable[[World], Iterator[Finding]], ...] = (
    _event_rules,
    _placeholder_rules,
    _nickname_rules,
)
