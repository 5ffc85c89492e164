"""Reads may lag behind writes: what lacks something is looked at again, after each pause once."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from lebots.core.model.options import AccountPolicy
from lebots.run.inputs.session import Session


@pytest.mark.parametrize(
    ("lags", "looks", "found", "waited"),
    [
        (False, ["old", "new"], "old", []),
        (True, ["new"], "new", []),
        (True, ["old", "old", "new"], "new", [1.0, 2.0]),
        (True, ["old", "old", "old", "old"], "old", [1.0, 2.0, 4.0]),
    ],
)
def test_an_account_is_looked_at_until_it_has_settled(
    lags: bool,
    looks: list[str],
    found: str,
    waited: list[float],
    capsys: pytest.CaptureFixture[str],
) -> None:
    first, *later = looks
    waits: list[float] = []
    client, wait = cast(Any, SimpleNamespace(lags=lags)), cast(Any, waits.append)
    session = Session("sandbox", client, cast(Any, None), {}, {}, wait, AccountPolicy())
    left = iter(later)
    lacking = {"old": "it is old", "new": ""}
    assert session.settled(first, lambda: next(left), lacking.__getitem__, (1.0, 2.0, 4.0)) == found
    assert waits == waited
    said = [f"it is old; looking again in {seconds:.0f} s\n" for seconds in waited]
    assert capsys.readouterr().err == "".join(said)
