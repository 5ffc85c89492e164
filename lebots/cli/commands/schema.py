"""``lebots schema``: JSON Schemas, for editors and machines."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from lebots import credentials, kinds, project
from lebots.cli.terminal.console import result
from lebots.cli.terminal.known import known
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
from lebots.documents.text import dumps
from lebots.files.yaml.writer import write_file
from lebots.run.notices import message

FOLDER = Path("schemas")


def schema(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME",
            help="A kind, or manifest, project, or a document such as plan or receipt.",
            show_default=False,
        ),
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help=f"Write all of them to {FOLDER}/ instead.")
    ] = False,
) -> None:
    """Print a JSON Schema: manifests, one kind, the project, a plan, an outcome, a receipt."""
    schemas = all_schemas()
    if write:
        for file, content in schemas.items():
            write_file(FOLDER / f"{file}.schema.json", dumps(content) + "\n")
            message(f"wrote {FOLDER / f'{file}.schema.json'}")
        return
    result(dumps(schemas[known(name or "manifest", schemas, "schema")]))


def all_schemas() -> Mapping[str, Mapping[str, Any]]:
    """Every published schema by the stem of its file name."""

    loaded = {name: kind for name, kind in kinds.load().items() if not kind.lookup_only}
    found = {
        **{name: schemas.manifest_schema(kind) for name, kind in loaded.items()},
        "manifest": schemas.manifests_schema(loaded),
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
    return {
        name: {"$schema": content["$schema"], "$id": f"urn:lebots:schema:{name}", **content}
        for name, content in found.items()
    }
