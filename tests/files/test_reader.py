"""Reading YAML: plain values with their places, and a located finding for everything else."""

import re
import tracemalloc
from collections.abc import Callable, Iterator
from itertools import takewhile
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lebots.core.model.address import Source
from lebots.core.model.finding import Finding
from lebots.errors import UsageError
from lebots.files.yaml import syntax
from lebots.files.yaml.reader import Document, read
from tests.files.hostile import HOSTILE
from tests.night import examples


def places(findings: list[Finding]) -> list[str]:
    return [f"{f.source.line}:{f.source.column}" for f in findings if f.source]


def place_of(finding: Finding) -> tuple[int, int]:
    assert finding.source
    return finding.source.line, finding.source.column


def only(text: str) -> Document:
    documents, findings = read(text.encode(), "m.yaml")
    assert findings == []
    assert len(documents) == 1
    return documents[0]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("25", 25),
        ("-3", -3),
        ("0", 0),
        ("999999999999999999", 999999999999999999),
        ("0.5", 0.5),
        ("-1.25e-3", -0.00125),
        ("true", True),
        ("false", False),
        ("null", None),
        ('"010"', "010"),
        ("'yes'", "yes"),
        ("''", ""),
        ("Routing bot", "Routing bot"),
        ("1.2.3", "1.2.3"),
        ("12345-ab", "12345-ab"),
        ("nope", "nope"),
        ("nan", "nan"),
        ("0xyz", "0xyz"),
        ("+49 30 1234", "+49 30 1234"),
        ("https://cdn.example.com/ava.png", "https://cdn.example.com/ava.png"),
        ("a#b", "a#b"),
        ("${HOME}/$(id)", "${HOME}/$(id)"),
        ("Grüße 👋", "Grüße 👋"),
        ("|\n  one\n  two\n", "one\ntwo\n"),
        (">-\n  one\n  two\n", "one two"),
        ("[a, 1, [true]]", ["a", 1, [True]]),
        ("{a: 1, 'b c': []}", {"a": 1, "b c": []}),
        ('"\\u00e9\\t\\n"', "é\t\n"),
    ],
)
def test_a_value_is_what_json_would_make_of_it(text: str, value: object) -> None:
    found = only(f"a: {text}").value
    assert found == {"a": value}
    assert isinstance(found, dict)
    assert type(found["a"]) is type(value)


def test_every_value_and_every_field_name_has_its_place() -> None:
    document = only("# a comment\nspec:\n  skills: [one,\n    two]\n  'key': x\n")
    at = {path: (s.line, s.column) for path, s in document.positions.items()}
    assert at == {
        (): (2, 1),
        ("spec",): (3, 3),
        ("spec", "skills"): (3, 11),
        ("spec", "skills", 0): (3, 12),
        ("spec", "skills", 1): (4, 5),
        ("spec", "key"): (5, 10),
    }
    keys = {path: (s.line, s.column) for path, s in document.keys.items()}
    assert keys == {("spec",): (2, 1), ("spec", "skills"): (3, 3), ("spec", "key"): (5, 3)}


def test_the_nearest_known_place_stands_in_for_an_unknown_one() -> None:
    document = only("a:\n  b: 1")
    assert document.at(("a", "b", "c", 0)) == Source("m.yaml", 2, 6)
    assert document.at(("z",)) == Source("m.yaml", 1, 1)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", []),
        ("# only a comment\n", []),
        ("---\n---\n# nothing\n---\n", []),
        ("a: 1\n---\nb: 2\n", [{"a": 1}, {"b": 2}]),
        ("---\na: 1\n...\n---\nb: 2\n...\n", [{"a": 1}, {"b": 2}]),
        ("--- text\n--- [1]\n", ["text", [1]]),
        ("a: |\n  ---\n  x\n---\nb: 2\n", [{"a": "---\nx\n"}, {"b": 2}]),
        ("\ufeffa: 1\r\n---\r\nb: 2\r\n", [{"a": 1}, {"b": 2}]),
    ],
)
def test_a_file_holds_any_number_of_documents(text: str, values: list[object]) -> None:
    documents, findings = read(text.encode(), "m.yaml")
    assert [document.value for document in documents] == values
    assert findings == []


