"""docs/sandbox.md: its commands run, and its faults and rules are such."""

import re
from pathlib import Path

import pytest

from lebots.sandbox import Fault
from lebots.sandbox.http.faults import _READERS
from lebots.sandbox.rules.toggles import positions_of_switches
from tests.command import lebots

PAGE = (Path(__file__).parents[1] / "docs" / "sandbox.md").read_text(encoding="utf-8")
FAULTS = re.findall(r"`--fault ([^`]+)`", PAGE)
RULES = re.findall(r"`--rule ([^`]+)`", PAGE)


def test_the_commands_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (block,) = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    monkeypatch.chdir(tmp_path)
    assert lebots("init").code == 0
    for line in block.splitlines():
        ran = lebots(*line.split()[1:])
        assert ran.code == 0, (line, ran.err)


def test_every_word_of_a_fault_is_explained() -> None:
    table = PAGE.split("| word | says |\n")[1].split("\n\n")[0]
    told = [word for row in table.splitlines() for word in re.findall(r"`([^`]+)`", row[:40])]
    assert set(_READERS) <= set(told)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_one(fault: str) -> None:
    assert Fault.parse(fault)


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_is_one(rule: str) -> None:
    name, _, position = rule.partition("=")
    assert position in {str(each).lower() for each in positions_of_switches()[name]}


def test_there_are_examples() -> None:
    assert len(FAULTS) == 5
    assert len(RULES) == 3
