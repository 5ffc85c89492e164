"""``lebots import``: manifests for what the account has."""

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from lebots import kinds
from lebots.cli.commands.import_drift import keep
from lebots.cli.terminal import streams
from lebots.cli.terminal.console import result
from lebots.cli.terminal.known import known
from lebots.cli.terminal.options import DECLARED, AccountName, RulesFrom, addresses, one_of
from lebots.core.compare.change import yields_secret
from lebots.core.compare.order import kind_ranks
from lebots.core.did_you_mean import did_you_mean
from lebots.core.importer import select
from lebots.core.importer.manifest import ManifestDocument, SinkRecords
from lebots.core.importer.select import Choice, Imported, all_unread, chosen, unmatched, unread
from lebots.core.model.address import canonical
from lebots.core.model.desired import Desired
from lebots.core.model.inventory import Inventory, needed
from lebots.core.model.kind import Kind
from lebots.core.model.ports import look
from lebots.core.quoting import command
from lebots.errors import AccountError, SinkError, SinkUnavailable, UsageError
from lebots.files import manifests
from lebots.files.layout import ManifestFile, files
from lebots.files.walk import MANIFESTS, MAX_FILES, SCHEMAS, find, holds_manifests, shown
from lebots.files.yaml.unwritable_reason import complaint
from lebots.files.yaml.writer import write_files
from lebots.project import Project
from lebots.render.escape import quoted
from lebots.render.plain.plan import findings
from lebots.run.inputs.manifests import ManifestSource, argument, load
from lebots.run.inputs.project import load_project, ruled, told
from lebots.run.inputs.session import Session, open_session
from lebots.run.notices import gate, message

_MOST_LISTED = 20


class Layout(StrEnum):
    """How manifests are spread over files."""

    BOT = "bot"
    FLAT = "flat"


def import_(
    address: Annotated[
        list[str] | None,
        typer.Argument(**DECLARED, help="With --drift: only these objects.", show_default=False),
    ] = None,
    out: Annotated[
        Path,
        typer.Option(metavar="DIR", help="The folder to write to; created if missing."),
    ] = MANIFESTS,
    account: AccountName = None,
    kind: Annotated[
        list[str] | None,
        typer.Option(metavar="KIND", help="Only objects of this kind; repeatable."),
    ] = None,
    name: Annotated[
        list[str] | None,
        typer.Option(metavar="PATTERN", help="Only such names, as in 'faq-*'; repeatable."),
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Write fields at their defaults too.")
    ] = False,
    layout: Annotated[
        Layout,
        one_of(
            Layout,
            "--layout",
            help_="One file for each bot with what only it uses, or one for each kind.",
        ),
    ] = Layout.BOT,
    merge: Annotated[
        bool, typer.Option("--merge", help="Add only objects that no manifest in DIR declares.")
    ] = False,
    drift: Annotated[
        bool,
        typer.Option("--drift", help="Write manual changes of the account into the manifests."),
    ] = False,
    receipt: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="With --drift: the receipt of an apply that left nothing to do, which tells "
            "drift from pending exactly.",
        ),
    ] = None,
    rules_from: RulesFrom = None,
) -> None:
    """Write manifests for the objects of an account. Changes nothing in the account.

    A plan right after it is empty. Of the users only bots are imported; secrets never are.
    """
    if drift:
        if kind or name or full or merge or layout is not Layout.BOT:
            raise UsageError("--drift writes no new manifests; leave out what chooses them")
        found = told(ruled(rules_from))
        keep(out, account, found, addresses(address, "ADDRESS"), receipt)
        return
    if address or receipt:
        raise UsageError("ADDRESS and --receipt go with --drift")
    loaded = kinds.load()
    choice = Choice(_kinds(kind or (), loaded), tuple(name or ()), full)
    project = told(ruled(rules_from))
    declared = _declared(out, account, project)
    with open_session(Path(), account, project) as session:
        imported = manifests_of(session, choice)
    new, old = _sorted_out(imported.documents, declared)
    if old and not merge:
        raise UsageError(_declared_already(old, out))
    files = _files(new, loaded, out, layout)
    streams.acted()
    write_files(out, {file.path: file.text for file in files})
    _report(files, imported, old, loaded, out, account)
    _warn_of_overlays(project or load_project(), account)


def _warn_of_overlays(project: Project, account: str | None) -> None:
    """Says where a plan of what was written will not be empty, because more is laid on top."""
    if overlays := project.account(account).overlays:
        listed = ", ".join(map(shown, overlays))
        message(
            f"warning: {listed} is laid on top of these manifests for this account, so a plan can "
            "differ; take out of the overlay what the manifests say now"
        )


def manifests_of(session: Session, choice: Choice) -> Imported:
    """The manifests of what was chosen in an account that is open.

    Raises UsageError for a name that nothing has, AccountError where the account shows nothing that
    was chosen, and SinkUnavailable where a sink cannot be asked
    which secrets it holds.
    """
    about = choice.kinds or {name for name, kind in session.kinds.items() if not kind.lookup_only}
    inventory = session.inventory(needed(session.kinds, about, users=False))
    if all_unread(inventory, choice):
        raise AccountError("; ".join(unread(inventory, choice).values()))
    if missing := unmatched(inventory, choice):
        names = {live.address.name for live in chosen(inventory, replace(choice, names=()))}
        hint = did_you_mean(missing[0], names) if len(missing) == 1 else ""
        listed = ", ".join(map(quoted, missing)) + hint
        raise UsageError(f"--name: nothing in account {session.name} is named {listed}")
    stored = _stored(session, inventory, choice)
    return select.manifests(inventory, choice, stored, complaint)


