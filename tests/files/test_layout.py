"""Which file a manifest stands in: names are safe whatever the objects are called."""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lebots.core.importer.manifest import ManifestDocument
from lebots.core.model.address import Address
from lebots.core.model.value import Value
from lebots.files import layout
from lebots.files.layout import ManifestFile, files
from lebots.files.walk import find
from lebots.files.yaml.reader import read
from lebots.files.yaml.writer import write_files
from tests.toys import KINDS, at, law


def document(address: str, beside: str = "", **spec: Value) -> ManifestDocument:
    return ManifestDocument(at(address), spec, "7", beside=at(beside) if beside else None)


def book(name: str) -> ManifestDocument:
    return ManifestDocument(Address("Book", name), {}, "7")


def laid_out(*documents: ManifestDocument, flat: bool = False, taken: Sequence[str] = ()) -> Any:
    def in_use(path: PurePosixPath) -> bool:
        return str(path) in taken

    return {
        str(file.path): [str(one.address) for one in file.documents]
        for file in files(documents, KINDS, in_use, flat=flat)
    }


ALL = (
    document("Book/Emma"),
    document("Shelf/A", beside="Book/Emma"),
    document("Ticket/Ann", beside="Book/Emma", type="plastic"),
    document("Shelf/B"),
    document("Book/Persuasion"),
)


def test_a_file_for_each_object_with_what_stands_beside_it() -> None:
    assert laid_out(*ALL) == {
        "books/emma.yaml": ["Shelf/A", "Ticket/Ann", "Book/Emma"],
        "books/persuasion.yaml": ["Book/Persuasion"],
        "shelfs/b.yaml": ["Shelf/B"],
    }


def test_a_file_for_each_kind() -> None:
    assert laid_out(*ALL, flat=True) == {
        "books.yaml": ["Book/Emma", "Book/Persuasion"],
        "shelfs.yaml": ["Shelf/A", "Shelf/B"],
        "tickets.yaml": ["Ticket/Ann"],
    }


def test_nothing_gives_no_file() -> None:
    assert laid_out() == {}


@pytest.mark.parametrize("flat", [False, True])
def test_the_order_of_the_documents_makes_no_difference(flat: bool) -> None:
    assert laid_out(*reversed(ALL), flat=flat) == laid_out(*ALL, flat=flat)


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("emma", "emma"),
        ("Emma", "emma"),
        ("faq_bot-2.1", "faq_bot-2.1"),
        ("Emma & Co. (old)", "emma-co.-old"),
        ("ana.costa@acme.test", "ana.costa-acme.test"),
        ("Große Hilfe", "grosse-hilfe"),
        ("請求書", "請求書"),
        ("../../etc/passwd", "etc-passwd"),
        ("..", "book"),
        ("/", "book"),
        ("a/b", "a-b"),
        ("a\\b", "a-b"),
        ("C:evil", "c-evil"),
        (".hidden", "hidden"),
        ("-rf", "rf"),
        ("a.", "a"),
        ("con", "book-con"),
        ("NUL.txt", "book-nul.txt"),
        ("com1", "book-com1"),
        ("lebots", "book-lebots"),
        ("LeBots", "book-lebots"),
        ("lebots-2", "lebots-2"),
        ("\u200b", "book"),
        ("\u3164", "book"),
        ("x\u202ey", "x-y"),
        ("\U0001f916", "book"),
        ("a\nb\x1b[2J", "a-b-2j"),
        ("x" * 300, "x" * 80),
        ("é" * 300, "é" * 40),
        ("$(touch x)", "touch-x"),
    ],
)
def test_names_of_files(name: str, stem: str) -> None:
    assert list(laid_out(book(name))) == [f"books/{stem}.yaml"]


def test_names_that_would_be_the_same_are_numbered_and_a_plain_one_keeps_its_own() -> None:
    found = laid_out(book("a b"), book("A-B"), book("a-b"), book("a-b-2"))
    assert found == {
        "books/a-b.yaml": ["Book/a-b"],
        "books/a-b-2.yaml": ["Book/a-b-2"],
        "books/a-b-3.yaml": ["Book/A-B"],
        "books/a-b-4.yaml": ["Book/a b"],
    }


