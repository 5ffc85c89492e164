"""Keys: what a bot logs in with (reference 5).

An OAuth 2 application is made and kept by lebots; an OAuth 1 app key is past its end of life and
can only be selected.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lebots.core.model.kind import (
    Codec,
    Delivery,
    Endpoint,
    Field,
    Kind,
    Retirement,
)
from lebots.core.model.value import Raw, Value
from lebots.kinds._key_rules import SCOPE_LENGTH, past_end_of_life, redirects, scope_length
from lebots.kinds._webhooks import FIELD as WEBHOOKS


def _text(name: str, description: str, longest: int | None = None) -> Field:
    limit = {} if longest is None else {"maxLength": longest}
    schema = {"type": "string", **limit, "description": f'{description} "": none.'}
    return Field(name, schema, default="")


def _set(name: str, items: Mapping[str, Any], description: str, vendor: str = "") -> Field:
    schema = {
        "type": "array",
        "items": items,
        "uniqueItems": True,
        "description": f"{description} Order means nothing. []: none.",
    }
    return Field(name, schema, vendor=vendor, unordered=True, default=[])


def _engagement_set(name: str, what: str) -> Field:
    words = f"{what} of engagements made for the application (capabilities.engagement)."
    return _set(name, {"type": "string", "minLength": 1}, words, f"capabilities.engagement.{name}")


def _engagement_flag(name: str, what: str) -> Field:
    words = f"Whether engagements made for the application {what} (capabilities.engagement)."
    schema = {"type": "boolean", "description": words}
    return Field(name, schema, vendor=f"capabilities.engagement.{name}", default=False)


def _words(value: Any) -> Value:
    words = value if isinstance(value, list) else [value]
    if not all(isinstance(one, str) for one in words):
        raise ValueError
    return list(dict.fromkeys(" ".join(words).split()))


def _joined(value: Any, before: Any) -> str:
    return " ".join(value)


# What an application can own

_APPLICATION = (
    _text("display_name", "Name people see.", 128),
    _text("description", "What the key is for.", 256),
    Field(
        "enabled",
        {
            "type": "boolean",
            "description": "Whether anybody can log in with the key. A new one is enabled.",
        },
    ),
    _set(
        "grant_types",
        {"enum": ["client_credentials", "authorization_code", "refresh_token"], "type": "string"},
        "How the key gets tokens. A bot needs client_credentials, which a new one has.",
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
        ),
        codec=Codec(_words, _joined),
    ),
    _set(
        "redirect_uris",
        {"type": "string", "minLength": 1, "maxLength": 128},
        "Addresses a browser may be sent back to; needed for authorization_code.",
    ),
    _set(
        "response_types",
        {"enum": ["code", "token", "id_token", "id_token token"], "type": "string"},
        "What the authorization page may answer with.",
    ),
    _text("logo_uri", "Address of the logo, an image of exactly 70 x 70 pixels.", 1024),
    _text("entry_uri", "Address the application starts at."),
    _text("overview", "A longer description of the key."),
    _set("categories", {"type": "string", "minLength": 1}, "Categories it is listed under."),
    Field(
        "quick_launch_enabled",
        {"type": "boolean", "description": "Whether it can be started from the quick launch bar."},
    ),
    _set(
        "enabled_for_profiles",
        {"type": "integer", "minimum": 0, "maximum": 2_147_483_647},
        "Roles that see it, in the vendor's numbers (their meaning is not documented).",
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
            "delivered. Default: default. null: the secret is kept elsewhere; lebots neither "
            "delivers nor looks for it, and never creates the key.",
        },
        local=True,
    ),
)

_FIELDS = (
    Field(
        "type",
        {
            "enum": ["oauth2", "oauth1"],
            "type": "string",
            "description": "oauth2: an OAuth 2 application, which lebots creates and manages. "
            "oauth1: an existing app key, which can only be selected.",
        },
        create_only=True,
        local=True,
    ),
    *(replace(part, variant="oauth2") for part in _APPLICATION),
)
# In a list, since jsonschema loses the place of a bare false.
_REFUSED = {"allOf": [False]}


def _foreign(raw: Raw) -> str:
    internal = raw.get("is_internal") in (True, "true")
    return "an internal application of LivePerson" if internal else ""


KIND = Kind(
    name="Key",
    label="key",
    summary="What a bot logs in with: an OAuth 2 application, or an old OAuth 1 app key.",
    endpoints=(
        Endpoint(
            name="installations",
            service="accountConfigReadWrite",
            path="/api/account/{account}/configuration/app-install/installations",
            # Clients send it on reads as well (reference 5a, seen).
            headers={"Content-Type": "application/json"},
            rights="applications are installed by an administrator: log in as one (auth method "
            "login), or let one install it under Manage > Management Console > Application Install",
            version="1.0",
            # That a PUT may change it is inferred: clients send it whole, and nothing says it is
            # fixed (reference 5a, I).
            name_field="client_name",
            issued_field="client_id_issued_at",
            variant="oauth2",
            # Lists and single objects hold secrets in clear (reference 5a, F); a PUT echoes them.
            secret=frozenset(
                {
                    "client_secret",
                    "software_statement",
                    "capabilities.webhooks.*.headers.*.header_value",
                }
            ),
            must_carry=frozenset({"client_secret"}),
            update_headers={"X-HTTP-Method-Override": "PUT"},
        ),
        Endpoint(
            name="appKeys",
            service="appKeyManagement",
            path="/app-key-manager/api/account/{account}/keys",
            version="1.0",
            id_field="keyId",
            name_field="appName",
            variant="oauth1",
            writable=False,
            fixed_name="an OAuth 1 app key cannot be written (reference 5b), so it keeps its name; "
            "write the name it has",
            secret=frozenset({"appSecret", "token", "tokenSecret"}),
            limit=100,
        ),
    ),
    fields=_FIELDS,
    variant_field="type",
    on_create={"enabled": True, "grant_types": ["client_credentials"]},
    name_schema={
        "maxLength": 128,
        "pattern": r"^(?!.*\.[iI][nN][tT][eE][nN][tT]$)",
        "title": 'a name that does not end in ".intent": sinks keep notes under such names',
    },
    schema={
        "required": ["type"],
        "if": {"properties": {"type": {"const": "oauth1"}}, "required": ["type"]},
        "then": {"properties": {part.name: _REFUSED for part in _APPLICATION}},
    },
    delivery=Delivery(
        sink_field="sink",
        default="default",
        secrets={"client_secret": "LP_SECRET"},
        id_as="LP_APPKEY",
        account_as="LP_ACCOUNT",
        # The bot SDK wants all four values filled (reference 8.2, D).
        constants={"LP_ACCESSTOKEN": "dummy", "LP_ACCESSTOKENSECRET": "dummy"},
        login={
            "appKey": "LP_APPKEY",
            "secret": "LP_SECRET",
            "accessToken": "LP_ACCESSTOKEN",
            "accessTokenSecret": "LP_ACCESSTOKENSECRET",
        },
        variant="oauth2",
    ),
    retirement=Retirement(
        off={"enabled": False},
        deletable=True,
        stops="no bot can log in with it; a secret in a sink stays there",
        # Uninstalling seems to be a soft delete (reference 5a, I).
        lost="the name may stay taken",
    ),
    foreign=_foreign,
    rules=(past_end_of_life, redirects, scope_length),
    valid=(
        {"type": "oauth2", "description": "Login of the routing bot", "sink": "runtime"},
        {"type": "oauth2"},
        {"type": "oauth1"},
        {
            "type": "oauth2",
            "display_name": "Routing bot",
            "enabled": False,
            "grant_types": ["client_credentials", "authorization_code"],
            "scope": ["msg.consumer"],
            "redirect_uris": ["https://bots.example.com/login"],
            "webhooks": {
                "ms.MessagingEventNotification.ContentEvent": {
                    "endpoint": "https://hooks.example.com/content",
                    "max_retries": 3,
                },
                "retry": {"retention_time": 3600},
            },
        },
    ),
    invalid=(
        ({"description": "No type"}, ""),
        ({"type": "oauth3"}, "type"),
        ({"type": "oauth1", "description": "Selected, not made"}, "description"),
        ({"type": "oauth1", "sink": "runtime"}, "sink"),
        ({"type": "oauth2", "client_secret": "not-a-real-secret"}, "client_secret"),
        ({"type": "oauth2", "is_internal": False}, "is_internal"),
        ({"type": "oauth2", "software_statement": ""}, "software_statement"),
        ({"type": "oauth2", "display_name": "x" * 129}, "display_name"),
        ({"type": "oauth2", "description": None}, "description"),
        ({"type": "oauth2", "grant_types": ["password"]}, "grant_types.0"),
        ({"type": "oauth2", "scope": ["two words"]}, "scope.0"),
        (
            {
                "type": "oauth2",
                "webhooks": {
                    "cqm.ExConversationChangeNotification": {"endpoint": "http://plain.example.com"}
                },
            },
            "webhooks.cqm.ExConversationChangeNotification.endpoint",
        ),
        (
            {
                "type": "oauth2",
                "webhooks": {
                    "cqm.ExConversationChangeNotification": {
                        "endpoint": "https://hooks.example.com/",
                        "headers": [],
                    }
                },
            },
            "webhooks.cqm.ExConversationChangeNotification.headers",
        ),
    ),
)
