"""From paths to manifests: find the files, read them, check every document, compare the names."""

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any, TypeAlias

from lebots.core.did_you_mean import did_you_mean, suggestion
from lebots.core.manifest.metadata_rules import lifecycle
from lebots.core.manifest.names import name_at, name_of, owner_words, spec_of
from lebots.core.manifest.schema import API_VERSION, check
from lebots.core.manifest.schema_errors import is_showable, value_at
from lebots.core.model.address import Address, Source, canonical
from lebots.core.model.desired import Desired
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.inventory import targets
from lebots.core.model.kind import Kind
from lebots.core.model.value import Path
from lebots.core.quoting import quoted
from lebots.files.lookalikes import same_digits, skeleton, suspicion, typo_forms
from lebots.files.overlays import overlaid, without_new
from lebots.files.schema_findings import MAX_FINDINGS, located, too_many
from lebots.files.walk import EMPTY, shown
from lebots.files.yaml.allowance import Allowance
from lebots.files.yaml.reader import Document, read
from lebots.files.yaml.split_documents import by_place

File: TypeAlias = tuple[str, bytes | Finding]
"""The name a file is shown by, and what it holds or why that cannot be read."""

Files: TypeAlias = Callable[[Sequence[FilePath]], tuple[Iterable[File], list[Finding]]]
"""Gives the manifest files at and below paths, and what is wrong with the paths."""

Reader: TypeAlias = Callable[
    [Sequence[FilePath]], tuple[Sequence[Any], list[Document], list[Finding]]
]
"""Gives the manifest files at and below paths, their documents, and what is wrong with both."""


def reading(files: Files) -> Reader:
    """The reader of files that are not those of the working tree."""

    def documents(paths: Sequence[FilePath]) -> tuple[list[str], list[Document], list[Finding]]:
        names: list[str] = []
        found, findings = files(paths)
        read_, wrong = read_all(_noting(found, names))
        return names, read_, [*findings, *wrong]

    return documents


def load(
    paths: Sequence[FilePath],
    kinds: Mapping[str, Kind],
    overlays: Sequence[FilePath] = (),
    read_documents: Reader | None = None,
) -> tuple[list[Desired], list[Finding]]:
    """The manifests at and below ``paths`` that are whole, and everything wrong, by place.

    Each of ``overlays``, a file or folder, is laid on top in that order.
    Where a finding is an error the manifests must not be used: others were refused, not left out.
    """
    read_documents = read_documents or Allowance().documents
    files, documents, findings = read_documents(paths)
    layers = []
    for overlay in overlays:
        _, layer, wrong = read_documents([overlay])
        layers.append(layer)
        findings = [*findings, *wrong]
    desired, wrong = gathered(documents, layers, kinds)
    findings = [*findings, *wrong]
    if files and not desired and not findings:
        words = f"{_listed(files)} hold no manifest; write one, or name other files"
        findings.append(Finding(EMPTY, words))
    return desired, sorted(findings, key=by_place)


def _noting(files: Iterable[File], names: list[str]) -> Iterator[File]:
    for name, data in files:
        names.append(name)
        yield name, data


def gathered(
    documents: Sequence[Document], layers: Sequence[Sequence[Document]], kinds: Mapping[str, Kind]
) -> tuple[list[Desired], list[Finding]]:
    """The manifests in documents with layers on top, and everything wrong with them."""
    documents, findings = overlaid(documents, layers) if layers else (documents, [])
    manifests: list[_Manifest] = []
    for document in documents:
        if len(findings) > MAX_FINDINGS:
            findings.append(too_many(document.at(())))
            break
        wrong = list(problems(document, kinds))
        findings += wrong
        if named := _named(document, kinds):
            at = document.at(name_at(kinds[named.address.kind]))
            manifests.append(_Manifest(named, at, not (wrong or document.has_errors)))
    findings += _same_names(manifests)
    findings += lifecycle([one.desired for one in manifests], kinds)
    findings += _look_alikes(manifests)
    findings += _near_misses([one.desired for one in manifests], kinds)
    return [one.desired for one in manifests if one.whole], sorted(findings, key=by_place)


@dataclass(frozen=True, slots=True)
class _Manifest:
    """A document that names a kind and an object, perhaps with errors elsewhere."""

    desired: Desired
    name_at: Source
    whole: bool

    @property
    def key(self) -> tuple[str, str]:
        return self.desired.address.kind, canonical(self.desired.address.name)


def read_all(
    files: Iterable[File],
) -> tuple[list[Document], list[Finding]]:
    """The documents of files, each with the name it is shown by and what it holds."""
    documents: list[Document] = []
    findings: list[Finding] = []
    for name, data in files:
        found, wrong = ([], [data]) if isinstance(data, Finding) else read(data, name)
        documents += found
        findings += wrong
    return documents, findings


def parts(data: bytes, kinds: Mapping[str, Kind]) -> list[Desired]:
    """What a file alone says of objects, also where it lacks what another one has, as overlays do.

    For looking at what was said before, not for planning.
    """
    documents = [without_new(document) for document in read_all([("", data)])[0]]
    return [
        named
        for document in documents
        if not document.has_errors
        if all(problem.code == "missing-field" for problem in problems(document, kinds))
        if (named := _named(document, kinds))
    ]


def problems(document: Document, kinds: Mapping[str, Kind]) -> Iterator[Finding]:
    """What keeps the document from being a manifest, beyond what the reader has said already."""
    value = document.value
    if not isinstance(value, Mapping):
        if () not in document.invalid_paths:
            words = "a manifest is a mapping with apiVersion, kind, metadata and spec"
            yield Finding("not-a-manifest", words, source=document.at(()))
        return
    kind = _kind(document, kinds)
    if kind is None:
        if ("kind",) not in document.invalid_paths:
            yield _no_kind(document, value.get("kind"), kinds)
        if value.get("apiVersion") != API_VERSION:
            words = f"apiVersion: must be {API_VERSION}"
            yield Finding("not-one-of", words, source=document.at(("apiVersion",)))
        return
    yield from located(document, check(kind, value))
    yield from _decomposed(document, kind)


