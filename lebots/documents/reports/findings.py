"""What was found in manifests, as JSON."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from lebots.core.compare.digest import FORMAT_VERSION
from lebots.core.model.finding import Finding, Severity
from lebots.documents.json_schema import Shape, count, described, published, record
from lebots.documents.parts import FINDING, SOURCE
from lebots.documents.table import Table, version


def findings(found: Sequence[Finding]) -> dict[str, Any]:
    """What was found, with counts by severity."""
    return _FINDINGS.written(found)


def findings_schema() -> Shape:
    """The JSON Schema (2020-12) of what ``lebots validate --format json`` prints."""
    shape = published("lebots validate", _FINDINGS.description, _FINDINGS.shape)
    return {**shape, "$defs": {"finding": FINDING.shape, "source": SOURCE.shape}}


def _summary(found: Sequence[Finding]) -> dict[str, int]:
    counts = Counter(finding.severity for finding in found)
    return {severity.value: counts[severity] for severity in Severity}


_FINDINGS: Table[Sequence[Finding]] = Table(
    "What was found in manifests.",
    {
        "formatVersion": version(FORMAT_VERSION),
        "summary": (
            described(
                record({one.value: count(f"Findings of the severity {one}.") for one in Severity}),
                "How many findings carry each severity.",
            ),
            _summary,
        ),
        "findings": (
            {
                "type": "array",
                "description": "All findings, in the order of files and lines.",
                "items": {"$ref": "#/$defs/finding"},
            },
            lambda found: [FINDING.written(finding) for finding in found],
        ),
    },
)
