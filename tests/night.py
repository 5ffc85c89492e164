"""What `make test` leaves for the night: the rest of a long law's examples and of large tables.

By day each rule is shown its whole table once; where other paths lead to the same rule, a few
cases stand for all. `make nightly` runs everything.
"""

from collections.abc import Sequence
from typing import TypeVar

from hypothesis import settings

DAY, NIGHT = "day", "night"
T = TypeVar("T")

for _name, _examples in ((DAY, 25), (NIGHT, 100)):
    settings.register_profile(
        _name, derandomize=True, deadline=None, database=None, max_examples=_examples
    )


def at_night() -> bool:
    """Whether this is `make nightly`, which chooses the profile when tests begin."""
    return settings.get_current_profile_name() == NIGHT


def examples(night: int) -> int:
    """How many examples a long law is shown, of those it is shown at night."""
    return night if at_night() else max(10, night // 12)


def by_day(cases: Sequence[T], few: Sequence[T]) -> Sequence[T]:
    """The cases of a table that another test runs whole; by day a few of them."""
    assert all(case in cases for case in few)
    return cases if at_night() else few
