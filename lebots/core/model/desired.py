"""One manifest as a value."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lebots.core.model.address import Address, Source
from lebots.core.model.finding import NO_FACTS, Facts, Finding, Severity
from lebots.core.model.value import Path, Spec


@dataclass(frozen=True, slots=True)
class Desired:
    """One manifest: the object that must exist and the fields of it that git owns."""

    address: Address
    spec: Spec
    source: Source
    positions: Mapping[Path, Source] = field(default_factory=dict)
    """Where each value below ``spec`` stands, by its path there."""
    metadata: Mapping[Path, Source] = field(default_factory=dict)
    """Where each value below ``metadata`` stands, by its path there."""
    previously: tuple[str, ...] = ()
    """Names the object had before; one that still has such a name is renamed in place."""
    ignore: frozenset[str] = frozenset()
    """Fields that are set on a create and not managed afterwards."""
    protect: bool = False
    """Whether the object must not be changed for as long as its manifest says so."""

    def at(self, *path: str | int) -> Source:
        """The nearest known place of a path below ``spec``."""
        return self._nearest(self.positions, path)

    def at_metadata(self, *path: str | int) -> Source:
        """The nearest known place of a path below ``metadata``."""
        return self._nearest(self.metadata, path)

    def finding(
        self,
        code: str,
        message: str,
        severity: Severity = Severity.ERROR,
        path: Path = (),
        facts: Facts = NO_FACTS,
    ) -> Finding:
        """A finding about this manifest, at the place of ``path`` below ``spec``."""
        return Finding(code, message, severity, self.at(*path), self.address, facts)

    def metadata_finding(
        self, code: str, message: str, path: Path, severity: Severity = Severity.ERROR
    ) -> Finding:
        """A finding about this manifest, at the place of ``path`` below ``metadata``."""
        return Finding(code, message, severity, self.at_metadata(*path), self.address)

    def _nearest(self, places: Mapping[Path, Source], path: Path) -> Source:
        for length in range(len(path), 0, -1):
            if found := places.get(path[:length]):
                return found
        return self.source
