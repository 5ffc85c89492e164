"""What a manifest calls its object: a name, or what it is and whose."""

from collections.abc import Mapping

from lebots.core.manifest.schema_errors import value_at
from lebots.core.model.kind import Kind
from lebots.core.model.value import Path, Spec, Value

_METADATA = "metadata"


def name_at(kind: Kind) -> Path:
    """Where a manifest of the kind says what its object is called."""
    return (_METADATA, kind.belongs.word if kind.belongs else "name")


def name_of(kind: Kind, document: Value) -> str | None:
    """What the object is called in its address; None where the document does not say it."""
    name = value_at(document, name_at(kind))
    if not isinstance(name, str) or not name.strip():
        return None
    return kind.belongs.called(name, _owner(kind, document)) if kind.belongs else name


def spec_of(kind: Kind, document: Value) -> Spec:
    """The fields of a manifest, with the owner that stands in its metadata."""
    spec = value_at(document, ("spec",))
    owner = _owner(kind, document)
    named = {kind.belongs.owner: owner} if kind.belongs and owner is not None else {}
    return {**named, **(spec if isinstance(spec, Mapping) else {})}


def metadata_of(kind: Kind, name: str, spec: Spec) -> Spec:
    """What a manifest's metadata says in place of a name; nothing where that is the name."""
    if not kind.belongs:
        return {}
    owner = {word: spec[word] for word in owner_words(kind) if word in spec}
    return {kind.belongs.word: kind.belongs.what(name), **owner}


def owner_words(kind: Kind) -> tuple[str, ...]:
    """The field that stands in metadata, if there is one."""
    return (kind.belongs.owner,) if kind.belongs else ()


def _owner(kind: Kind, document: Value) -> str | None:
    found = value_at(document, (_METADATA, kind.belongs.owner)) if kind.belongs else None
    return found if isinstance(found, str) and found.strip() else None
