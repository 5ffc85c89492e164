"""Findings as SARIF: what the format demands, and the same facts as in the text."""

from typing import Any
from urllib.parse import unquote

from hypothesis import example, given
from hypothesis import strategies as st

from lebots.core.model.address import Source
from lebots.core.model.finding import Finding, Severity
from lebots.documents.text import dumps
from lebots.render.annotations import sarif
from tests.render import hostile
from tests.render.hostile import law_of_plans

FOUND = [
    Finding("unknown-field", "there is no x", source=Source("manifests/a b.yaml", 3, 7)),
    Finding("look-alike", "hm", Severity.WARNING, Source("manifests/b.yaml", 1, 1)),
    Finding("unknown-field", "there is no y", source=Source("manifests/b.yaml", 9, 2)),
    Finding("value-hidden", "so", Severity.NOTE),
]


def run(found: list[Finding]) -> Any:
    document = sarif.findings(found, version="0.4.0")
    assert document["version"] == "2.1.0"
    (only,) = document["runs"]
    return only


def test_rules_are_named_once_and_results_point_at_them() -> None:
    found = run(FOUND)
    rules = [rule["id"] for rule in found["tool"]["driver"]["rules"]]
    assert rules == ["look-alike", "unknown-field", "value-hidden"]
    for result in found["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
    assert [result["level"] for result in found["results"]] == ["error", "warning", "error", "note"]


def test_a_place_is_a_relative_address_and_a_region() -> None:
    first, *_, last = run(FOUND)["results"]
    (location,) = first["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "manifests/a%20b.yaml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 3, "startColumn": 7},
    }
    assert "locations" not in last


def test_no_finding_is_a_run_without_results() -> None:
    assert run([])["results"] == []


def test_half_a_character_in_the_name_of_a_file_is_told_too() -> None:
    (result,) = run([Finding("file", "odd", source=Source("a\ud800.yaml", 1, 1))])["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "a%ED%A0%80.yaml"


@law_of_plans
@given(st.lists(hostile.findings, max_size=4))
@example([Finding("", "", source=Source("\udcff.yaml", 1, 1))])  # a name on disk that is not UTF-8
def test_whatever_a_finding_says_is_told_and_harmless(found: list[Finding]) -> None:
    results = run(found)["results"]
    assert len(results) == len(found)
    for finding, result in zip(found, results, strict=True):
        if finding.source:
            uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
            assert uri.isascii()
            assert unquote(uri, errors="surrogatepass") == finding.source.file
        assert result["message"]["text"].isprintable()
    assert "##[" not in dumps(sarif.findings(found, version="0.4.0"))
