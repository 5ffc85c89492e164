"""What may be noted down of a request."""

from __future__ import annotations

import pytest

from lebots.sandbox.http.forms import without_secrets

_BEARER = "0a" * 32
_JWT = "eyJhbGciOiJIUzI1NiJ9.eyJhdWQiOiI1NTUwMTIzNCJ9.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("path", "query", "noted"),
    [
        ("/skills", "", "/skills"),
        ("/skills", "v=2.0&select=$all", "/skills?v=2.0&select=$all"),
        ("/skills", "select=a(b,c)&x=%20", "/skills?select=a(b,c)&x=%20"),
        ("/token", "client_id=a&client_secret=b", "/token?client_id=a&client_secret=***"),
        ("/token", "client_secret=b&select=$all", "/token?client_secret=***&select=$all"),
        ("/token", "client%5Fsecret=b", "/token?client_secret=***"),
        ("/token", "client_secret=", "/token?client_secret=***"),
        ("/x", "password=a&password=b", "/x?password=***&password=***"),
        (f"/ws_api/brand/{_BEARER}", "v=2.1", "/ws_api/brand/***?v=2.1"),
        ("/x", f"anything={_BEARER}", "/x?anything=***"),
        (f"/x/{_JWT}/y", "", "/x/***/y"),
        ("/keys/5e1f0c2a9b7d4e6f8a3c1d0b2e4f6a8c", "", "/keys/5e1f0c2a9b7d4e6f8a3c1d0b2e4f6a8c"),
    ],
)
def test_secrets_are_left_out_and_nothing_else(path: str, query: str, noted: str) -> None:
    assert without_secrets(path, query) == noted
