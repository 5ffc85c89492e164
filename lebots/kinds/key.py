"""Keys: what a bot logs in with (reference 5).

An OAuth 2 application is made and kept by lebots; an OAuth 1 app key is past its end of life and
can only be selected.
"""

from dataclasses import replace

from lebots.core.model.kind import (
    NO_EFFECT,
    Delivery,
    Endpoint,
    Field,
    Kind,
    Retirement,
)
from lebots.core.model.value import Raw
from lebots.kinds._application import APPLICATION
from lebots.kinds._key_rules import past_end_of_life, redirects, scope_length

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
        client_only=True,
        effects=NO_EFFECT,
    ),
    *(replace(part, variant="oauth2") for part in APPLICATION),
)
# In a list, since jsonschema loses the place of a bare false.
_REFUSED = {"allOf": [False]}


def _unmanaged_reason(raw: Raw) -> str:
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
        "then": {"properties": {part.name: _REFUSED for part in APPLICATION}},
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
    unmanaged_reason=_unmanaged_reason,
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
