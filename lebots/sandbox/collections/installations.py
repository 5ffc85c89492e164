"""Applications (5a): the OAuth 2 kind of key."""

from __future__ import annotations

from typing import Any

from lebots.sandbox.errors import ApiError
from lebots.sandbox.objects.fields import (
    Field,
    Json,
    anything,
    boolean,
    integer,
    list_of,
    mapping,
    one_of,
    text,
    text_up_to,
)
from lebots.sandbox.objects.resource import KEYS, Change, Context, Resource, View

MASK = "********"

_GRANTS = ("client_credentials", "authorization_code", "refresh_token")
_RESPONSES = ("code", "token", "id_token", "id_token token")

_FIELDS = {
    "client_name": Field(text_up_to(128), required=True),
    "display_name": Field(text_up_to(128)),
    "description": Field(text_up_to(256)),
    "grant_types": Field(list_of(one_of(_GRANTS, text))),
    "redirect_uris": Field(list_of(text_up_to(128))),
    "response_types": Field(list_of(one_of(_RESPONSES, text))),
    "scope": Field(text_up_to(128)),
    "logo_uri": Field(text_up_to(1024)),
    "capabilities": Field(mapping),
    # "On every item" of the captured list, so a new one has it too, sent or not.
    "enabled": Field(boolean, default=True),
    "enabled_for_profiles": Field(list_of(integer)),
    "quick_launch_enabled": Field(boolean),
    "categories": Field(list_of(text)),
    "entry_uri": Field(text),
    "overview": Field(text),
    "software_statement": Field(anything),
}


def _server_fields(context: Context) -> Json:
    object_id = context.new_uuid()
    return {
        "id": object_id,
        "client_id": object_id,
        "deleted": False,
        "is_internal": False,
        "client_id_issued_at": int(context.now()),
        "client_secret": f"{context.random.getrandbits(256):064x}",
        "client_secret_expires_at": 0,
    }


def _lacks_addresses(application: Json) -> bool:
    """Installed ones that do exist and stay as they are (5a, F)."""
    grants = application.get("grant_types") or ()
    return "authorization_code" in grants and not application.get("redirect_uris")


def _check(change: Change) -> None:
    new, rules = change.new, change.context.rules
    if _lacks_addresses(new) and not (change.old and _lacks_addresses(change.old)):
        change.refuse("redirect_uris", "is required for authorization_code")
    if change.sent.get("client_id", new["client_id"]) != new["client_id"] and change.old:
        change.refuse("client_id", "is not that of the application")
    _check_webhooks(change)
    quota = rules.application_quota
    if quota and not change.old and change.context.store.count("installations") >= quota:
        raise ApiError(rules.quota_status, f"No more than {quota} applications")
    if change.old and rules.secrets_on_put == "stored":
        # Nobody knows what a PUT does to the secret. The dangerous reading: just what it says.
        _store_sent_secret(change)


def _store_sent_secret(change: Change) -> None:
    secret = change.sent.get("client_secret")
    if secret is None:
        change.new.pop("client_secret", None)
    elif isinstance(secret, str):
        change.new["client_secret"] = secret
    else:
        change.refuse("client_secret", "must be a string")


def _check_webhooks(change: Change) -> None:
    """Webhook endpoints are https (5a); the member `retry` has none."""
    capabilities = change.new.get("capabilities")
    webhooks = capabilities.get("webhooks") if isinstance(capabilities, dict) else None
    if webhooks is None:
        return
    if not isinstance(webhooks, dict):
        change.refuse("capabilities", "webhooks must be an object")
        return
    for event, hook in webhooks.items():
        endpoint: Any = hook.get("endpoint") if isinstance(hook, dict) else None
        if event != "retry" and not str(endpoint).startswith("https://"):
            change.refuse("capabilities", f"the endpoint of {event} must be an https address")


def _view(view: View, obj: Json) -> Json:
    """The secret is mostly shown in clear, now and then masked [F]."""
    shown = view.context.rules.secrets_on_read
    secret = obj.get("client_secret")
    if "client_secret" not in obj:
        return obj
    if shown == "clear":
        return obj | {"client_secret": view.context.in_force(secret)} if secret else obj
    if shown == "masked":
        return {**obj, "client_secret": MASK}
    return {name: value for name, value in obj.items() if name != "client_secret"}


def _guard_delete(context: Context, obj: Json) -> None:
    if context.rules.uninstall_used == "refused" and context.store.referrers(KEYS, str(obj["id"])):
        raise ApiError(400, "The application is still the key of users", ["id"])


COLLECTION = Resource(
    collection="installations",
    path="/api/account/<account>/configuration/app-install/installations",
    name_field="client_name",
    fields=_FIELDS,
    versions=("1.0", "2.0"),
    default_version="1.0",
    server_fields=_server_fields,
    server_set=frozenset(
        {
            "id",
            "client_id",
            "deleted",
            "is_internal",
            "client_id_issued_at",
            "client_secret",
            "client_secret_expires_at",
        }
    ),
    app_install=True,
    check=_check,
    view=_view,
    guard_delete=_guard_delete,
    first_revision=412,
)
