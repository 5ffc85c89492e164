"""Lines of business (7.3)."""

from __future__ import annotations

from functools import partial

from lebots.sandbox.objects.le_users import (
    NAME_AND_DESCRIPTION,
    PATH,
    SERVER_SET,
    SHORT_LIST,
    guard_while_used,
    server_fields,
    versions,
)
from lebots.sandbox.objects.resource import Resource

COLLECTION = Resource(
    collection="lobs",
    path=PATH + "lobs",
    name_field="name",
    fields=NAME_AND_DESCRIPTION,
    versions=versions(4),
    default_version="1.0",
    server_fields=server_fields,
    server_set=SERVER_SET,
    short_list=SHORT_LIST,
    guard_delete=partial(guard_while_used, "lobs"),
    first_revision=211,
)
