"""Automatic messages: what the account says by itself in conversations (reference 15).

The account has a text for each event, built in or its own; a skill may have another one. There is
no making or deleting of events: a manifest gives an event another text, and pruning it takes that
text away.
"""

from collections.abc import Mapping
from typing import Any

from lebots.core.model.address import Belonging, Contexts
from lebots.core.model.change import CHANGES, Effect, FieldEffect
from lebots.core.model.kind import NO_EFFECT, Endpoint, Field, Kind, Retirement
from lebots.core.model.value import Codec, Raw, Value
from lebots.kinds._message_rules import EVENTS, RULES

_LARGEST_INT = 2_147_483_647
_REGIONS = {
    "ar": "AE", "bg": "BG", "ca": "ES", "cs": "CZ", "da": "DK", "de": "AT CH DE", "el": "GR",
    "en": "AU CA GB IE IN NZ SG US ZA", "es": "AR CL CO ES MX PE", "et": "EE", "fi": "FI",
    "fr": "BE CA CH FR", "he": "IL", "hi": "IN", "hr": "HR", "hu": "HU", "id": "ID",
    "it": "CH IT", "ja": "JP", "ko": "KR", "lt": "LT", "lv": "LV", "ms": "MY", "nb": "NO",
    "nl": "BE NL", "nn": "NO", "no": "NO", "pl": "PL", "pt": "BR PT", "ro": "RO", "ru": "RU",
    "sk": "SK", "sl": "SI", "sr": "RS", "sv": "SE", "th": "TH", "tr": "TR", "uk": "UA",
    "vi": "VN", "zh": "CN HK TW",
}  # fmt: skip
_LANGUAGES = tuple(f"{one}-{region}" for one, all_ in _REGIONS.items() for region in all_.split())
"""Which languages the product has is told on no page; the texts of others are carried through."""
_BY_CODE = {code.lower(): code for code in _LANGUAGES}

_TEXT = {
    "type": "string",
    "title": "a text on one line without <, > and \\",
    "minLength": 1,
    "maxLength": 4000,
    # Such a character can keep a message from being sent; no HTML, no line breaks (15.5, D).
    "pattern": r"^(?!.*[\n\r])[^<>\\]+$",
}


def _items(value: Any) -> list[Mapping[str, Any]]:
    if not (isinstance(value, list) and all(isinstance(item, dict) for item in value)):
        raise ValueError
    return value


def _code(item: Mapping[str, Any]) -> str:
    # Printed as ``en-us`` and ``en-US`` (15.2, D): case says nothing.
    return _BY_CODE.get(str(item.get("lang")).replace("_", "-").lower(), "")


def _read_texts(value: Any) -> Value:
    found: dict[str, Value] = {}
    for item in _items(value):
        text = item.get("msg")
        if not (text is None or isinstance(text, str)):
            raise ValueError
        if (code := _code(item)) and text:
            found.setdefault(code, text.replace("\r\n", "\n"))
    return {code: found[code] for code in _LANGUAGES if code in found}


def _write_texts(texts: Any, before: Any) -> Any:
    """Each text onto the entry of its language; entries of other languages stay."""
    left = dict(texts)
    items = [
        {**item, "msg": left.pop(code)} if (code := _code(item)) in left else item
        for item in (before or [])
    ]
    return [*items, *({"msg": text, "lang": code} for code, text in left.items())]


def _read_timer(value: Any) -> Value:
    """The number of any of the three forms in which attributes were seen (15.2, D and C)."""
    items = [value] if isinstance(value, dict) else _items(value)
    found = next(filter(None, map(_timer, items)), None)
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, int | str):
        raise ValueError
    return int(found)


def _timer(item: Mapping[str, Any]) -> Any:
    return item.get("value") if item.get("name") == "timer" else item.get("timer")


def _write_timer(number: Any, before: Any) -> Any:
    """The number in the form it was read in; other attributes and its unit stay."""
    if isinstance(before, dict):
        return {**before, "timer": str(number)}
    items = list(before or [])
    place = next((i for i, item in enumerate(items) if _timer(item) is not None), None)
    if place is None:
        return [*items, {"timer": str(number)}]
    word = "value" if items[place].get("name") == "timer" else "timer"
    items[place] = {**items[place], word: str(number)}
    return items


def _untouched(raw: Raw) -> bool:
    """Whether an event of the account has the text that LivePerson built in, as far as is told."""
    told = raw.get("contexts")
    return not raw.get("skillId") and not (isinstance(told, dict) and told.get("ACCOUNT"))


