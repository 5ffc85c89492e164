"""From what a client sent to the object the account will hold: the rules all resources share."""

from __future__ import annotations

from typing import Any

from lebots.sandbox.errors import ApiError
from lebots.sandbox.objects.fields import ABSENT, Field, Json
from lebots.sandbox.objects.resource import Change, Context, Resource


def accepted(context: Context, resource: Resource, sent: Json, old: Json | None) -> Json:
    """The object that `sent` makes of `old` (None: of nothing), or the refusal of it.

    A PUT replaces: what is left out goes back to its default (0 no. 2). What the server sets is
    never the client's to say.
    """
    _refuse_server_fields(context, resource, sent)
    if old is not None and _merges(context, resource):
        sent = {**old, **sent}
    change = Change(context, sent, old, _server_part(context, resource, old))
    for name, field in resource.fields.items():
        _read_field(change, resource, name, field)
    for name in sent.keys() - resource.fields.keys() - resource.server_set:
        _read_unknown(change, name)
    change.raise_problems()
    resource.check(change)
    change.raise_problems()
    _check_references(change, resource)
    change.raise_problems()
    _check_name(change, resource)
    return change.new


def _merges(context: Context, resource: Resource) -> bool:
    return not resource.put_documented and context.rules.undocumented_put == "merges"


def _refuse_server_fields(context: Context, resource: Resource, sent: Json) -> None:
    """Applications are exempt: every known client sends the whole object back (5a)."""
    if context.rules.server_fields == "ignored" or resource.app_install:
        return
    # Sample 10.11 carries id and pid, and section 6.2 requires the former.
    echoed = sorted(sent.keys() & (resource.server_set - {"id", "pid"}))
    if echoed:
        raise context.invalid(f"Read-only: {', '.join(echoed)}", echoed)


def _server_part(context: Context, resource: Resource, old: Json | None) -> Json:
    """The members that the server sets, for the beginning of the new object."""
    if old is None:
        return resource.server_fields(context)
    kept = {name: value for name, value in old.items() if name in resource.server_set}
    if "dateUpdated" in resource.server_set:
        kept["dateUpdated"] = context.timestamp()
    return kept


def _read_field(change: Change, resource: Resource, name: str, field: Field) -> None:
    sent: Any = change.sent.get(name)
    if sent is None:
        if field.required:
            change.refuse(name, "is required")
        elif field.default is not ABSENT:
            change.new[name] = field.filled()
        elif name in change.sent:
            change.new[name] = None
        return
    try:
        value = field.read(sent)
    except ValueError as error:
        change.refuse(name, str(error))
        return
    if isinstance(value, str) and change.context.rules.text == "trimmed":
        value = value.strip()
    if field.required and isinstance(value, str) and not value.strip():
        strict = name == resource.name_field or change.context.rules.blank_required == "refused"
        if strict:
            change.refuse(name, "is required")
    change.new[name] = value


def _read_unknown(change: Change, name: str) -> None:
    """A field the reference does not know: kept as it is, so that clients must carry it through."""
    position = change.context.rules.unknown_fields
    if position == "refused":
        change.refuse(name, "is unknown")
    elif position == "kept":
        change.new[name] = change.sent[name]


def _check_references(change: Change, resource: Resource) -> None:
    for reference in resource.references(change.new):
        if not change.context.knows(reference):
            change.refuse(reference.field, f"names no {reference.collection} {reference.id}")


def _check_name(change: Change, resource: Resource) -> None:
    """Names are unique (6.2, 4.2, 5a). An update that keeps its name is not asked again, so that
    twins that already exist can still be edited."""
    field_name, rules = resource.name_field, change.context.rules
    name = change.new[field_name]
    if change.old is not None and change.old.get(field_name) == name:
        return
    if change.old is not None and rules.name_change == "refused":
        raise change.context.invalid(f"{field_name} cannot be changed", [field_name])
    if change.old is not None and rules.name_change == "ignored":
        change.new[field_name] = change.old[field_name]
        return
    holders = change.context.store.holders(
        resource.collection,
        name,
        exact=rules.names_equal == "exact",
        deleted=rules.deleted_name == "held",
    )
    if set(holders) - {str(change.new[resource.id_field])}:
        raise ApiError(rules.duplicate_status, f"{field_name} is taken: {name}", [field_name])
