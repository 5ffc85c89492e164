"""How a login as a bot ended, in one word."""

import pytest

from lebots.core.checks.logins import STATUSES, Ended
from lebots.core.model.address import Address

BOT = Address("BotUser", "faq")


@pytest.mark.parametrize(
    ("ended", "status"),
    [
        (Ended(BOT, id="17"), "in"),
        (Ended(BOT, error="401"), "failed"),
        (Ended(BOT, error="no credential", tried=False), "skipped"),
    ],
)
def test_a_login_has_one_end(ended: Ended, status: str) -> None:
    assert ended.status == status
    assert status in STATUSES
