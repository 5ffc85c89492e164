"""Which manifest goes into which file, and the names of the files."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from lebots.core.compare.order import kind_ranks
from lebots.core.importer.manifest import ManifestDocument
from lebots.core.model.address import Address
from lebots.core.model.kind import Kind
from lebots.core.quoting import visible
from lebots.files.walk import PROJECT_FILE
from lebots.files.yaml.split_documents import MAX_BYTES, MAX_NODES_PER_FILE
from lebots.files.yaml.unwritable_reason import nodes
from lebots.files.yaml.writer import write

_LONGEST_STEM = 80
_LONGEST_WORD = 80
_LINES = 250
# What Windows takes for a device, whatever the ending, and the name that is passed over here.
_RESERVED = frozenset(
    {
        *("con", "prn", "aux", "nul", PROJECT_FILE.partition(".")[0]),
        *(f"{port}{number}" for port in ("com", "lpt") for number in range(10)),
    }
)
# Letters that are shown as nothing.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0")


@dataclass(frozen=True, slots=True)
class ManifestFile:
    """A file to write: its path below the folder of manifests, and what it declares."""

    path: PurePosixPath
    documents: tuple[ManifestDocument, ...]
    text: str


def files(
    documents: Sequence[ManifestDocument],
    kinds: Mapping[str, Kind],
    taken: Callable[[PurePosixPath], bool],
    *,
    flat: bool = False,
    schema: str = "",
) -> list[ManifestFile]:
    """The files for these documents, sorted by path; ``taken`` tells which paths are in use.

    Each object has a file of its own, together with what stands beside it; with ``flat`` each kind
    has one. What would grow past what the reader takes goes on in a file with a number after its
    name. The same documents give the same files. ``schema`` is what editors check them with, as a
    file in the folder names it.
    """
    folders = {name: f"{kind.label.replace(' ', '-')}s" for name, kind in kinds.items()}
    names = _Names(taken)
    planned: list[ManifestFile] = []
    for address, group in _groups(documents, kinds, flat):
        folder = folders[address.kind]
        for part in _parts(group, kinds):
            path = names.free(folder if flat else f"{folder}/{_stem(address, kinds)}")
            above = "../" * (len(path.parts) - 1)
            text = "---\n".join(text for _, text in part)
            text = marked(text, above + schema) if schema else text
            planned.append(ManifestFile(path, tuple(document for document, _ in part), text))
    return sorted(planned, key=lambda file: (file.path.parent, file.path.stem))


def marked(text: str, schema: str) -> str:
    """The text with the line that tells editors what to check each of its documents with."""
    line = f"# yaml-language-server: $schema={schema}\n"
    return line + text.replace("\n---\n", f"\n---\n{line}")


class _Names:
    """Gives each path once."""

    def __init__(self, taken: Callable[[PurePosixPath], bool]) -> None:
        self._taken = taken
        self._used: set[PurePosixPath] = set()
        self._last: dict[str, int] = {}

    def free(self, stem: str) -> PurePosixPath:
        """The path with this stem, or with the next number after it that is free."""
        while True:
            number = self._last[stem] = self._last.get(stem, 0) + 1
            path = PurePosixPath(f"{stem}.yaml" if number == 1 else f"{stem}-{number}.yaml")
            if path not in self._used and not self._taken(path):
                self._used.add(path)
                return path


def _groups(
    documents: Sequence[ManifestDocument], kinds: Mapping[str, Kind], flat: bool
) -> Iterator[tuple[Address, list[ManifestDocument]]]:
    """What stands in one file, with the object that gives the file its name."""
    ranks = kind_ranks(kinds)
    groups: dict[Address, list[ManifestDocument]] = {}
    for document in sorted(documents, key=lambda one: (ranks[one.address.kind], one.address)):
        kind = Address(document.address.kind, "")
        owner = kind if flat else document.beside or document.address
        groups.setdefault(owner, []).append(document)
    # A name that is a file name already keeps it, whatever other names are turned into.
    yield from sorted(groups.items(), key=lambda group: (not _is_plain(group[0]), group[0]))


def _is_plain(address: Address) -> bool:
    return address.name == _slug(address.name)


def _stem(address: Address, kinds: Mapping[str, Kind]) -> str:
    """A file name for an object, which leads nowhere else, hides nothing and is no option."""
    label = kinds[address.kind].label.replace(" ", "-")
    stem = _slug(address.name)
    if not stem:
        return label
    return f"{label}-{stem}" if stem.partition(".")[0] in _RESERVED else stem


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKC", name).casefold()
    kept = "".join(char if _is_kept(char) else "-" for char in plain)
    short = re.sub(r"-+", "-", kept).encode()[:_LONGEST_STEM].decode(errors="ignore")
    return short.strip("-._")


def _is_kept(char: str) -> bool:
    return char in "._" or (char.isalnum() and char not in _BLANK)


def _parts(
    documents: Iterable[ManifestDocument], kinds: Mapping[str, Kind]
) -> Iterator[list[tuple[ManifestDocument, str]]]:
    """The documents with their text, in parts that each fit into one file."""
    part: list[tuple[ManifestDocument, str]] = []
    size = count = 0
    for document in documents:
        text = f"# {_comment(document, kinds)}\n{write(document.value)}"
        # One more for the document itself; the lines between two, and for editors.
        length, values = len(text.encode()) + _LINES, nodes(document.value) + 1
        if part and (size + length > MAX_BYTES or count + values > MAX_NODES_PER_FILE):
            yield part
            part, size, count = [], 0, 0
        part.append((document, text))
        size, count = size + length, count + values
    if part:
        yield part


def _comment(document: ManifestDocument, kinds: Mapping[str, Kind]) -> str:
    """What a reader wants to know of the object beside what its manifest says; one safe line."""
    words = [f"id {document.id}"]
    if document.updated:
        words.append(f"last changed {document.updated}")
    delivery = kinds[document.address.kind].delivery
    if delivery and document.spec.get(delivery.sink_field, "") is None:
        words.append("its secret is kept elsewhere")
    return visible(", ".join(word[:_LONGEST_WORD] for word in words))