def _kind(document: Document, kinds: Mapping[str, Kind]) -> Kind | None:
    """The kind the document declares, if that is one which can be declared."""
    value = document.value
    name = value.get("kind") if isinstance(value, Mapping) else None
    kind = kinds.get(name) if isinstance(name, str) else None
    return None if kind is None or kind.lookup_only else kind


def _no_kind(document: Document, name: object, kinds: Mapping[str, Kind]) -> Finding:
    declared = sorted(kind.name for kind in kinds.values() if not kind.lookup_only)
    choices = f"write one of {', '.join(declared)}"
    if name is None:
        words = f'the field "kind" is missing; {choices}'
    elif not isinstance(name, str):
        words = f"kind is a text; {choices}"
    elif name in kinds:
        words = f"a {kinds[name].label} is looked up by name, not managed; remove this document"
    else:
        what = f'there is no kind "{name}"' if is_showable(name) else "there is no such kind"
        words = what + did_you_mean(name, declared, choices)
    return Finding("unknown-kind", words, source=document.at(("kind",)))


def _decomposed(document: Document, kind: Kind) -> Iterator[Finding]:
    name = name_of(kind, document.value)
    if name is not None and not unicodedata.is_normalized("NFC", name):
        words = "the name is written with combining marks; write it in composed form (NFC)"
        yield Finding("name-form", words, source=document.at(name_at(kind)))


def _named(document: Document, kinds: Mapping[str, Kind]) -> Desired | None:
    """The manifest, where the document says at least which object it is about."""
    kind = _kind(document, kinds)
    name = name_of(kind, document.value) if kind else None
    if kind is None or (name := name_of(kind, document.value)) is None:
        return None
    metadata = _places(document, "metadata")
    of_name = {path: at for path, at in metadata.items() if path[:1] == owner_words(kind)}
    return Desired(
        Address(kind.name, name),
        spec_of(kind, document.value),
        document.at(()),
        _places(document, "spec") | of_name,
        metadata,
        () if kind.fixed_name else tuple(_texts(document, "previously")),
        frozenset(_texts(document, "ignore")).intersection(kind.ignorable),
        value_at(document.value, ("metadata", "protect")) is True,
    )


def _places(document: Document, part: str) -> dict[Path, Source]:
    return {path[1:]: at for path, at in document.positions.items() if path[:1] == (part,)}


def _texts(document: Document, field: str) -> list[str]:
    """The texts of a list below ``metadata``; whatever else stands there is refused elsewhere."""
    found = value_at(document.value, ("metadata", field))
    items = found if isinstance(found, list | tuple) else ()
    return [item for item in items if isinstance(item, str) and item]


def _same_names(manifests: Iterable[_Manifest]) -> Iterator[Finding]:
    first: dict[tuple[str, str], _Manifest] = {}
    for one in manifests:
        other = first.setdefault(one.key, one)
        if other is one:
            continue
        mine, theirs = one.desired.address, other.desired.address
        if mine == theirs:
            words = f"{_shown(mine)} is declared here and at {other.name_at}; keep one of them"
        else:
            words = (
                f"{_shown(mine)} counts as the same name as {_shown(theirs)} at {other.name_at}: "
                "case, width and outer blanks make no difference; rename one"
            )
        yield Finding("same-name", words, source=one.name_at, address=mine)


def _look_alikes(manifests: Iterable[_Manifest]) -> Iterator[Finding]:
    seen: dict[tuple[str, str], _Manifest] = {}
    for one in manifests:
        address = one.desired.address
        other = seen.setdefault((address.kind, skeleton(address.name)), one)
        words = suspicion(address.name)
        if other.key != one.key:
            words = (
                f"the name looks like the one at {other.name_at}, but is not the same; rename one"
            )
        if words:
            yield Finding("look-alike", words, Severity.WARNING, one.name_at, address)


def _near_misses(manifests: Sequence[Desired], kinds: Mapping[str, Kind]) -> Iterator[Finding]:
    """Warnings about names that no manifest declares while one of almost the same spelling is."""
    declared = {one.address for one in manifests}
    forms: dict[str, dict[str, str]] = {}
    for one in manifests:
        for path, target in targets(kinds[one.address.kind], one.spec):
            if target in declared:
                continue
            if target.kind not in forms:
                forms[target.kind] = _by_form(declared, target.kind)
            close = _close(target.name, forms[target.kind])
            if close:
                words = (
                    f"no manifest declares {_shown(target)}, so it must exist in the account"
                    f"{suggestion(close)}"
                )
                yield one.finding("reference-near-miss", words, Severity.WARNING, path)


def _by_form(declared: Iterable[Address], kind: str) -> dict[str, str]:
    names = sorted(address.name for address in declared if address.kind == kind)
    return {form: name for name in names for form in typo_forms(name)}


def _close(name: str, forms: Mapping[str, str]) -> str:
    found = {forms[form] for form in typo_forms(name) if form in forms}
    return min((other for other in found if same_digits(name, other)), default="")


def _shown(address: Address) -> str:
    return f"{address.kind} {quoted(address.name)}"


def _listed(files: Sequence[FilePath | str]) -> str:
    first = ", ".join(shown(one) if isinstance(one, FilePath) else one for one in files[:3])
    return first if len(files) <= 3 else f"{first} and {len(files) - 3} more files"
