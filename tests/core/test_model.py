"""Addresses, places and findings."""

import pytest

from lebots.core.model.address import Address, Source
from lebots.core.model.desired import Desired
from lebots.core.model.finding import Finding, Severity
from tests.toys import at


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("Shelf/A", Address("Shelf", "A")),
        ("Shelf/A/B", Address("Shelf", "A/B")),
        ("Shelf/ A", Address("Shelf", " A")),
    ],
)
def test_an_address_is_read_as_it_is_written(text: str, address: Address) -> None:
    assert Address.parse(text) == address
    assert str(address) == text


@pytest.mark.parametrize("text", ["", "Shelf", "Shelf/", "/A", "/"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="an address is Kind/name"):
        Address.parse(text)


def test_a_finding_stands_at_the_nearest_known_place() -> None:
    top, spec, item = (Source("a.yaml", line, 1) for line in (1, 3, 5))
    positions = {("tags",): spec, ("tags", 1): item}
    wanted = Desired(at("Book/Emma"), {"tags": ["a", "b"]}, top, positions)
    assert wanted.at("tags", 1) is item
    assert wanted.at("tags", 0) is spec
    assert wanted.at("shelf") is top
    assert wanted.finding("c", "m", path=("tags", 1, "x")).source is item


@pytest.mark.parametrize(
    ("finding", "text"),
    [
        (Finding("c", "wrong", source=Source("a.yaml", 2, 3)), "a.yaml:2:3: wrong"),
        (Finding("c", "wrong", address=at("Book/Emma")), "Book/Emma: wrong"),
        (Finding("c", "odd", Severity.WARNING), "warning: odd"),
        (Finding("c", "so", Severity.NOTE, Source("a.yaml", 2, 3)), "a.yaml:2:3: note: so"),
        (Finding("c", "no", Severity.REFUSAL), "no"),
    ],
)
def test_a_finding_reads_as_place_weight_and_words(finding: Finding, text: str) -> None:
    assert str(finding) == text
