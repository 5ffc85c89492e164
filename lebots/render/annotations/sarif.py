"""Findings as SARIF 2.1.0, which code hosts show in their security and quality pages."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from lebots.core.model.address import Source
from lebots.core.model.finding import Finding, Severity
from lebots.next_steps import worded
from lebots.render.escape import visible

_LEVELS = {
    Severity.ERROR: "error",
    Severity.REFUSAL: "error",
    Severity.WARNING: "warning",
    Severity.NOTE: "note",
}


def findings(found: Sequence[Finding], *, version: str) -> dict[str, Any]:
    """The log of one run of ``lebots validate``."""
    rules = sorted({finding.code for finding in found})
    driver = {
        "name": "lebots",
        "semanticVersion": version,
        "rules": [{"id": rule, "name": rule} for rule in rules],
    }
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "results": [_result(finding, rules.index(finding.code)) for finding in found],
            }
        ],
    }


def _result(finding: Finding, rule: int) -> dict[str, Any]:
    about = f"{finding.address}: " if finding.address else ""
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": visible(f"{about}{worded(finding).message}")},
    }
    if finding.source:
        result["locations"] = [{"physicalLocation": _place(finding.source)}]
    return result


def _place(source: Source) -> dict[str, Any]:
    return {
        "artifactLocation": {
            "uri": quote(source.file, errors="surrogatepass"),
            "uriBaseId": "%SRCROOT%",
        },
        "region": {"startLine": source.line, "startColumn": source.column},
    }
