"""What an account changed beside a write, in the corners that no command reaches."""

from typing import Any

import pytest

from lebots import kinds
from lebots.core.compare.beside import changed_beside
from lebots.core.model.address import Address
from lebots.core.model.change import Action, Change, FieldChange

SKILL = kinds.load()["Skill"]
CHANGE = Change(
    Address("Skill", "faq"),
    Action.UPDATE,
    "skills",
    "1",
    fields=(FieldChange("description", "", "x"),),
)


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        ({"maxWaitTime": 120}, {"maxWaitTime": 120}, ()),
        ({"maxWaitTime": 120}, {"maxWaitTime": 7}, ("maxWaitTime",)),
        ({"maxWaitTime": {"odd": 1}}, {"maxWaitTime": 7}, ("maxWaitTime",)),
        ({"description": ""}, {"description": "x"}, ()),
        ({"x": []}, {"x": None}, ()),
    ],
)
def test_what_moved_is_named(was: dict[str, Any], now: dict[str, Any], told: Any) -> None:
    found = changed_beside(CHANGE, SKILL, SKILL.endpoints[0], was, now)
    assert found == told
