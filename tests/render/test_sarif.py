"""Findings as SARIF: what the format demands, and the same facts as in the text."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lebots.core.model.address import Source
from lebots.core.model.finding import Finding, Severity
from lebots.documents.text import dumps
from lebots.render.annotations import sarif
from lebots.render.rule_texts import RULE_TEXTS
from tests import npm
from tests.render import hostile
from tests.render.hostile import law_of_plans

FOUND = [
    Finding("unknown-field", "there is no x", source=Source("manifests/a b.yaml", 3, 7)),
    Finding("look-alike", "hm", Severity.WARNING, Source("manifests/b.yaml", 1, 1)),
    Finding("unknown-field", "there is no y", source=Source("manifests/b.yaml", 9, 2)),
    Finding("value-hidden", "so", Severity.NOTE),
]


def run(found: list[Finding]) -> Any:
    return the_run(sarif.findings(found, version="0.4.0"))


def the_run(document: Any) -> Any:
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
    assert last["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "lebots.yaml"


def test_places_are_told_from_the_top_of_the_repository() -> None:
    document = sarif.findings(FOUND, version="0.4.0", folder="teams/bots one")
    places = [result["locations"][0]["physicalLocation"] for result in the_run(document)["results"]]
    uris = [place["artifactLocation"]["uri"] for place in places]
    assert uris[0] == "teams/bots%20one/manifests/a%20b.yaml"
    assert uris[-1] == "teams/bots%20one/lebots.yaml"


@pytest.mark.parametrize(
    ("folder", "account", "category"),
    [
        ("", "", "lebots/"),
        ("teams/bots", "", "lebots/folder=teams/bots/"),
        ("", "production", "lebots/account=production/"),
        ("bots", "production", "lebots/account=production/folder=bots/"),
    ],
)
def test_each_account_and_folder_is_a_category(folder: str, account: str, category: str) -> None:
    document = sarif.findings(FOUND, version="0.4.0", folder=folder, account=account)
    assert the_run(document)["automationDetails"] == {"id": category}


def prints(found: list[Finding]) -> list[str]:
    return [one["partialFingerprints"]["primaryLocationLineHash"] for one in run(found)["results"]]


def test_a_fingerprint_survives_lines_that_come_above_and_tells_equal_findings_apart() -> None:
    lower = [replace(one, source=Source(one.source.file, 90, 1)) for one in FOUND if one.source]
    assert prints(lower) == prints([one for one in FOUND if one.source])
    assert len(set(prints(FOUND))) == len(FOUND)
    assert len(set(prints([FOUND[0], FOUND[0]]))) == 2


# What code scanning demands: the rules of Microsoft's validator for GitHub, as far as they apply


def demanded(document: Any) -> list[str]:
    """What is missing, by the number of the rule."""
    found = []
    only = the_run(document)
    driver = only["tool"]["driver"]
    if not (driver.get("name") and driver.get("semanticVersion")):
        found.append("SARIF2005")
    for rule in driver["rules"]:
        texts = [rule.get(part, {}).get("text") for part in TEXTS]
        found += ["GH2012"] * (not all(texts)) + ["SARIF1001"] * (rule.get("name") == rule["id"])
        found += ["SARIF2001"] * any(not str(text).endswith(".") for text in texts)
    for result in only["results"]:
        places = [one["physicalLocation"] for one in result.get("locations", ())]
        found += ["GH1001"] * (not places)
        for place in places:
            uri, region = place["artifactLocation"]["uri"], place["region"]
            found += ["GH1003"] * (region.get("startLine", 0) < 1)
            found += ["GH1002"] * (uri.startswith("../") or "://" in uri)
        found += ["GH1007"] * (not result.get("partialFingerprints"))
    return found


TEXTS = ("shortDescription", "fullDescription", "help")


def test_code_scanning_takes_every_code() -> None:
    every = [Finding(code, "is so", source=Source("a.yaml", 1, 1)) for code in RULE_TEXTS]
    assert demanded(sarif.findings([*FOUND, *every], version="0.4.0")) == []


@pytest.mark.nightly
def test_microsofts_validator_finds_nothing_wrong(tmp_path: Path) -> None:
    folder = Path(__file__).parents[1] / "sarif"
    npm.or_skip(folder)
    (program,) = folder.glob("node_modules/@microsoft/*/Sarif.Multitool")
    program.chmod(0o755)  # what its install script does, which is not run
    every = [Finding(code, "is so", source=Source("a.yaml", 1, 1)) for code in RULE_TEXTS]
    file, report = tmp_path / "lebots.sarif", tmp_path / "report.sarif"
    log = sarif.findings([*FOUND, *every], version="0.4.0", folder="bots", account="production")
    file.write_text(dumps(log), encoding="utf-8")
    command = ["validate", str(file), "--rule-kind", "Sarif;Ghas", "--output", str(report)]
    ran = subprocess.run([str(program), *command], capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stdout
    results = json.loads(report.read_text("utf-8-sig"))["runs"][0]["results"]
    levels = {(one["ruleId"], one.get("level", "warning")) for one in results}
    # lebots has no page of its own on the web that could be named.
    assert {rule for rule, level in levels if level in ("error", "warning")} <= {"SARIF2005"}
    assert "error" not in {level for _, level in levels}


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
