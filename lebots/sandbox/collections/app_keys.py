"""App keys (5b): the OAuth 1 kind of key, which can only be read."""

from __future__ import annotations

from lebots.sandbox.objects.resource import Resource

COLLECTION = Resource(
    collection="appKeys",
    path="/app-key-manager/api/account/<account>/keys",
    name_field="appName",
    fields={},
    versions=("1.0",),
    default_version="1.0",
    id_field="keyId",
    error_style="service",
    writable=False,
    has_revision=False,
)