def _stored(session: Session, inventory: Inventory, choice: Choice) -> SinkRecords:
    held, unreadable, announced = {}, {}, {}
    for live in chosen(inventory, choice):
        if not yields_secret(session.kinds[live.address.kind], live.spec):
            continue
        try:
            found = {
                name: look(sink, inventory.account.id, live.address.name)
                for name, sink in sorted(session.sinks.items())
            }
        except SinkUnavailable:
            raise
        except SinkError as error:
            unreadable[live.address] = str(error)
        else:
            held[live.address] = {name: one.id for name, one in found.items() if one.id}
            if notes := [name for name, one in found.items() if one.open]:
                announced[live.address] = notes[0]
    return SinkRecords(held, unreadable, announced)


def _kinds(names: Iterable[str], kinds: Mapping[str, Kind]) -> frozenset[str]:
    declarable = {name: kind for name, kind in kinds.items() if not kind.lookup_only}
    return frozenset(known(name, declarable, "kind to import") for name in names)


def _declared(folder: Path, account: str | None, project: Project | None) -> Sequence[Desired]:
    """What the manifests below the folder declare; raises InvalidInput where they are wrong."""
    if not os.path.lexists(folder):
        return ()
    if not folder.is_dir():
        raise UsageError(f"{shown(folder)} is no folder; name one to write to")
    if not holds_manifests(folder):
        return ()
    desired, findings = load([folder], account, source=ManifestSource(project=project))
    gate([finding for finding in findings if finding.code != "no-manifests"], show=False)
    # An overlay may drop for this account what the files declare for the others.
    return [*manifests.load([folder], kinds.load())[0], *desired]


def _sorted_out(
    documents: Iterable[ManifestDocument], declared: Iterable[Desired]
) -> tuple[list[ManifestDocument], list[Desired]]:
    """The documents that no manifest declares, and the manifests that declare the others."""
    there = {
        (one.address.kind, canonical(name)): one
        for one in declared
        # What waits to be renamed is declared under the name it still has, too.
        for name in (one.address.name, *one.previously)
    }
    new, old = [], []
    for document in documents:
        found = there.get((document.address.kind, canonical(document.address.name)))
        if found:
            old.append(found)
        else:
            new.append(document)
    return new, old


def _declared_already(old: Sequence[Desired], folder: Path) -> str:
    lines = [f"{one.source.file}:{one.source.line}: {one.address}" for one in old[:_MOST_LISTED]]
    if len(old) > _MOST_LISTED:
        lines.append(f"and {len(old) - _MOST_LISTED} more")
    return "\n".join(
        [
            f"{shown(folder)} has manifests already for what would be imported:",
            *(f"  {line}" for line in lines),
            "nothing was written; --merge adds only what is missing, --out names another folder",
        ]
    )


def _files(
    documents: Sequence[ManifestDocument],
    kinds: Mapping[str, Kind],
    folder: Path,
    layout: Layout,
) -> list[ManifestFile]:
    planned = files(
        documents,
        kinds,
        lambda path: os.path.lexists(folder / path),
        flat=layout is Layout.FLAT,
        schema=_schema_from(folder),
    )
    there = len(find([folder])[0]) if folder.is_dir() else 0
    if len(planned) + there > MAX_FILES:
        raise UsageError(
            f"{len(planned)} files would be added to the {there} in {shown(folder)}, and lebots "
            f"reads at most {MAX_FILES}; write fewer with --layout flat, or choose with --name"
        )
    return planned


def _schema_from(folder: Path) -> str:
    """The project's schema of manifests, as a file in the folder names it; empty without one."""
    schema = SCHEMAS / "manifest.schema.json"
    # A name with blanks cannot stand in the line.
    named = os.path.relpath(schema, folder).replace(os.sep, "/")
    return named if schema.is_file() and not any(map(str.isspace, named)) else ""


def _report(
    files: Sequence[ManifestFile],
    imported: Imported,
    old: Sequence[Desired],
    kinds: Mapping[str, Kind],
    folder: Path,
    account: str | None,
) -> None:
    if imported.findings:
        message(findings(imported.findings))
    lines = [
        f"wrote {shown(folder / file.path)}   {_counted(file.documents, kinds)}" for file in files
    ]
    written = [document for file in files for document in file.documents]
    many = "1 file" if len(files) == 1 else f"{len(files)} files"
    summary = f"{_counted(written, kinds)} in {many}" if files else "nothing to write"
    if old:
        summary += f"; {len(old)} declared already"
    result("\n".join([*lines, summary]))
    words = ["lebots", "plan"] + ([] if folder == MANIFESTS else [argument(folder)])
    words += ["--account", account] if account else []
    result(f"\nnext: {command(*words)}")


def _counted(documents: Iterable[ManifestDocument], kinds: Mapping[str, Kind]) -> str:
    counts = Counter(document.address.kind for document in documents)
    found = [(kinds[name].label, counts[name]) for name in kind_ranks(kinds) if counts[name]]
    return ", ".join(f"{n} {label}" if n == 1 else f"{n} {label}s" for label, n in found)
