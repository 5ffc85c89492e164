"""Texts of manifests for showing: as they are, but for personal values."""

from dataclasses import replace

import pytest
from hypothesis import given, settings

from lebots import kinds
from lebots.core.model.kind import Field
from lebots.files.personal import without_personal
from lebots.files.yaml.writer import write
from tests.files.handwriting import EMAIL, Handwriting, files
from tests.night import examples
from tests.toys import BOOK, law

KINDS = kinds.load()
HEAD = "kind: Book\nspec:\n"
HIDDEN, ANEW = "(personal, not shown)", "(personal, not shown, written in another way)"


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("  author: Ann\n", "  author: Ann\n", (f"  author: {HIDDEN}\n",) * 2),
        (
            "  author: 'Ann' # one\n",
            "  author: Ann # one\n",
            (f"  author: {HIDDEN} # one\n", f"  author: {ANEW} # one\n"),
        ),
        (
            "  author: |\n    A\n    B\n  isbn: x\n",
            '  author: "A\\nB\\n"\n  isbn: x\n',
            (f"  author: {HIDDEN}\n\n\n  isbn: x\n", f"  author: {ANEW}\n  isbn: x\n"),
        ),
        (
            "  {isbn: x,\n  ? 'author' : \"A\n  B\"}\n",
            "  isbn: x\n  author: A B\n",
            (
                f"  {{isbn: x,\n  ? 'author' : {HIDDEN}\n}}\n",
                f"  isbn: x\n  author: {ANEW}\n",
            ),
        ),
        (
            "  author: [Ann, {b: Ben}]\n",
            "  author:\n    - Ann\n    - b: Ben\n",
            (
                f"  author: [{HIDDEN}, {{b: {HIDDEN}}}]\n",
                f"  author:\n    - {HIDDEN}\n    - b: {HIDDEN}\n",
            ),
        ),
        ("  isbn: author\n", "  isbn: author\n", ("  isbn: author\n",) * 2),
    ],
)
def test_the_value_alone_is_hidden(before: str, after: str, shown: tuple[str, str]) -> None:
    found = without_personal(HEAD + before, HEAD + after, [BOOK])
    assert found == (HEAD + shown[0], HEAD + shown[1])


def test_parts_of_items_can_be_personal() -> None:
    parts = Field("cites", {}), Field("reader", {}, personal=True)
    kind = replace(BOOK, fields=(Field("chapters", {}, fields=parts),))
    text = "spec: {chapters: [{cites: a, reader: b}, {reader: c}], reader: d}\n"
    hidden = (
        f"spec: {{chapters: [{{cites: a, reader: {HIDDEN}}}, {{reader: {HIDDEN}}}], reader: d}}\n"
    )
    assert without_personal(text, text, [kind]) == (hidden, hidden)


@given(files())
@settings(law, max_examples=examples(100))
def test_no_personal_value_is_left_and_no_line_is_lost(file: Handwriting) -> None:
    own = tuple(KINDS[document["kind"]] for document in file.documents)
    after = "---\n".join(map(write, file.documents))
    for text, shown in zip(
        (file.text, after), without_personal(file.text, after, own), strict=True
    ):
        assert EMAIL not in shown
        assert shown.count("\n") == text.count("\n")
        assert shown.startswith("\ufeff") == text.startswith("\ufeff")
