"""The screens of ``make screens``: equal for an equal seed, with answers that are true."""

import json
from collections import Counter
from collections.abc import Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

from benchmarks.dangers import DANGERS
from benchmarks.first_screens import LINES, codes, drafted, drawn, first_screen, typed, write
from benchmarks.fleet import COLUMNS, manifests

BOTS = 4
_EDITS = {"agent-no-more": 4, "all-off": 2 * BOTS, "no-longer-declared": 3, "pruned": 3}
"""What differs beside what is harmless and new, where that is not one field."""


def _fields(files: Mapping[str, str]) -> dict[str, Any]:
    return {
        f"{one['kind']}/{one['metadata']['name']}": one["spec"]
        for text in files.values()
        for one in yaml.load_all(text, yaml.CSafeLoader)
    }


def _differences(files: Mapping[str, str]) -> set[str]:
    """``Kind/name field`` of what is not as in the fleet, ``Kind/name `` of what is not in both."""
    before, after = _fields(manifests(BOTS)), _fields(files)
    found = {f"{address} " for address in before.keys() ^ after.keys()}
    for address in before.keys() & after.keys():
        old, new = before[address], after[address]
        names = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
        found |= {f"{address} {name}" for name in names}
    return found


@pytest.mark.parametrize("code", ["", *DANGERS])
def test_an_answer_tells_what_was_edited(code: str) -> None:
    draft, told = drafted("any", code, BOTS)
    found, harmless = _differences(draft.files), set(told["harmless"])
    assert harmless <= found
    assert 1 <= len(harmless) <= 12
    assert len(told["new"]) <= 10
    found -= harmless | {
        f"{kind}/{n} " for n in told["new"] for kind in ("BotUser", "Key", "Skill")
    }
    assert len(found) == _EDITS.get(code, 1 if code else 0)
    assert told["danger"] == (code or None)
    if code:
        hurt = f"{told['object']} {told['field']}"
        assert any(fnmatch(one, hurt) for one in found)
        assert told["effect"] == DANGERS[code].effect
    else:
        assert "object" not in told


def test_half_of_the_screens_hold_a_danger_of_as_many_kinds_as_there_are() -> None:
    counts = Counter(codes(7, 40))
    assert counts.pop("") == 20
    assert set(counts.values()) == {1}
    assert counts.keys() <= DANGERS.keys()
    assert codes(7, 40) == codes(7, 40) != codes(8, 40)


def test_equal_seeds_give_equal_files(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write(tmp_path / name, tmp_path / f"{name}.json", seed=3, screens=2, bots=BOTS)
    one, two = (
        {file.name: file.read_text(encoding="utf-8") for file in (tmp_path / name).iterdir()}
        for name in ("one", "two")
    )
    assert one == two
    assert sorted(one) == ["01.md", "01.txt", "02.md", "02.txt"]
    assert all(0 < len(text.splitlines()) <= LINES for text in one.values())
    answers = (tmp_path / "one.json").read_text(encoding="utf-8")
    assert answers == (tmp_path / "two.json").read_text(encoding="utf-8")
    assert [bool(s["danger"]) for s in json.loads(answers)["screens"].values()].count(True) == 1


def test_a_screen_has_closed_folds_and_as_many_lines_as_are_seen() -> None:
    comment = (
        "<!-- mark -->\n### title\n<details><summary>2 notes</summary>\n\na\nb\n</details>\n\nend\n"
    )
    assert drawn(comment) == "### title\n> 2 notes\n\nend\n"
    assert typed("a" * (COLUMNS + 1) + "\n" + "b" * COLUMNS + "\n").splitlines() == [
        "a" * COLUMNS,
        "a",
        "b" * COLUMNS,
    ]
    assert first_screen("x\n" * (LINES + 1)) == "x\n" * LINES
