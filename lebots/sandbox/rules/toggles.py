"""`Rules`: what nobody outside LivePerson knows, as switches.

Each field is one guessed or disputed behaviour of the vendor; its type lists every position, its
default is what the sandbox does unless told otherwise. What a switch means stands in `rules.py`,
in the row of the table that names it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Literal, get_args, get_type_hints


@dataclass(frozen=True)
class Rules:
    """The position of every switch. A value that is no position is a `ValueError`."""

    # Requests
    foreign_account_status: Literal[401, 404] = 401
    repeated_parent: Literal["last", "first"] = "last"
    # Hosts
    hosts_version: Literal["optional", "required"] = "optional"
    single_service: Literal["object", "list"] = "object"
    hosts_of_unknown_account: Literal[401, 404, "empty"] = 401
    hosts_of_unknown_service: Literal[404, "empty"] = 404
    # Tokens
    expires_in: Literal["number", "text"] = "number"
    v1_tokens: Literal["refused", "accepted"] = "refused"
    invalid_client_status: Literal[401, 400] = 401
    absent_grant_types: Literal["accepted", "refused"] = "accepted"
    # Login
    login_placeholders: Literal["any", "dummy"] = "any"
    oauth1_login: Literal["works", "ended"] = "works"
    session_cookie: Literal["Session_id", "session_id"] = "Session_id"
    login_blocked: bool = False
    login_rate: Literal[0, 1] = 0
    login_lockout: Literal[0, 5] = 0
    access_after_disable: Literal["ended", "kept"] = "ended"
    # Signatures
    oauth1_signatures: Literal["works", "ended"] = "works"
    two_value_signatures: Literal["accepted", "refused"] = "accepted"
    nonce_replay: Literal["refused", "accepted"] = "refused"
    timestamp_window: Literal[300, 0] = 300
    # Rights
    users_scope: Literal["users.external", "users.read users.write", "none"] = "users.external"
    tokens_on_lookups: Literal["accepted", "refused"] = "accepted"
    installations_credential: Literal["any", "administrator"] = "any"
    app_keys_credential: Literal["any", "user"] = "any"
    campaign_manager_writes: Literal["users", "users and skills"] = "users"
    agent_reads: Literal["refused", "allowed"] = "refused"
    # Revision
    revision_scope: Literal["collection", "account"] = "collection"
    stale_status: Literal[409, 412, 304] = 409
    missing_if_match: Literal["refused", "accepted"] = "refused"
    post_if_match: Literal["ignored", "checked"] = "ignored"
    star_if_match: Literal["forces", "refused"] = "forces"
    revision_header: Literal["ac-revision", "ETag", "both"] = "ac-revision"
    # Reads
    list_default: Literal["short", "full"] = "short"
    scalars: Literal["native", "quoted"] = "native"
    deleted_get: Literal["missing", "returned"] = "missing"
    privacy: Literal["off", "humans", "everyone"] = "off"
    root_group_listed: bool = False
    lobs_enabled: bool = True
    # Writes
    invalid_status: Literal[400, 422] = 400
    undocumented_put: Literal["replaces", "merges"] = "replaces"
    unknown_fields: Literal["kept", "refused", "dropped"] = "kept"
    server_fields: Literal["ignored", "refused"] = "ignored"
    text: Literal["verbatim", "trimmed"] = "verbatim"
    blank_required: Literal["accepted", "refused"] = "accepted"
    batch: Literal["atomic", "partial"] = "atomic"
    # Names
    names_equal: Literal["folded", "exact"] = "folded"
    name_change: Literal["accepted", "refused", "ignored"] = "accepted"
    deleted_name: Literal["held", "freed"] = "held"
    duplicate_status: Literal[400, 409] = 400
    full_name_unique: bool = False
    email_unique: bool = False
    # Deletes
    delete_answer: Literal["empty", "object"] = "empty"
    skill_dependencies_status: Literal[400, 409] = 400
    lookup_delete: Literal["refused", "allowed"] = "refused"
    # Users
    key_must_exist: bool = True
    passwords_of_api_users: Literal["refused", "ignored"] = "refused"
    identity_change: Literal["refused", "accepted"] = "refused"
    disabled_manually: Literal["kept", "derived"] = "kept"
    minus_one_chats: Literal["refused", "accepted"] = "refused"
    bot_users: Literal["on", "off"] = "on"
    bot_users_off_status: Literal[403, 400] = 403
    quota_status: Literal[400, 403] = 400
    # Applications
    install_status: Literal[201, 200] = 201
    install_answer: Literal["object", "without_secret", "empty"] = "object"
    secrets_on_read: Literal["clear", "masked", "absent"] = "clear"
    secrets_on_put: Literal["stored", "kept"] = "stored"
    post_existing_id: Literal["replaces", "creates"] = "replaces"
    uninstall: Literal["soft", "hard"] = "soft"
    uninstall_used: Literal["allowed", "refused"] = "allowed"
    application_quota: Literal[0, 100] = 0
    # Automatic messages
    auto_messages: Literal["on", 403, 404, "empty"] = "on"
    auto_messages_credential: Literal["any", "user"] = "any"
    auto_messages_writes: Literal["managers", "campaign managers"] = "managers"
    message_put_missing: Literal["creates", "refused"] = "creates"
    message_path_id: Literal["event", "number", "both"] = "event"
    message_attributes: Literal["timer", "named", "object"] = "timer"
    message_contexts: Literal["told", "left_out"] = "told"
    message_without_override: Literal["missing", "empty", "default"] = "missing"
    messages_hold_skills: bool = False
    # Metrics
    agent_view: Literal["answered", "refused", "absent"] = "answered"
    agent_view_bots: Literal["listed", "left_out"] = "listed"

    def __post_init__(self) -> None:
        for name, positions in positions_of_switches().items():
            value = getattr(self, name)
            if not any(value == known and type(value) is type(known) for known in positions):
                allowed = ", ".join(map(repr, positions))
                raise ValueError(f"{name} cannot be {value!r}: one of {allowed}")


@cache
def positions_of_switches() -> dict[str, tuple[Any, ...]]:
    """Every switch with its positions, the default first."""
    hints = get_type_hints(Rules)
    positions: dict[str, tuple[Any, ...]] = {}
    for switch in fields(Rules):
        known = (False, True) if hints[switch.name] is bool else get_args(hints[switch.name])
        others = (value for value in known if value != switch.default)
        positions[switch.name] = (switch.default, *others)
    return positions
