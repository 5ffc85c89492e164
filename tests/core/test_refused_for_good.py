"""What to change where the account refuses a write for good, from what its answer names."""

import pytest

from lebots import kinds
from lebots.core.model.address import Address
from lebots.core.model.change import Action, Change
from lebots.core.model.inventory import Inventory
from lebots.core.model.live import Account
from lebots.errors import Rejected
from lebots.run.executor.refusals import remedy

SKILL = kinds.load()["Skill"]
CHANGE = Change(Address("Skill", "faq"), Action.CREATE, "skills")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (("name",), "choose another name"),
        (("maxWaitTime",), "change maxWaitTime in the manifest"),
        ((), ""),
    ],
)
def test_the_remedy_follows_the_fields(fields: tuple[str, ...], words: str) -> None:
    where = Inventory(Account("1", ()), {"Skill": SKILL})
    assert remedy(CHANGE, SKILL, where, Rejected("no", 400, fields)) == words
