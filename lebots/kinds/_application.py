"""The fields that an OAuth 2 application can have (reference 5a)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lebots.core.model.change import FieldEffect
from lebots.core.model.kind import (
    NO_EFFECT,
    Codec,
    Field,
)
from lebots.core.model.value import Value
from lebots.kinds._key_effects import (
    ENTRY,
    GRANT_TYPES,
    REACH,
    REDIRECTS,
    RESPONSES,
    SECRET,
    SERVICE,
    VISIBLE,
)
from lebots.kinds._key_rules import SCOPE_LENGTH
from lebots.kinds._webhooks import FIELD as WEBHOOKS


def _text(name: str, description: str, longest: int | None = None) -> Field:
    limit = {} if longest is None else {"maxLength": longest}
    schema = {"type": "string", **limit, "description": f'{description} "": none.'}
    return Field(name, schema, default="", effects=NO_EFFECT)


def _set(
    name: str,
    items: Mapping[str, Any],
    description: str,
    effects: tuple[FieldEffect, ...] = NO_EFFECT,
    vendor: str = "",
) -> Field:
    schema = {
        "type": "array",
        "items": items,
        "uniqueItems": True,
        "description": f"{description} Order means nothing. []: none.",
    }
    return Field(name, schema, vendor=vendor, unordered=True, default=[], effects=effects)


def _engagement_set(name: str, what: str) -> Field:
    words = f"{what} of engagements made for the application (capabilities.engagement)."
    vendor = f"capabilities.engagement.{name}"
    return _set(name, {"type": "string", "minLength": 1}, words, vendor=vendor)


def _engagement_flag(name: str, what: str) -> Field:
    words = f"Whether engagements made for the application {what} (capabilities.engagement)."
    schema = {"type": "boolean", "description": words}
    vendor = f"capabilities.engagement.{name}"
    return Field(name, schema, vendor=vendor, default=False, effects=NO_EFFECT)


def _words(value: Any) -> Value:
    words = value if isinstance(value, list) else [value]
    if not all(isinstance(one, str) for one in words):
        raise ValueError
    return list(dict.fromkeys(" ".join(words).split()))


def _joined(value: Any, before: Any) -> str:
    return " ".join(value)


# What an application can own

APPLICATION = (
    _text("display_name", "Name people see.", 128),
    _text("description", "What the key is for.", 256),
    Field(
        "enabled",
        {
            "type": "boolean",
            "description": "Whether anybody can log in with the key. A new one is enabled.",
        },
        effects=SERVICE,
    ),
    _set(
        "grant_types",
        {"enum": ["client_credentials", "authorization_code", "refresh_token"], "type": "string"},
        "How the key gets tokens. A bot needs client_credentials, which a new one has.",
        GRANT_TYPES,
    ),
    replace(
        _set(
            "scope",
            {
                "type": "string",
                "title": "one word of a scope",
                "maxLength": SCOPE_LENGTH,
                "pattern": r"^(?!.*\n)[!#-\[\]-~]+$",
            },
            f"What the key may do, such as msg.consumer; {SCOPE_LENGTH} characters "
            "together, blanks between them included.",
            REACH,
        ),
        codec=Codec(_words, _joined),
    ),
    _set(
        "redirect_uris",
        {"type": "string", "minLength": 1, "maxLength": 128},
        "Addresses a browser may be sent back to; needed for authorization_code.",
        REDIRECTS,
    ),
    _set(
        "response_types",
        {"enum": ["code", "token", "id_token", "id_token token"], "type": "string"},
        "What the authorization page may answer with.",
        RESPONSES,
    ),
    _text("logo_uri", "Address of the logo, an image of exactly 70 x 70 pixels.", 1024),
    replace(_text("entry_uri", "Address the application starts at."), effects=ENTRY),
    _text("overview", "A longer description of the key."),
    _set("categories", {"type": "string", "minLength": 1}, "Categories it is listed under."),
    Field(
        "quick_launch_enabled",
        {"type": "boolean", "description": "Whether it can be started from the quick launch bar."},
        effects=NO_EFFECT,
    ),
    _set(
        "enabled_for_profiles",
        {"type": "integer", "minimum": 0, "maximum": 2_147_483_647},
        "Roles that see it, in the vendor's numbers (their meaning is not documented).",
        VISIBLE,
    ),
    WEBHOOKS,
    _engagement_flag("design_engagement", "have a design of their own"),
    _engagement_flag("design_window", "have a window design of their own"),
    _engagement_flag("language_selection", "let the visitor choose a language"),
    _engagement_set("entry_point", "Entry points"),
    _engagement_set("visitor_behavior", "Visitor behaviors"),
    _engagement_set("target_audience", "Target audiences"),
    _engagement_set("goal", "Goals"),
    _engagement_set("consumer_identity", "Consumer identities"),
    Field(
        "sink",
        {
            "type": ["string", "null"],
            "minLength": 1,
            "description": "Name of the sink in lebots.yaml where the generated secret is "
            "delivered. Default: the only one, or the one named default. null: the secret is kept "
            "elsewhere; lebots neither delivers nor looks for it, and never creates the key.",
        },
        client_only=True,
        effects=SECRET,
    ),
)
