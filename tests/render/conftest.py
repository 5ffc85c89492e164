"""Whole drawings to compare with; ``pytest tests/render --accept`` writes them anew."""

from collections.abc import Callable
from pathlib import Path

import pytest

Golden = Callable[[str, str], str]


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """What a drawing must be: the text of ``golden/NAME``."""

    def expected(name: str, shown: str) -> str:
        file = Path(__file__).parent / "golden" / name
        if request.config.getoption("--accept"):
            file.write_text(f"{shown}\n", encoding="utf-8")
        return file.read_text(encoding="utf-8").removesuffix("\n")

    return expected
