"""Findings as SARIF 2.1.0, which code hosts show in their security and quality pages."""

from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from lebots.core.model.address import Source
from lebots.core.model.finding import Finding, Severity
from lebots.next_steps import worded
from lebots.render.annotations.below import from_top
from lebots.render.escape import visible
from lebots.render.rule_texts import RULE_TEXTS

_LEVELS = {
    Severity.ERROR: "error",
    Severity.REFUSAL: "error",
    Severity.WARNING: "warning",
    Severity.NOTE: "note",
}
_PROJECT = Source("lebots.yaml", 1, 1)
"""Where a finding without a place stands: a code host shows none without one."""


def findings(
    found: Sequence[Finding], *, version: str, folder: str = "", account: str = ""
) -> dict[str, Any]:
    """The log of one run; ``folder`` is where the project is below the top of its repository.

    Runs of other folders and accounts are of other categories, and do not replace this one.
    """
    rules = {one.code: _rule(one, found) for one in sorted(found, key=lambda one: one.code)}
    places = list(rules)
    named = {"account": account, "folder": folder}
    category = [
        f"{name}={quote(value, errors='surrogatepass')}" for name, value in named.items() if value
    ]
    seen: Counter[str] = Counter()
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "lebots",
                        "semanticVersion": version,
                        "rules": list(rules.values()),
                    }
                },
                # What stands before the last stroke is the category.
                "automationDetails": {"id": "/".join(["lebots", *category, ""])},
                "columnKind": "unicodeCodePoints",
                "results": [_result(one, places.index(one.code), folder, seen) for one in found],
            }
        ],
    }


def _rule(finding: Finding, found: Sequence[Finding]) -> dict[str, Any]:
    text = RULE_TEXTS.get(finding.code) or _message(finding)
    gravest = min((one.severity for one in found if one.code == finding.code), key=_WEIGHTS.index)
    return {
        "id": finding.code,
        "shortDescription": {"text": text},
        "fullDescription": {"text": text},
        "help": {"text": f"{text} Each result says what to do."},
        "defaultConfiguration": {"level": _LEVELS[gravest]},
    }


_WEIGHTS = list(Severity)


def _message(finding: Finding) -> str:
    about = f"{finding.address}: " if finding.address else ""
    return visible(f"{about}{worded(finding).message}") or "."


def _result(finding: Finding, rule: int, folder: str, seen: Counter[str]) -> dict[str, Any]:
    source = from_top(finding.source or _PROJECT, folder)
    about = (finding.code, source.file, _message(finding))
    print_ = sha256("\0".join(about).encode(errors="surrogatepass")).hexdigest()[:32]
    seen[print_] += 1
    return {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": _message(finding)},
        "locations": [{"physicalLocation": _place(source)}],
        # The same after lines above it came or went.
        "partialFingerprints": {"primaryLocationLineHash": f"{print_}:{seen[print_]}"},
    }


def _place(source: Source) -> dict[str, Any]:
    return {
        "artifactLocation": {
            "uri": quote(source.file, errors="surrogatepass"),
            "uriBaseId": "%SRCROOT%",
        },
        "region": {"startLine": source.line, "startColumn": source.column},
    }
