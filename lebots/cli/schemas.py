"""Every JSON Schema that lebots publishes."""

from collections.abc import Mapping, Sequence
from typing import Any

from lebots import credentials, kinds, project
from lebots.cli.editor_schema import Names, for_editors, overlay_schema, with_names
from lebots.core.manifest import schema as schemas
from lebots.documents.drift import drift_schema
from lebots.documents.outcome import outcome_schema
from lebots.documents.plan import plan_schema
from lebots.documents.receipt import receipt_schema
from lebots.documents.reports.accounts import accounts_schema
from lebots.documents.reports.checks import doctor_schema, verify_schema
from lebots.documents.reports.comparison import comparison_schema
from lebots.documents.reports.findings import findings_schema
from lebots.documents.reports.rotation import rotation_schema

EDITED = ("manifest", "overlay", "project")
"""What people write, and so what editors need."""


def all_schemas(names: Names | None = None, sinks: Sequence[str] = ()) -> Mapping[str, Any]:
    """Every published schema by the stem of its file name; those of manifests propose names."""
    loaded = {name: kind for name, kind in kinds.load().items() if not kind.lookup_only}
    manifests = schemas.manifests_schema(loaded)
    of_kinds = {name: schemas.manifest_schema(kind) for name, kind in loaded.items()}
    if names is not None:
        of_kinds = {
            name: with_names(one, loaded[name], names, sinks) for name, one in of_kinds.items()
        }
        inner = {
            name: {word: part for word, part in one.items() if word != "$schema"}
            for name, one in of_kinds.items()
        }
        manifests = {**manifests, "$defs": inner}
    found = {
        **of_kinds,
        "manifest": manifests,
        "overlay": overlay_schema(manifests),
        "project": project.project_schema(credentials.load()),
        "plan": plan_schema(),
        "outcome": outcome_schema(),
        "receipt": receipt_schema(),
        "drift": drift_schema(),
        "comparison": comparison_schema(),
        "doctor": doctor_schema(),
        "verify": verify_schema(),
        "rotation": rotation_schema(),
        "findings": findings_schema(),
        "accounts": accounts_schema(),
    }
    edited = {*loaded, *EDITED}
    return {
        name: {
            "$schema": content["$schema"],
            "$id": f"urn:lebots:schema:{name}",
            **(for_editors(content) if name in edited else content),
        }
        for name, content in found.items()
    }
