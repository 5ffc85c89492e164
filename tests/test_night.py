"""What is left out by day is run at night: `make nightly` chooses the profile and every mark."""

from pathlib import Path

import pytest
from hypothesis import settings

from tests import night

ROOT = Path(__file__).parents[1]


def test_make_nightly_leaves_nothing_out() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    recipe = makefile.split("\nnightly:", 1)[1].split("\n\n", 1)[0]
    assert f"-m '' --hypothesis-profile={night.NIGHT}" in recipe


@pytest.mark.parametrize(
    ("profile", "shown", "cases"), [(night.DAY, 25, [2]), (night.NIGHT, 300, [1, 2, 3])]
)
def test_day_and_night(profile: str, shown: int, cases: list[int]) -> None:
    before = settings.get_current_profile_name()
    settings.load_profile(profile)
    try:
        assert night.examples(300) == shown
        assert night.by_day([1, 2, 3], [2]) == cases
    finally:
        settings.load_profile(before)


def test_what_stands_for_a_table_stands_in_it() -> None:
    with pytest.raises(AssertionError):
        night.by_day([1, 2, 3], [4])
