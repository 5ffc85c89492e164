"""What import writes is in the form that ``lebots fmt`` gives manifests."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from lebots.files.format import Formatted, formatted
from lebots.files.layout import files
from tests.importing.accounts import KINDS, odd
from tests.night import examples
from tests.toys import law


@given(st.randoms(use_true_random=False), st.booleans(), st.booleans())
@settings(law, max_examples=examples(60))
def test_import_writes_the_canonical_form(random: Random, full: bool, flat: bool) -> None:
    world = odd(random)
    try:
        imported = world.imported(full=full)
        for file in files(imported.documents, KINDS, lambda path: False, flat=flat):
            found = formatted(file.text.encode(), str(file.path), KINDS)
            assert isinstance(found, Formatted), found
            assert found.after == file.text
    finally:
        world.close()
