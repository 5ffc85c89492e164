"""``lebots schema``: JSON Schemas, for editors and machines."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from lebots.cli.editor_schema import Names
from lebots.cli.schemas import EDITED, all_schemas
from lebots.cli.terminal.console import result
from lebots.cli.terminal.known import known
from lebots.cli.terminal.options import AccountName, RulesFrom
from lebots.documents.text import dumps
from lebots.files.walk import SCHEMAS
from lebots.files.yaml.writer import write_file
from lebots.run.inputs.manifests import ManifestSource, load
from lebots.run.inputs.project import load_project, ruled, told
from lebots.run.inputs.session import open_session
from lebots.run.notices import message


def schema(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME",
            help="A kind, or manifest, overlay, project, or a document such as plan or receipt.",
            show_default=False,
        ),
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help=f"Write all of them to {SCHEMAS}/ instead.")
    ] = False,
    account: AccountName = None,
    rules_from: RulesFrom = None,
) -> None:
    """Print a JSON Schema: manifests, one kind, the project, a plan, an outcome, a receipt.

    With --account, those of manifests propose the names that this account and its manifests have;
    --write then writes what editors need.
    """
    if account is None:
        schemas, written = all_schemas(), list(all_schemas())
    else:
        schemas, written = all_schemas(*_names(account, rules_from)), list(EDITED)
    if write:
        for file in written:
            write_file(SCHEMAS / f"{file}.schema.json", dumps(schemas[file]) + "\n")
            message(f"wrote {SCHEMAS / f'{file}.schema.json'}")
        return
    result(dumps(schemas[known(name or "manifest", schemas, "schema")]))


def _names(account: str, rules_from: str | None) -> tuple[Names, Sequence[str]]:
    """By kind that others refer to: its names; and the sinks. Nobody's login is among them."""
    project = told(ruled(rules_from))
    with open_session(Path(), account, project) as session:
        kinds = session.kinds
        found = session.inventory().present
        present = [live.address for live in found if not live.unmanaged_reason]
    referred = {ref for kind in kinds.values() for _, ref in kind.references}
    declared = [
        one.address for one in load(None, account, source=ManifestSource(project=project))[0]
    ]
    names = {
        name: sorted({one.name for one in (*present, *declared) if one.kind == name})
        for name in referred
    }
    return names, sorted((project or load_project()).sinks)
