"""Every unknown name is answered with the one that was probably meant, in the same words."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lebots.core.did_you_mean import did_you_mean, suggestion
from tests.toys import law

ROOT = Path(__file__).parents[2] / "lebots"


@pytest.mark.parametrize(
    ("name", "known", "hint"),
    [
        ("Persuassion", ["Emma", "Persuasion"], '; did you mean "Persuasion"?'),
        ("EMMA", ["Emma", "Persuasion"], '; did you mean "Emma"?'),
        ('em"ma', ['em"mas'], r'; did you mean "em\"mas"?'),
        ("Ulysses", ["Emma", "Persuasion"], "; there are others"),
        (None, ["None"], "; there are others"),
        ("Emma", [], "; there are others"),
    ],
)
def test_the_name_that_was_probably_meant_or_other_words(
    name: object, known: list[str], hint: str
) -> None:
    assert did_you_mean(name, known, "there are others") == hint


def test_without_other_words_nothing_is_said() -> None:
    assert did_you_mean("Emma", []) == suggestion("") == ""


@law
@given(st.lists(st.sampled_from(["emma", "Emma", "EMMA", "emm", "emmas"]), unique=True))
def test_a_hint_does_not_depend_on_the_order_of_what_is_known(known: list[str]) -> None:
    assert did_you_mean("emma!", known) == did_you_mean("emma!", sorted(known))


def test_the_words_stand_in_one_module() -> None:
    asking = re.compile(r"did\s+you\W+mean|get_close_matches")
    found = {
        path.relative_to(ROOT).as_posix()
        for path in ROOT.rglob("*.py")
        if asking.search(path.read_text(encoding="utf-8"))
    }
    assert found == {"core/did_you_mean.py"}
