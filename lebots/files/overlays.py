"""Overlays: documents that change manifests of the same kind and name for one account.

Mappings are merged field by field, everything else is replaced, lists too; ``{$patch: delete}`` in
place of a value drops the field, ``$patch: delete`` beside ``kind`` drops the whole manifest.
``$new: true`` beside ``kind`` declares an object that has no manifest.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from lebots.core.did_you_mean import suggestion
from lebots.core.manifest.schema import LIFECYCLE
from lebots.core.manifest.schema_errors import value_at
from lebots.core.model.address import Source
from lebots.core.model.finding import Finding
from lebots.core.model.value import Path, Value
from lebots.core.quoting import quoted, visible
from lebots.files.lookalikes import same_digits, typo_forms
from lebots.files.yaml.reader import Document

PATCH, DELETE = "$patch", "delete"
NEW = "$new"

_Name: TypeAlias = tuple[str, str]


def overlaid(
    base: Sequence[Document], overlays: Iterable[Sequence[Document]]
) -> tuple[list[Document], list[Finding]]:
    """The documents with each overlay on top, in the order given, and what is wrong with those.

    A document of an overlay that names no manifest is an error, unless it says that it is one of
    its own, for this account only.
    """
    documents = list(base)
    findings: list[Finding] = []
    for overlay in overlays:
        first: dict[_Name, Document] = {}
        for document in overlay:
            name = _name(document)
            if name and (other := first.setdefault(name, document)) is not document:
                words = (
                    f"this overlay changes {_shown(name)} at {other.at(())} too; keep one of them"
                )
                findings.append(Finding("overlay", words, source=document.at(())))
                continue
            documents, wrong = _onto(documents, document)
            findings += wrong
    return documents, findings


def _onto(documents: Sequence[Document], patch: Document) -> tuple[list[Document], list[Finding]]:
    name = _name(patch)
    place = next((i for i, one in enumerate(documents) if name and _name(one) == name), None)
    drops = _states(patch, PATCH)
    if wrong := _wrong_words(patch, documents[place] if place is not None else None):
        return list(documents), [wrong]
    if place is None:
        if drops:
            words = "there is no such manifest to drop; remove this document"
            return list(documents), [Finding("overlay", words, source=patch.at(()))]
        if name and not _states(patch, NEW):
            return list(documents), [_undeclared(documents, patch, name)]
        return [*documents, without_new(patch)], list(_patches(patch))
    if drops:
        return [*documents[:place], *documents[place + 1 :]], []
    merge = _Merge.of(documents[place], patch)
    return [*documents[:place], merge.document(), *documents[place + 1 :]], merge.findings


def _name(document: Document) -> _Name | None:
    kind = value_at(document.value, ("kind",))
    metadata = value_at(document.value, ("metadata",))
    said = metadata if isinstance(metadata, Mapping) else {}
    # Objects without a name of their own are known by all that their metadata calls them.
    words = ["name"] if "name" in said else sorted(said.keys() - LIFECYCLE)
    names = [name for word in words if isinstance(name := said[word], str)]
    return (kind, "@".join(names)) if isinstance(kind, str) and names else None


def _shown(name: _Name) -> str:
    return f"{visible(name[0])} {quoted(name[1])}"


def without_new(document: Document) -> Document:
    """The document without the word that says that it is new."""
    if not _states(document, NEW) or not isinstance(document.value, Mapping):
        return document
    return replace(
        document,
        value={name: value for name, value in document.value.items() if name != NEW},
        positions=_outside(document.positions, (NEW,)),
        keys=_outside(document.keys, (NEW,)),
    )


def _states(document: Document, word: str) -> bool:
    return isinstance(document.value, Mapping) and word in document.value


def _wrong_words(patch: Document, declared: Document | None) -> Finding | None:
    """What is wrong with ``$patch`` and ``$new`` beside ``kind``."""
    if _states(patch, PATCH) and (wrong := _not_delete(patch, (PATCH,))):
        return wrong
    if not _states(patch, NEW):
        return None
    words = f"{NEW}: must be true, which declares an object that has no manifest"
    if value_at(patch.value, (NEW,)) is True:
        if declared is None:
            return None
        words = f"{NEW}: there is such a manifest, at {declared.at(())}; remove this line"
    return Finding("overlay", words, source=patch.keys.get((NEW,), patch.at((NEW,))))


def _undeclared(documents: Sequence[Document], patch: Document, name: _Name) -> Finding:
    """An error for a document that changes what no manifest declares."""
    forms = typo_forms(name[1])
    names = [other[1] for one in documents if (other := _name(one)) and other[0] == name[0]]
    alike = [one for one in names if same_digits(name[1], one) and forms & typo_forms(one)]
    hint = suggestion(min(alike)) if alike else ""
    words = (
        f"no manifest declares {_shown(name)}{hint}; write its manifest, remove this document, or "
        f'write "{NEW}: true" beside kind, which declares it for this account alone'
    )
    return Finding("overlay-alone", words, source=patch.at(("metadata", "name")))


def _patches(patch: Document) -> Iterator[Finding]:
    for path, source in patch.keys.items():
        if path[-1:] == (PATCH,):
            words = f"there is no manifest of this name, so {PATCH} has nothing to change"
            yield Finding("overlay", words, source=source)


def _not_delete(patch: Document, path: Path) -> Finding | None:
    if value_at(patch.value, path) == DELETE:
        return None
    words = f"{PATCH}: must be {DELETE}, which drops the value here"
    return Finding("overlay", words, source=patch.at(path))


@dataclass
class _Merge:
    """One manifest on its way to its form for an account."""

    base: Document
    patch: Document
    positions: dict[Path, Source]
    keys: dict[Path, Source]
    invalid_paths: set[Path]
    findings: list[Finding] = field(default_factory=list)

    @classmethod
    def of(cls, base: Document, patch: Document) -> "_Merge":
        return cls(base, patch, dict(base.positions), dict(base.keys), set(base.invalid_paths))

    def document(self) -> Document:
        """The merged document; every value keeps the place it came from."""
        value = self._merged(self.base.value, self.patch.value, ())
        return replace(
            self.base,
            value=value,
            positions=self.positions,
            keys=self.keys,
            invalid_paths=frozenset(self.invalid_paths),
            has_errors=self.base.has_errors or self.patch.has_errors,
        )

    def _merged(self, below: Value, above: Value, path: Path) -> Value:
        if not (isinstance(below, Mapping) and isinstance(above, Mapping)):
            self._take(path)
            return above
        merged = dict(below)
        for name, value in above.items():
            here = (*path, name)
            if isinstance(value, Mapping) and PATCH in value:
                self._drop(merged, name, here)
            elif name in below:
                merged[name] = self._merged(below[name], value, here)
            else:
                self._take(here)
                merged[name] = value
        return merged

    def _drop(self, merged: dict[str, Value], name: str, path: Path) -> None:
        if wrong := _not_delete(self.patch, (*path, PATCH)):
            self.findings.append(wrong)
        elif name not in merged:
            words = f"the manifest has no field {quoted(name)} to drop; remove it here"
            source = self.patch.keys.get(path, self.patch.at(path))
            self.findings.append(Finding("overlay", words, source=source))
        else:
            del merged[name]
            self._forget(path)

    def _take(self, path: Path) -> None:
        """From here on down, the places are those of the overlay."""
        self._forget(path)
        self.positions |= _below(self.patch.positions, path)
        self.keys |= _below(self.patch.keys, path)
        self.invalid_paths |= {one for one in self.patch.invalid_paths if one[: len(path)] == path}

    def _forget(self, path: Path) -> None:
        self.positions = _outside(self.positions, path)
        self.keys = _outside(self.keys, path)
        self.invalid_paths = {one for one in self.invalid_paths if one[: len(path)] != path}


def _below(places: Mapping[Path, Source], path: Path) -> dict[Path, Source]:
    return {one: at for one, at in places.items() if one[: len(path)] == path}


def _outside(places: Mapping[Path, Source], path: Path) -> dict[Path, Source]:
    return {one: at for one, at in places.items() if one[: len(path)] != path}