KIND = Kind(
    name="AutomaticMessage",
    label="automatic message",
    summary="What the account says by itself on an event in conversations, of one skill or of all "
    "that have no text of their own.",
    belongs=Belonging("event", "skill"),
    name_schema={
        "type": "string",
        "title": "an event of LivePerson, in capitals and underscores",
        "maxLength": 100,
        "pattern": r"^(?!.*\n)[A-Z][A-Z0-9_]*$",
        "description": f"The event, such as {', '.join(sorted(EVENTS)[:3])}.",
    },
    endpoints=(
        Endpoint(
            name="unified-auto-messages",
            service="accountConfigReadWrite",
            path="/api/account/{account}/configuration/engagement-window/unified-auto-messages",
            rights="the credential needs the right to edit automatic messages (a login of an "
            "administrator or campaign manager; no scope is known that gives it), and the account "
            "the features Messaging.Auto_Messages and Messaging.Edit_Auto_Messages, which the "
            "LivePerson account team switches on",
            unknown_scope="no page names a scope for automatic messages, and the login of an "
            "administrator or campaign manager has the right (method: login)",
            version="2.0",
            query={"context_type": "ACCOUNT", "context_id": "{account}"},
            id_field="messageEventId",
            name_field="messageEventId",
            contexts=Contexts(
                field="skillId",
                member="SKILL",
                told="contexts",
                query={"context_type": "SKILL", "context_id": "{owner}"},
                alone={"merge_data": "false"},
                every={"view": "BY_CONTEXT"},
            ),
            fixed_name="an automatic message is called by its event and its skill; it follows a "
            "renamed skill by itself",
            server_owned=frozenset({"deleted", "contexts"}),
        ),
    ),
    fields=(
        Field(
            "skill",
            {
                "type": "string",
                "minLength": 1,
                "description": "Name of the skill whose text it is; left out, it is the "
                "account's, for all skills without one of their own.",
            },
            vendor="skillId",
            ref="Skill",
            of_name=True,
            create_only=True,
            effects=NO_EFFECT,
        ),
        Field(
            "text",
            {
                "type": "object",
                "properties": {
                    code: {**_TEXT, "description": f"The text in {code}."} for code in _LANGUAGES
                },
                "additionalProperties": False,
                "minProperties": 1,
                "description": "What customers read, by language; texts in languages that are not "
                "named stay as they are. On one line each, without <, > and \\.",
            },
            vendor="data",
            codec=Codec(_read_texts, _write_texts),
            effects=(
                FieldEffect(
                    Effect.CUSTOMER_TEXT, CHANGES, "customers read another text", on_create=True
                ),
            ),
        ),
        Field(
            "enabled",
            {"type": "boolean", "description": "Whether it is sent. A new one is."},
            effects=(
                FieldEffect(
                    Effect.CUSTOMER_TEXT,
                    CHANGES,
                    "customers read it, or do not read it any more",
                    on_create=True,
                ),
            ),
        ),
        Field(
            "timer",
            {
                "type": "integer",
                "minimum": 1,
                "maximum": _LARGEST_INT,
                "description": "Time after which it is sent, on the events that have one; its unit "
                "is not documented, and probably seconds.",
            },
            vendor="attributes",
            codec=Codec(_read_timer, _write_timer),
            effects=(
                FieldEffect(
                    Effect.CUSTOMER_TEXT,
                    CHANGES,
                    "customers read it sooner or later",
                    on_create=True,
                ),
            ),
        ),
    ),
    needed=frozenset({"text"}),
    on_create={"enabled": True},
    untouched=_untouched,
    retirement=Retirement(
        deletable=True, stops="customers read the text of the account, or the built-in one"
    ),
    rules=RULES,
    valid=(
        {"text": {"en-US": "Ava is here to help you.", "de-DE": "Ava hilft Ihnen gerne."}},
        {},
        {"enabled": False},
        {"text": {"en-US": "Are you still there?"}, "timer": 600},
    ),
    invalid=(
        ({"text": {}}, "text"),
        ({"text": "Hello"}, "text"),
        ({"text": {"en-US": ""}}, "text.en-US"),
        ({"text": {"en-US": "<b>Hello</b>"}}, "text.en-US"),
        ({"text": {"en-US": "Hello\nyou"}}, "text.en-US"),
        ({"text": {"en-us": "Hello"}}, "text.en-us"),
        ({"enabled": None}, "enabled"),
        ({"timer": 0}, "timer"),
        ({"timer": "60"}, "timer"),
        ({"data": []}, "data"),
    ),
)
