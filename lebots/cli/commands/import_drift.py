"""``lebots import --drift``: manual changes of an account, written into the manifests."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from lebots.cli.terminal import streams
from lebots.cli.terminal.console import result
from lebots.core.history.drift import drift
from lebots.core.kept_drift import Keeper, Kept
from lebots.core.model.address import Address, Source
from lebots.core.model.desired import Desired
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.inventory import needed, reported
from lebots.core.model.plan import BLOCKING
from lebots.core.model.value import Value
from lebots.core.planner import is_blocking, selected
from lebots.files import manifests
from lebots.files.inside import followed
from lebots.files.manifests import File, Reader
from lebots.files.walk import find, read_bytes, shown
from lebots.files.yaml.edit import Addition, Replacement, edited
from lebots.files.yaml.unwritable_reason import complaint
from lebots.files.yaml.writer import write_file
from lebots.project import Project
from lebots.render.escape import value
from lebots.render.plain.plan import findings as told
from lebots.run.inputs.git_base import cut_off, history_here
from lebots.run.inputs.manifests import ManifestSource, load
from lebots.run.inputs.project import load_project
from lebots.run.inputs.receipt import read
from lebots.run.inputs.session import open_session
from lebots.run.notices import gate, message

_Texts = Mapping[str, str]
"""What files hold, by the names they are shown by."""


def keep(
    folder: Path,
    account: str | None,
    project: Project | None,
    only: Sequence[Address],
    receipt: Path | None,
) -> None:
    """Writes each value that was changed by hand where the manifest says another one."""
    desired, wrong = load([folder], account, source=ManifestSource(project=project))
    gate(wrong, show=False)
    with open_session(Path(), account, project) as session:
        known = read(receipt, session.client.account) if receipt else None
        versions = None if known and known.clean else history_here([folder], account)
        about = {one.address.kind for one in selected(desired, only, session.kinds)}
        lists = needed(session.kinds, about, users=False) | reported(session.kinds)
        inventory = session.inventory(lists)
        found = drift(desired, inventory, known, only, versions.of if versions else None)
    cut = cut_off(found.changes, versions) if versions else ()
    keeper = Keeper(inventory, complaint)
    kept = keeper.kept(found, desired)
    files = {
        shown(file): file
        for file in find([folder, *(project or load_project()).account(account).overlays])[0]
    }
    written, texts, lost = _edits(kept, files, folder, account)
    streams.acted()
    for name, text in texts.items():
        write_file(followed(files[name]), text)
    _report(written, [*found.findings, *cut, *keeper.findings, *lost])


def _edits(
    kept: Sequence[Kept], files: Mapping[str, Path], folder: Path, account: str | None
) -> tuple[Sequence[Kept], _Texts, list[Finding]]:
    """The values that can be written, the files with them, and a warning for each other one."""
    lost: list[Finding] = []
    while True:
        texts, failed = _tried(kept, files, folder, account)
        if not failed:
            return kept, texts, lost
        lost += map(_not_written, failed)
        kept = [one for one in kept if one not in failed]


def _tried(
    kept: Sequence[Kept], files: Mapping[str, Path], folder: Path, account: str | None
) -> tuple[_Texts, Sequence[Kept]]:
    """The files with all values written, and the values that are not what is read from them."""
    texts, failed = {}, []
    for name in dict.fromkeys(_place(one).file for one in kept):
        group = [one for one in kept if _place(one).file == name]
        before = _text(files.get(name))
        if (text := edited(before, map(_edit, group))) is None:
            failed += [one for one in group if edited(before, [_edit(one)]) is None] or group
        else:
            texts[name] = text
    desired, findings = load([folder], account, source=ManifestSource(_reader(texts)))
    if is_blocking(findings):
        places = {one.source.file for one in findings if one.source and one.severity in BLOCKING}
        return texts, failed or [one for one in kept if _place(one).file in places] or kept
    found = {one.address: one for one in desired}
    failed += [
        one
        for one in kept
        if _place(one).file in texts and _read_back(found.get(one.wanted.address), one) != one.new
    ]
    return texts, failed


def _read_back(found: Desired | None, one: Kept) -> Value:
    there: Value = found.spec if found else None
    for step in one.path:
        there = there.get(str(step)) if isinstance(there, Mapping) else None
    return there


def _reader(texts: _Texts) -> Reader:
    """Reads the files as they would be."""

    def files(paths: Sequence[Path]) -> tuple[Iterator[File], list[Finding]]:
        found, findings = find(paths)
        return map(one, found), findings

    def one(file: Path) -> File:
        name = shown(file)
        return name, texts[name].encode("utf-8") if name in texts else read_bytes(file)

    return manifests.reading(files)


def _place(one: Kept) -> Source:
    """Where the value stands, or the last of the fields that it joins."""
    if one.source:
        return one.source
    wanted = one.wanted
    fields = [at for path, at in wanted.positions.items() if len(path) == 1]
    own = [at for at in fields if at.file == wanted.source.file]
    return max(own, key=lambda at: (at.line, at.column), default=wanted.source)


def _edit(one: Kept) -> Replacement | Addition:
    place = _place(one)
    if one.source:
        return Replacement(place.line, place.column, one.old, one.new)
    return Addition(place.line, place.column, str(one.path[0]), one.new)


def _text(file: Path | None) -> str:
    data = read_bytes(file) if file else b""
    return data.decode("utf-8") if isinstance(data, bytes) else ""


def _not_written(one: Kept) -> Finding:
    name = ".".join(map(str, one.path))
    text = f"{name} stays as the manifest says: it cannot be changed there alone; write it by hand"
    return Finding("not-kept", text, Severity.WARNING, _place(one), one.wanted.address)


def _report(written: Sequence[Kept], findings: Sequence[Finding]) -> None:
    if findings:
        message(told(findings))
    for one in written:
        place, name = _place(one), ".".join(map(str, one.path))
        values = "a personal value" if one.personal else f"{value(one.old)} -> {value(one.new)}"
        result(f"{place.file}:{place.line}: {one.wanted.address} {name} {values}")
    many = "1 value" if len(written) == 1 else f"{len(written)} values"
    result(f"{many} written" if written else "nothing to write")