def test_places_count_on_through_all_documents() -> None:
    documents, _ = read(b"a: 1\n---\n\nb:\n  c: 2\n", "m.yaml")
    assert documents[1].at(("b", "c")) == Source("m.yaml", 5, 6)


@pytest.mark.parametrize(("data", "place", "words"), HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_yaml_is_a_finding_at_its_place(data: bytes, place: str, words: str) -> None:
    _, findings = read(data, "m.yaml")
    about = {f"{f.source.line}:{f.source.column}": f.message for f in findings if f.source}
    assert words in about[place]
    assert {finding.source.file for finding in findings if finding.source} == {"m.yaml"}
    assert all(str(finding).isprintable() for finding in findings)
    assert findings == sorted(findings, key=place_of)
    assert len(findings) <= 101


def test_all_findings_of_all_documents_come_together() -> None:
    text = "a: yes\nb: 010\nb: 2\nc: &x [1]\n---\nd: [\n---\ne: \x07\nf: !!str 3\n---\ng: fine\n"
    documents, findings = read(text.encode(), "m.yaml")
    assert places(findings) == ["1:4", "2:4", "3:1", "4:4", "7:1", "8:4", "9:4"]
    assert [document.value for document in documents] == [
        {"a": None, "b": None, "c": [1]},
        {"e": None, "f": None},
        {"g": "fine"},
    ]
    assert [document.has_errors for document in documents] == [True, True, False]
    assert documents[0].invalid_paths == {("a",), ("b",)}
    assert documents[1].invalid_paths == {("e",), ("f",)}


def test_a_comment_can_spoil_a_file_but_no_value() -> None:
    documents, findings = read("a: \ufffd # \u202e".encode(), "m.yaml")
    assert places(findings) == ["1:8"]
    assert documents[0].value == {"a": None}
    (document,) = read("a: \ufffd".encode(), "m.yaml")[0]
    assert document.value == {"a": "\ufffd"}


@pytest.mark.parametrize(
    "text",
    [
        "hunter2: [hunter2",
        "hunter2",
        "a: 'hunter2' hunter2",
        "hunter2\nb: hunter2: hunter2",
        "a: &hunter2 hunter2",
        "a: *hunter2",
        "a: !hunter2 hunter2",
        "? {hunter2: hunter2}\n: hunter2",
        "0hunter2: 'hunter2\n",
        "a: 20260722-hunter2\x07",
        "a: {hunter2 hunter2: hunter2, hunter2 hunter2: 1}",
        '"\\qhunter2": hunter2',
        "%hunter2\n---\na: 1",
    ],
)
def test_findings_never_quote_the_file(text: str) -> None:
    _, findings = read(text.encode(), "m.yaml")
    assert "hunter2" not in " ".join(map(str, findings))


def test_long_numbers_are_not_repeated() -> None:
    _, findings = read(b"a: 0123456789\nb: 2026-11-22T10:11:12Z", "m.yaml")
    assert len(findings) == 2
    assert not any(digits in str(findings) for digits in ("0123456789", "10:11:12"))


def test_an_error_that_is_not_the_parsers_own_is_a_finding_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object, **__: object) -> object:
        raise ValueError("hunter2")

    monkeypatch.setattr(yaml, "parse", broken)
    documents, findings = read(b"\n---\na: 1\n", "m.yaml")
    assert documents == []
    assert [str(finding) for finding in findings] == [
        "m.yaml:1:1: this is not valid YAML",
        "m.yaml:2:1: this is not valid YAML",
    ]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[" * 5000, "1:21"),
        ("a: b\nä👋: " + "[" * 5000, "2:24"),
        ("a: yes\nb: [c, " + "{d: [" * 5000, "2:53"),
        ("a:\n" + "- " * 5000, "2:39"),
        ("".join(f"{' ' * i}a:\n" for i in range(2000)), "21:21"),
    ],
    ids=range(5),
)
def test_too_deep_is_told_alike_by_parsers_with_and_without_a_limit(
    text: str, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = "nested deeper than 20 levels; the document is not read any further"
    documents, told = read(text.encode(), "m.yaml")
    assert (documents, str(told[-1])) == ([], f"m.yaml:{place}: {deep}")
    monkeypatch.setattr(yaml, "parse", as_libyaml_0_2_6(text))
    assert read(text.encode(), "m.yaml") == ([], told)


def as_libyaml_0_2_6(refused: str) -> Callable[..., Iterator[Any]]:
    """It gives up at a level far down in one text, at once where that stands on one line."""

    def parse(text: str, Loader: Any, genuine: Any = yaml.parse) -> Iterator[Any]:  # noqa: N803
        if text != refused:
            yield from genuine(text, Loader=Loader)
            return
        level = [match.end() for match in re.finditer(r"[\[{]|- |a:\n", text)][900]
        line = text.count("\n", 0, level)
        yield from takewhile(lambda event: event.end_mark.line < line, genuine(text, Loader=Loader))
        mark = yaml.Mark("", level - 1, line, 0, None, 0)
        raise yaml.scanner.ScannerError(None, None, "exceeded maximum nesting depth", mark)

    return parse


def test_an_error_of_the_parser_within_its_limit_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    _, findings = read(b"[" * 20 + b"]" * 19, "m.yaml")
    assert [str(one) for one in findings] == [
        "m.yaml:1:1: the bracket opened here is not closed, a comma is missing, or text that holds "
        "a bracket is not quoted"
    ]


def test_the_parser_in_python_is_refused_because_it_reads_other_texts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(syntax, "LOADER", None)
    with pytest.raises(UsageError, match=r"without libyaml here.*pip install .* pyyaml"):
        read(b"a: 1", "m.yaml")


def test_a_bomb_of_aliases_costs_nothing() -> None:
    levels = [f"l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 9)}]" for i in range(1, 10)]
    bomb = "\n".join(["l0: &l0 [lol]", *levels]).encode()
    tracemalloc.start()
    _, findings = read(bomb, "m.yaml")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(findings) == 91
    assert peak < 2**20


fragments = st.lists(
    st.sampled_from(
        [
            *[data.decode("utf-8", "replace") for data, _, _ in HOSTILE if len(data) < 60],
            *("\n", "\n  ", "\n---\n", ": ", "- ", "? ", "[", "]", "{", "}", ",", "'", '"', "#"),
            *("&a ", "*a", "!t ", "|", ">", "%", "\t", "\r\n", "\\", "<<", "\u202e", "\x85"),
        ]
    ),
    max_size=12,
).map("".join)


@given(st.binary(max_size=200) | fragments.map(str.encode) | st.text().map(str.encode))
@settings(max_examples=examples(400))
@example(b"\xef\xbb\xbf\xef\xbb\xbf")
@example(b"--- !<\n")
def test_reading_never_raises_and_never_gives_more_than_json(data: bytes) -> None:
    documents, findings = read(data, "m.yaml")
    for finding in findings:
        assert finding.source is not None
        assert finding.source.line >= 1
        assert finding.source.column >= 1
        assert str(finding).isprintable()
    for document in documents:
        assert_plain(document.value)
        assert document.has_errors or not document.invalid_paths
        if not findings:
            assert not document.has_errors


def assert_plain(value: object) -> None:
    if isinstance(value, dict):
        for name, item in value.items():
            assert type(name) is str
            assert_plain(item)
    elif isinstance(value, list):
        for item in value:
            assert_plain(item)
    else:
        assert value is None or type(value) in (bool, int, float, str)
        if isinstance(value, str):
            assert len(value.encode()) <= 4096


UNFINISHED = """\
a: 1
{0}<<<<<<< HEAD
{0}b: 2
{0}=======
{0}b: 3
{0}>>>>>>> other
---
c: [
"""


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_an_unfinished_merge_is_one_finding(end: str) -> None:
    documents, (finding,) = read(UNFINISHED.format("").replace("\n", end).encode(), "m.yaml")
    assert documents == []
    assert str(finding).startswith("m.yaml:2:1: this file has an unfinished merge: <<<<<<< stands")


def test_marks_inside_a_text_are_no_merge() -> None:
    text = "text: |\n" + UNFINISHED.format("  ").split("---")[0].replace("a: 1", "  a: 1")
    documents, findings = read(text.encode(), "m.yaml")
    assert (len(documents), findings) == (1, [])
