"""What the account does with requests for automatic messages: events in contexts (15.1, 15.3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lebots.sandbox.errors import ApiError
from lebots.sandbox.objects.fields import Json
from lebots.sandbox.objects.operations import Answer, Call, Operations
from lebots.sandbox.objects.resource import Context

NAME = "unified-auto-messages"
_VIEWS = ("", "BY_CONTEXT")
_OURS = frozenset({"id", "number", "contexts", "deleted", "skillId", "attributes", "timer"})

_OPEN = "CONSUMER_OPEN_NEW_CONVERSATION"
_TIMERS = {
    "CONSUMER_NON_RESPONSIVE": "300",
    "AGENT_NON_RESPONSIVE": "120",
    "CONV_AWAITING_IN_QUEUE": "60",
}
_TEXTS = {
    _OPEN: "Thank you for writing. You hear from us within {expectedResponseTime}.",
    f"{_OPEN}_FIRST_TIME": "Hello! Answer whenever you like; we need {expectedResponseTime}.",
    f"{_OPEN}_OFF_HOURS": "Thank you for writing. We are closed, for {expectedResponseTime}.",
    f"{_OPEN}_FIRST_TIME_OFF_HOURS": "Hello! We are closed now, for {expectedResponseTime}.",
    f"{_OPEN}_AFTER_AUTOCLOSE": "Good to have you back.",
    "CONSUMER_SEND_MESSAGE_ON_OFFHOURS": "We are closed now, for {expectedResponseTime}.",
    "AGENT_UPDATED_RESPONSE_TIME": "We now expect to answer within {expectedResponseTime}.",
    "CONSUMER_ASKED_URGENT_RESPONSE_TIME": "This is urgent now: {expectedResponseTime}.",
    "CONSUMER_CANCELED_URGENT_RESPONSE_TIME": "No longer urgent: {expectedResponseTime}.",
    "CONSUMER_NON_RESPONSIVE": "We have not heard from you. Do you still need help?",
    "AGENT_NON_RESPONSIVE": "This takes longer than usual. You get an answer soon.",
    "CONV_AWAITING_IN_QUEUE": "Many people are waiting. Somebody is with you soon.",
    "ENGAGEMENT_TRANSFERED": "You are being passed on to somebody else.",
    "BACK_TO_QUEUE": "Somebody else answers, within {expectedResponseTime}.",
    "YOU_ARE_CONNECTED_TO": "You are talking to {agentNickname}.",
    "ANOTHER_AGENT_JOINED_CONVERSATION": "{agentNickname} is here as well.",
    "JOINED_AGENT_LEFT_CONVERSATION": "{agentNickname} has left.",
    "AGENT_END_CONVERSATION": "The conversation has ended.",
    "CONSUMER_END_CONVERSATION": "You have ended the conversation.",
    "SYSTEM_END_CONVERSATION": "The conversation was closed, since nobody wrote.",
    "CONSUMER_STEP_UP": "You are signed in now.",
    "CHAT_STARTED": "Welcome to the chat.",
}

DEFAULTS: dict[str, Json] = {
    event: {
        "messageEventId": event,
        "enabled": True,
        "data": [{"lang": "en-US", "msg": msg}],
        "attributes": [],
        **({"timer": _TIMERS[event]} if event in _TIMERS else {}),
    }
    for event, msg in _TEXTS.items()
}
"""By event, as it stands before anybody has changed anything."""


class Messages(Operations):
    """The verbs, for events in a context."""

    def __init__(self, context: Context, account: str) -> None:
        super().__init__(context)
        self._account = account

    def read(self, call: Call) -> Answer:
        """Merged texts of all events, or of one; or of one event in every context (15.3)."""
        self._require_feature()
        revision, skill = self._revision(call.resource), self._skill(call)
        if call.id is None:
            off = self._context.rules.auto_messages == "empty"
            found = [] if off else [self._merged(event, skill) for event in self._events()]
            return Answer(200, found, revision)
        self._require_event(call.id)
        if self._view(call) == "BY_CONTEXT":
            return Answer(200, self._by_context(call.id), revision)
        if call.query.get("merge_data", "true") == "false":
            return Answer(200, self._alone(call.id, skill), revision)
        return Answer(200, self._merged(call.id, skill), revision)

    def create(self, call: Call) -> Answer:
        """Undocumented: one client makes an override so (15.1)."""
        self._require_feature()
        sent = self._object(call.body)
        skill = self._skill(call) or str(sent.get("skillId") or "")
        event = str(sent.get("messageEventId", ""))
        if self._override(event, skill):
            raise ApiError(409, f"{event} is overridden already")
        return Answer(201, *self._written_one(call, event, skill, sent))

    def update(self, call: Call) -> Answer:
        """PUT of one event in one context (15.1)."""
        self._require_feature()
        self._check_revision(call)
        body = call.body[0] if isinstance(call.body, list) and len(call.body) == 1 else call.body
        skill = self._skill(call)
        event, old = self._named(call, skill)
        if old is None and self._context.rules.message_put_missing == "refused":
            raise ApiError(404, f"{event} has no override here")
        return Answer(200, *self._written_one(call, event, skill, self._object(body)))

    def delete(self, call: Call) -> Answer:
        """Removes an override: the text below it counts again."""
        self._require_feature()
        self._check_revision(call)
        event, old = self._named(call, self._skill(call))
        if old is None:
            raise ApiError(404, f"{event} has no override here")
        self._context.store.erase(NAME, str(old["id"]))
        self._context.store.bump(NAME)
        empty = self._context.rules.delete_answer == "empty"
        return Answer(200, None if empty else _told(old), self._revision(call.resource))

    def _require_feature(self) -> None:
        if isinstance(status := self._context.rules.auto_messages, int):
            raise ApiError(status, "Automatic messages are not enabled in this account")

    def _view(self, call: Call) -> str:
        view = call.query.get("view", "")
        if view not in _VIEWS:
            raise ApiError(400, f"view {view} is not known here", ["view"])
        return view

    def _skill(self, call: Call) -> str:
        """The skill whose context is asked for; empty for the account's."""
        kind, id_ = call.query.get("context_type", "ACCOUNT"), call.query.get("context_id", "")
        if kind == "ACCOUNT" and id_ in ("", self._account):
            return ""
        if kind != "SKILL" or not self._context.store.exists("skills", id_):
            raise ApiError(400, f"There is no context {kind} {id_}", ["context_id"])
        return id_

    def _events(self) -> list[str]:
        own = [str(one["messageEventId"]) for one in self._context.store.all(NAME)]
        return list(dict.fromkeys([*DEFAULTS, *own]))

    def _require_event(self, event: str) -> None:
        if event not in self._events():
            raise ApiError(404, f"There is no event {event}")

    def _override(self, event: str, skill: str) -> Json | None:
        return self._context.store.get(NAME, f"{event}@{skill}" if skill else event)

    def _of_skills(self, event: str) -> list[Json]:
        found = (one for one in self._context.store.all(NAME) if one["messageEventId"] == event)
        return [one for one in found if one.get("skillId")]

    def _named(self, call: Call, skill: str) -> tuple[str, Json | None]:
        """The event of the path, and what overrides it; the path may want a number (15.1)."""
        found, form = str(call.id), self._context.rules.message_path_id
        for one in self._context.store.all(NAME):
            mine = str(one.get("skillId") or "") == skill
            if mine and found == str(one["number"]) and form != "event":
                return str(one["messageEventId"]), one
        if form == "number":
            raise ApiError(404, f"There is no message {found}")
        self._require_event(found)
        return found, self._override(found, skill)

    def _layers(self, event: str, skill: str) -> Iterator[Json]:
        if event in DEFAULTS:
            yield DEFAULTS[event]
        for owner in dict.fromkeys(("", skill)):
            if own := self._override(event, owner):
                yield own

    def _merged(self, event: str, skill: str) -> Json:
        """Built-in text < the account's < the skill's, language by language."""
        merged: Json = {}
        texts: dict[str, Json] = {}
        for layer in self._layers(event, skill):
            texts |= {str(one["lang"]).lower(): one for one in layer["data"]}
            merged |= layer
        shown = self._shown_one({**merged, "data": list(texts.values())})
        if self._context.rules.message_contexts == "told":
            skills = [str(one["skillId"]) for one in self._of_skills(event)]
            account = [self._account] if self._override(event, "") else []
            shown["contexts"] = {"SKILL": skills, "ACCOUNT": account}
        return shown

    def _by_context(self, event: str) -> Json:
        own = self._override(event, "")
        return {
            "SKILL": {str(one["skillId"]): self._shown_one(one) for one in self._of_skills(event)},
            "ACCOUNT": {self._account: self._shown_one(own)} if own else {},
        }

    def _alone(self, event: str, skill: str) -> Json:
        """Only the override; what is answered where there is none is not known (15.3)."""
        if own := self._override(event, skill):
            return self._shown_one(own)
        position = self._context.rules.message_without_override
        if position == "missing":
            raise ApiError(404, f"{event} has no override here")
        return {} if position == "empty" else self._merged(event, "")

    def _shown_one(self, obj: Json) -> Json:
        number = self._context.rules.message_path_id != "event" and obj.get("number")
        own = {"id": number} if number else {}
        return {**own, **_told(obj), "attributes": self._attributes(obj)}

    def _attributes(self, obj: Json) -> Any:
        """The timer in one of the three forms that were seen (15.2)."""
        form, timer = self._context.rules.message_attributes, obj.get("timer")
        if form == "object":
            return {} if timer is None else {"timer": timer, "timerUnit": "SECONDS"}
        if timer is None:
            return obj["attributes"]
        own = {"name": "timer", "value": timer} if form == "named" else {"timer": timer}
        return [own, *obj["attributes"]]

    def _written_one(
        self, call: Call, event: str, skill: str, sent: Json
    ) -> tuple[Json, int | None]:
        """Stores an override, whole; what is left out is gone."""
        if event not in DEFAULTS:
            raise ApiError(404, f"There is no event {event}")
        if sent.get("messageEventId", event) != event:
            raise self._context.invalid("messageEventId is not that of the path")
        for name, field in call.resource.fields.items():
            try:
                if sent.get(name) is not None or field.required:
                    field.read(sent.get(name))
            except ValueError as error:
                raise self._context.invalid(f"{name} {error}", [name]) from None
        key = f"{event}@{skill}" if skill else event
        old = self._context.store.get(NAME, key) or {"number": self._context.new_id()}
        timer, others = _parted(sent.get("attributes"))
        new = {
            "id": key,
            "number": old["number"],
            **{name: value for name, value in sent.items() if name not in _OURS},
            "messageEventId": event,
            **({"skillId": int(skill)} if skill else {}),
            "attributes": others,
            **({} if timer is None else {"timer": timer}),
        }
        self._context.store.save([call.resource.record(new)])
        self._context.store.bump(NAME)
        return self._shown_one(new), self._revision(call.resource)


def _told(obj: Json) -> Json:
    return {k: v for k, v in obj.items() if k not in ("id", "number", "timer")} | {"deleted": False}


def _parted(attributes: Any) -> tuple[str | None, list[Json]]:
    """The timer, in whatever form, and the other attributes."""
    if isinstance(attributes, dict):
        timer = attributes.get("timer")
        return None if timer is None else str(timer), []
    others: list[Json] = []
    found: Any = None
    for one in attributes or ():
        value = one.get("value") if one.get("name") == "timer" else one.get("timer")
        if value is None:
            others.append(one)
        else:
            found = value
    return None if found is None else str(found), others
