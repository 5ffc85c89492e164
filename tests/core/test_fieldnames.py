"""The names of a credential's parts: every choice of them delivers what a bot needs."""

import pytest

from lebots.core.vendor.credential_fields import NEEDED, OWNER, PARTS, PRESETS


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_names_parts_each_in_its_own_way_and_none_like_the_owner(preset: str) -> None:
    names = PRESETS[preset]
    assert set(NEEDED) <= set(names) <= set(PARTS)
    assert len(set(names.values())) == len(names)
    assert OWNER not in names.values()
