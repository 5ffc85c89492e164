"""Violations of a schema as findings at their place in a document."""

from collections.abc import Iterable, Iterator

from lebots.core.manifest.schema_errors import ABOUT_NAMES, Violation, is_showable
from lebots.core.model.address import Source
from lebots.core.model.finding import Finding
from lebots.core.model.value import Path
from lebots.files.yaml.reader import Document


def located(document: Document, violations: Iterable[Violation]) -> Iterator[Finding]:
    """A finding for each violation, unless the reader has refused the value there already."""
    for violation in violations:
        # A name that is wrong stays wrong whatever was refused of its value.
        about = violation.path[:-1] if violation.code in ABOUT_NAMES else violation.path
        if not _refused(about, document):
            place = _place(violation, document)
            yield Finding(violation.code, _worded(violation), source=place, facts=violation.facts)


def _refused(path: Path, document: Document) -> bool:
    return any(path[: len(broken)] == broken for broken in document.invalid_paths)


def _place(violation: Violation, document: Document) -> Source:
    """The name of the field where that is what is wrong, else the value."""
    if violation.code in ABOUT_NAMES and violation.path in document.keys:
        return document.keys[violation.path]
    return document.at(violation.path)


def _worded(violation: Violation) -> str:
    """The message, with the field it is about where it does not name one itself."""
    field = next((step for step in reversed(violation.path) if isinstance(step, str)), "")
    if violation.code in ABOUT_NAMES or not is_showable(field):
        return violation.message
    return f"{field}: {violation.message}"
