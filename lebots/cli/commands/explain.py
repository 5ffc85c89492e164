"""``lebots schema`` and ``lebots explain``: the kinds in words, for editors and people."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from lebots.cli.terminal.console import result
from lebots.cli.terminal.options import AccountName, addresses
from lebots.core.did_you_mean import did_you_mean
from lebots.core.model.kind import Kind
from lebots.errors import UsageError
from lebots.run.inputs.manifests import load
from lebots.run.notices import gate, message

FOLDER = Path("schemas")


def schema(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME",
            help="A kind, or manifest, project, plan, receipt, drift.",
            show_default=False,
        ),
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help=f"Write all of them to {FOLDER}/ instead.")
    ] = False,
) -> None:
    """Print a JSON Schema: manifests, one kind, the project, a plan, an outcome, a receipt."""
    from lebots.documents.text import dumps
    from lebots.files.yaml.writer import write_file

    schemas = all_schemas()
    if write:
        for file, content in schemas.items():
            write_file(FOLDER / f"{file}.schema.json", dumps(content) + "\n")
            message(f"wrote {FOLDER / f'{file}.schema.json'}")
        return
    result(dumps(schemas[known(name or "manifest", schemas, "schema")]))


def explain(
    name: Annotated[
        str | None,
        typer.Argument(metavar="WHAT", help="KIND, KIND.field, or Kind/name.", show_default=False),
    ] = None,
    account: AccountName = None,
) -> None:
    """Explain the kinds, one kind or field, or where each value of a manifest comes from.

    With an address, such as BotUser/routing-bot, the manifest is shown as the account gets it, with
    its overlays.
    """
    from lebots import kinds
    from lebots.render.escape import quoted
    from lebots.render.plain import explain as words

    loaded = kinds.load()
    if name is None:
        result(words.kinds(loaded))
        return
    if "/" in name:
        _explain_manifest(name, account, loaded)
        return
    kind_name, _, path = name.partition(".")
    kind = loaded[known(kind_name, loaded, "kind")]
    if not path:
        result(words.kind(kind))
        return
    found = words.field(kind, path)
    if not found:
        hint = did_you_mean(path, kind.by_name)
        raise UsageError(f"{kind.name} has no field {quoted(path)}{hint}")
    result(found)


def _explain_manifest(text: str, account: str | None, loaded: Mapping[str, Kind]) -> None:
    from lebots.core.planner import selected
    from lebots.render.plain.manifest import manifest

    desired, findings = load(None, account)
    gate(findings)
    (address,) = addresses([text], "explain")
    wanted = next(w for w in selected(desired, (address,), loaded) if w.address == address)
    result(manifest(wanted, loaded[address.kind]))


def all_schemas() -> Mapping[str, Mapping[str, Any]]:
    """Every published schema by the stem of its file name."""
    from lebots import kinds, project
    from lebots.core.manifest import schema as schemas
    from lebots.documents.drift import drift_schema
    from lebots.documents.outcome import outcome_schema
    from lebots.documents.plan import plan_schema
    from lebots.documents.receipt import receipt_schema

    loaded = {name: kind for name, kind in kinds.load().items() if not kind.lookup_only}
    return {
        **{name: schemas.manifest_schema(kind) for name, kind in loaded.items()},
        "manifest": schemas.manifests_schema(loaded),
        "project": project.project_schema(),
        "plan": plan_schema(),
        "outcome": outcome_schema(),
        "receipt": receipt_schema(),
        "drift": drift_schema(),
    }


def known(name: str, names: Mapping[str, object], what: str) -> str:
    """The one of the names that is meant, upper and lower case aside; raises UsageError."""
    from lebots.render.escape import quoted

    folded = {candidate.casefold(): candidate for candidate in names}
    if name.casefold() in folded:
        return folded[name.casefold()]
    hint = did_you_mean(name, names, f"there are {', '.join(names)}")
    raise UsageError(f"there is no {what} {quoted(name)}{hint}")