def test_a_file_that_is_there_is_left_alone() -> None:
    found = laid_out(book("emma"), taken=["books/emma.yaml", "books/emma-2.yaml"])
    assert list(found) == ["books/emma-3.yaml"]
    assert list(laid_out(book("emma"), flat=True, taken=["books.yaml"])) == ["books-2.yaml"]


names = st.text(max_size=12) | st.sampled_from(["..", "a/../b", "lebots", "Lebots.", "con", "-"])


@law
@given(st.sets(names, max_size=12))
def test_whatever_the_names_every_file_is_found_below_the_folder(
    tmp_path_factory: pytest.TempPathFactory, names: set[str]
) -> None:
    folder = tmp_path_factory.mktemp("any") / "m"
    planned = files([book(name) for name in names], KINDS, lambda path: False)
    assert sum(len(file.documents) for file in planned) == len(names)
    folded = [str(file.path).casefold() for file in planned]
    assert len(set(folded)) == len(folded)
    write_files(folder, {file.path: "a: 1\n" for file in planned})
    assert {path.name for path in folder.parent.iterdir()} <= {"m"}
    if planned:
        found, findings = find([folder])
        assert findings == []
        assert len(found) == len(planned)


# The text


def text_of(planned: Sequence[ManifestFile]) -> str:
    (file,) = planned
    return file.text


def test_the_text() -> None:
    emma = ManifestDocument(at("Book/Emma"), {"shelf": "A"}, "9", "2026-01-05 08:00:00")
    assert text_of(files([emma, *ALL[1:3]], KINDS, lambda path: False)) == (
        "# id 7\napiVersion: lebots/v1\nkind: Shelf\nmetadata:\n  name: A\n"
        "---\n"
        "# id 7\napiVersion: lebots/v1\nkind: Ticket\nmetadata:\n  name: Ann\n"
        "spec:\n  type: plastic\n"
        "---\n"
        "# id 9, last changed 2026-01-05 08:00:00\napiVersion: lebots/v1\nkind: Book\n"
        "metadata:\n  name: Emma\nspec:\n  shelf: A\n"
    )


def test_a_reader_sees_that_a_secret_is_kept_elsewhere() -> None:
    ticket = document("Ticket/Ann", type="plastic", drawer=None)
    text = text_of(files([ticket], KINDS, lambda path: False))
    assert text.startswith("# id 7, its secret is kept elsewhere\napiVersion")


@pytest.mark.parametrize(
    ("id_", "updated", "comment"),
    [
        ("1\nkind: Evil", "", "# id 1\\nkind: Evil"),
        ("1", "now\u2028---", "# id 1, last changed now\\u2028---"),
        ("9" * 200, "", f"# id {'9' * 77}"),
    ],
)
def test_a_comment_stays_a_comment(id_: str, updated: str, comment: str) -> None:
    text = text_of(
        files([ManifestDocument(at("Book/A"), {}, id_, updated)], KINDS, lambda path: False)
    )
    assert text.splitlines()[0] == comment
    documents, findings = read(text.encode(), "m.yaml")
    assert findings == []
    assert [one.value for one in documents] == [document("Book/A").value]


@pytest.mark.parametrize(("limit", "most"), [("MAX_BYTES", 300), ("MAX_NODES_PER_FILE", 40)])
def test_a_file_never_grows_past_what_the_reader_takes(
    monkeypatch: pytest.MonkeyPatch, limit: str, most: int
) -> None:
    monkeypatch.setattr(layout, limit, most)
    monkeypatch.setattr(f"lebots.files.yaml.split_documents.{limit}", most)
    documents = [document(f"Shelf/s{number:02}", description="x" * 20) for number in range(30)]
    planned = files(documents, KINDS, lambda path: False, flat=True)
    assert {str(file.path) for file in planned} >= {"shelfs.yaml", "shelfs-2.yaml", "shelfs-3.yaml"}
    assert sum(len(file.documents) for file in planned) == 30
    for file in planned:
        read_back, findings = read(file.text.encode(), str(file.path))
        assert findings == []
        assert len(read_back) == len(file.documents)


def test_files_are_written_where_they_are_planned(tmp_path: Path) -> None:
    planned = files(ALL, KINDS, lambda path: False)
    write_files(tmp_path / "m", {file.path: file.text for file in planned})
    for file in planned:
        assert (tmp_path / "m" / file.path).read_text(encoding="utf-8") == file.text
