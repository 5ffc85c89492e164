"""Fields that nobody knows survive a write and a read, value for value (R6, F28)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sandbox.support import (
    APPS,
    SKILLS,
    STEADY,
    SURVEY_BOT,
    USERS,
    Account,
    application,
)

_NAMES = st.text("abz_0é", min_size=1, max_size=6).map(lambda name: f"x{name}")
_NUMBERS = st.integers(-(2**80), 2**80) | st.floats(allow_nan=False, allow_infinity=False)
_TEXTS = st.text(st.characters(codec=None, max_codepoint=0x1F6FF), max_size=6)
_VALUES = st.recursive(
    st.none() | st.booleans() | _NUMBERS | _TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3),
    max_leaves=8,
)
_UNKNOWN = st.dictionaries(_NAMES, _VALUES, max_size=5)


@pytest.mark.parametrize("path", [USERS, SKILLS, APPS])
def test_unknown_fields_survive(account: Account, path: str) -> None:
    new = {SKILLS: {"name": "Returns"}, APPS: application()}
    made = account.create(path, new[path])["id"] if path in new else SURVEY_BOT
    before = account.one(path, made)

    @STEADY
    @given(_UNKNOWN)
    def survives(unknown: dict[str, Any]) -> None:
        url = f"{path}/{made}?v=2.0" if path != USERS else f"{path}/{made}?v=6.0"
        body = json.dumps(before | unknown).encode()
        assert account.ask("PUT", url, content=body, headers={"If-Match": "-1"}).is_success
        read = json.loads(account.ask("GET", url).content)
        found = {name: value for name, value in read.items() if name not in before}
        # Compared as text: 1 and 1.0 are equal to Python, but not the same JSON.
        assert json.dumps(found, sort_keys=True) == json.dumps(unknown, sort_keys=True)
        listed = json.loads(
            account.ask("GET", f"{url.replace(f'/{made}', '')}&select=$all").content
        )
        assert read in listed

    survives()
