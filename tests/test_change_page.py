"""docs/change.md: its YAML is what lebots reads."""

import re
from pathlib import Path

import pytest

from tests.command import lebots

PAGE = (Path(__file__).parents[1] / "docs" / "change.md").read_text(encoding="utf-8")
SKILL, BOT, PROJECT, OVERLAY = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def test_the_examples_work_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in {
        "lebots.yaml": PROJECT,
        "manifests/skill.yaml": SKILL,
        "manifests/bot.yaml": BOT,
        "overlays/production/bot.yaml": OVERLAY,
    }.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert lebots("validate").code == 0
    shown = lebots("get", "BotUser/faq-bot", "--account", "production").out
    assert re.search(r"maxAsyncChats +60 +overlays/production/bot.yaml:6", shown)
    assert "description" not in shown
    assert lebots("compare", "--from", "staging", "--to", "production", "--check").code == 0
