"""App keys (5b): the OAuth 1 kind of key, which can only be read."""

from __future__ import annotations

from lebots.sandbox.objects.fields import Json
from lebots.sandbox.objects.resource import Resource, View


def _view(view: View, obj: Json) -> Json:
    """Its secrets are shown in clear, as they are in force."""
    secrets = {name: obj[name] for name in ("appSecret", "tokenSecret") if name in obj}
    return obj | {name: view.context.in_force(str(one)) for name, one in secrets.items()}


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
    view=_view,
)
