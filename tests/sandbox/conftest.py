from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lebots.sandbox import Rules
from tests.sandbox.support import Account


@pytest.fixture
def open_account() -> Iterator[Callable[..., Account]]:
    """Opens accounts, with switches given by name, and closes them in the end."""
    opened: list[Account] = []

    def open_one(options: dict[str, Any] | None = None, **switches: Any) -> Account:
        opened.append(Account(Rules(**switches), **(options or {})))
        return opened[-1]

    yield open_one
    for account in opened:
        account.http.close()
        account.sandbox.close()


@pytest.fixture
def account(open_account: Callable[..., Account]) -> Account:
    """The seeded account, every switch at its default."""
    return open_account()
