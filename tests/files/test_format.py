"""The canonical form of a manifest file: what it looks like, and the laws it keeps."""

import json
import re
from collections.abc import Iterable
from typing import Any

import pytest
import yaml
from hypothesis import given, settings

from lebots import kinds
from lebots.core.manifest.names import name_at
from lebots.core.manifest.schema import arranged, manifest_schema
from lebots.core.model.value import Path
from lebots.files import format as formatting
from lebots.files.format import Formatted, formatted
from lebots.files.yaml import comments as finding
from lebots.files.yaml import yaml_walk as steps
from lebots.files.yaml.reader import Document, read
from lebots.files.yaml.writer import write
from tests.files.handwriting import Handwriting, files
from tests.files.hostile import FEW, TEXTS
from tests.files.test_reader import fragments
from tests.night import by_day, examples
from tests.toys import law

KINDS = kinds.load()
HEAD = "apiVersion: lebots/v1\nkind: Skill\nmetadata:\n  name: a\n"


def canonical(text: str) -> str:
    found = formatted(text.encode(), "m.yaml", KINDS)
    assert isinstance(found, Formatted), found
    return found.after


# Order and layout


def test_fields_stand_in_the_order_of_the_schema() -> None:
    assert canonical(
        "spec:\n"
        "    maxWaitTime: 5\n"
        "    skillRoutingConfiguration:\n"
        "      - {splitPercentage: 100, priority: 1, agentGroup: Bots}\n"
        "    description: first\n"
        "kind: Skill\n"
        "metadata: {name: 'a'}\n"
        "apiVersion: lebots/v1\n"
    ) == (
        "apiVersion: lebots/v1\n"
        "kind: Skill\n"
        "metadata:\n"
        "  name: a\n"
        "spec:\n"
        "  description: first\n"
        "  skillRoutingConfiguration:\n"
        "    - agentGroup: Bots\n"
        "      priority: 1\n"
        "      splitPercentage: 100\n"
        "  maxWaitTime: 5\n"
    )


def test_parts_of_objects_are_ordered_too() -> None:
    events = manifest_schema(KINDS["Key"])["properties"]["spec"]["properties"]["webhooks"]
    first, second, *_ = events["properties"]
    head = "apiVersion: lebots/v1\nkind: Key\nmetadata:\n  name: a\nspec:\n  type: oauth2\n"
    hook = "{max_retries: 1, endpoint: 'https://x.test'}"
    assert canonical(f"{head}  webhooks: {{{second}: {hook}, {first}: {hook}}}\n") == (
        f"{head}  webhooks:\n"
        f"    {first}:\n      endpoint: https://x.test\n      max_retries: 1\n"
        f"    {second}:\n      endpoint: https://x.test\n      max_retries: 1\n"
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("lobs: [ b ,a ]", "lobs: [b, a]"),  # the order of a list is its author's
        ("lobs:\n  - b\n  - a", "lobs: [b, a]"),
        ("lobs: [\n    ]", "lobs: []"),
        (f"lobs: [{'x' * 50}, {'y' * 50}]", f"lobs:\n    - {'x' * 50}\n    - {'y' * 50}"),
        ("description: 'words'", "description: words"),
        ("description: no one\n    else", "description: no one else"),
        ('description: "no"', 'description: "no"'),
        ("description: '010'", 'description: "010"'),
        ('"description": "a: b"', "description: 'a: b'"),
        ("description: >-\n    one\n    two", "description: one two"),
        ('description: "one\\ntwo\\n"', "description: |\n    one\n    two"),
        ("description: |\n      one\n", "description: |\n    one"),
        ("description: |+\n      one\n", "description: |+\n    one\n"),
        ("description: x   \n\n  canTransfer:   true\n\n\n", "description: x\n  canTransfer: true"),
        ("? description\n  : x", "description: x"),
    ],
)
def test_layout_of_a_field(before: str, after: str) -> None:
    assert canonical(f"{HEAD}spec:\n  {before}\n") == f"{HEAD}spec:\n  {after}\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"---\n{HEAD}", HEAD),
        (f"\ufeff{HEAD}".replace("\n", "\r\n"), HEAD),
        (HEAD.removesuffix("\n"), HEAD),
        (f"{HEAD}...\n---\n---\n\n{HEAD}\n\n---\n", f"{HEAD}---\n{HEAD}"),
        (HEAD.replace("name: a", "name: b") + "---\n" + HEAD, None),  # documents keep their places
        ("", ""),
        ("# no manifest yet \n\n\n# at all", None),
        ("---\n", None),
    ],
)
def test_layout_of_a_file(before: str, after: str | None) -> None:
    assert canonical(before) == (before if after is None else after)


# Comments: each where its author put it, as seen from what it is about

SPEC = f"{HEAD}spec:\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "# license\n\n#  file  \n---\n# document\n" + HEAD,
            "# license\n\n#  file\n# document\n" + HEAD,
            id="at the head of a file",
        ),
        pytest.param(
            "# document\nkind: Skill # kind\n# version\n"
            "apiVersion: lebots/v1\nmetadata: {name: a}\n",
            "# document\n# version\napiVersion: lebots/v1\nkind: Skill # kind\n"
            "metadata:\n  name: a\n",
            id="a comment moves with its field, the first one is about the document",
        ),
        pytest.param(
            HEAD + "# end\n--- # next\n" + HEAD + "...\n# after\n",
            HEAD + "# end\n---\n# next\n" + HEAD + "# after\n",
            id="between documents and at the end of the file",
        ),
        pytest.param(
            f"---\n# none yet\n---\n{HEAD}---\n# none any more\n---\n{HEAD}",
            f"# none yet\n{HEAD}# none any more\n---\n{HEAD}",
            id="in empty documents",
        ),
        pytest.param(
            SPEC
            + "  maxWaitTime: 5 # seconds\n\n  # two\n\n\n  # paragraphs\n\n  description: x\n",
            SPEC + "  # two\n\n  # paragraphs\n  description: x\n  maxWaitTime: 5 # seconds\n",
            id="empty lines stay between paragraphs of comments alone",
        ),
        pytest.param(
            "spec:\n  lobs: []\n  # canTransfer: true\n# names\nmetadata:\n  name: a\n  # more\n"
            "kind: Skill\napiVersion: lebots/v1\n",
            "apiVersion: lebots/v1\nkind: Skill\n# names\nmetadata:\n  name: a\n  # more\n"
            "spec:\n  lobs: []\n  # canTransfer: true\n",
            id="a field that was commented out stays in its mapping",
        ),
        pytest.param(
            SPEC + "  lobs:\n    # first\n    - a # A\n    # second\n    - b\n    # - c\n",
            SPEC + "  lobs:\n    # first\n    - a # A\n    # second\n    - b\n    # - c\n",
            id="a list with comments is written one item a line",
        ),
        pytest.param(
            SPEC + "  lobs: [ # some\n  a, # A\n# second\n  b # B\n  # last\n  ] # all\n",
            SPEC
            + "  # some\n  # all\n  lobs:\n    - a # A\n    # second\n    - b # B\n    # last\n",
            id="in brackets; two at the end of one line go above it",
        ),
        pytest.param(
            SPEC + "  lobs: [a,\n   b] # both\n",
            SPEC + "  lobs: [a, b] # both\n",
            id="about the whole list",
        ),
        pytest.param(
            SPEC + "  lobs:\n  - a\n  # next\n  maxWaitTime: 1\n",
            SPEC + "  lobs: [a]\n  # next\n  maxWaitTime: 1\n",
            id="after a list that is not indented it is about the next field",
        ),
        pytest.param(
            SPEC + "  lobs: [\n  # none yet\n  ]\n",
            SPEC + "  # none yet\n  lobs: []\n",
            id="in an empty list",
        ),
        pytest.param(
            SPEC + "  description: | # header\n    # text\n    b\n  # next\n  lobs: []\n",
            SPEC + "  description: | # header\n    # text\n    b\n  # next\n  lobs: []\n",
            id="a text of several lines holds no comments",
        ),
        pytest.param(
            SPEC + "  description: >- # header\n    a\n    b\n",
            SPEC + "  description: a b # header\n",
            id="after the sign of a text",
        ),
        pytest.param(
            SPEC + "  description: # name\n    # value\n    x # all\n",
            SPEC + "  # name\n  # value\n  # all\n  description: x\n",
            id="between a name and its value",
        ),
        pytest.param(
            SPEC + "  skillRoutingConfiguration:\n"
            "  # one\n  - # item\n    # first\n    splitPercentage: 50\n    # group\n"
            "    agentGroup: A # A\n    priority: 1\n    # end of item\n  - {agentGroup: B,\n"
            "    priority: 1, splitPercentage: 50} # other\n",
            SPEC + "  skillRoutingConfiguration:\n"
            "    # one\n    # item\n    # first\n    # group\n    - agentGroup: A # A\n"
            "      priority: 1\n      splitPercentage: 50\n      # end of item\n"
            "    # other\n    - agentGroup: B\n      priority: 1\n      splitPercentage: 50\n",
            id="items that are mappings",
        ),
        pytest.param(
            "spec:\n    lobs:\n      - a\n      # list\n    # spec\n  # also spec\n"
            "        # still\n# document\n" + HEAD,
            "# document\n" + HEAD + "spec:\n  lobs:\n    - a\n    # list\n"
            "  # spec\n  # also spec\n  # still\n",
            id="indentation says what a comment closes, and never goes back",
        ),
        pytest.param(
            SPEC + "  lobs: []#one\n  description: a#b\n",
            SPEC + "  description: a#b\n  lobs: [] #one\n",
            id="right after a bracket; in a word there is none",
        ),
    ],
)
def test_comments(before: str, after: str) -> None:
    assert canonical(before) == after
    assert canonical(after) == after


# Laws


def documents_of(text: str) -> list[Document]:
    documents, findings = read(text.encode(), "m.yaml")
    assert findings == []
    return documents


def as_json(values: Iterable[Any]) -> list[str]:
    """A form in which ``true``, 1 and 1.0 differ."""
    return [json.dumps(value, sort_keys=True) for value in values]


class Page:
    """A canonical text and which values begin on each of its lines."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self.begins: dict[int, set[tuple[int, Path]]] = {}
        self.columns: dict[tuple[int, Path], int] = {}
        for number, document in enumerate(documents_of(text)):
            for path, source in document.positions.items():
                line = document.keys.get(path, source).line - 1
                self.begins.setdefault(line, set()).add((number, path))
                self.columns[number, path] = source.column - 1

    def line_of(self, comment: str) -> int:
        (found,) = (n for n, line in enumerate(self.lines) if line.endswith(comment))
        return found

    def from_(self, line: int, step: int) -> set[tuple[int, Path]]:
        """What begins on the first line from this one on, up or down, where something does."""
        while line in range(len(self.lines)) and line not in self.begins:
            line += step
        return self.begins.get(line, set())


@given(files(comments=False))
@settings(law, max_examples=examples(100))
def test_without_comments_it_is_what_the_writer_writes(file: Handwriting) -> None:
    written = [write(arranged(KINDS[one["kind"]], one)) for one in file.documents]
    assert canonical(file.text) == "---\n".join(written)


@given(files())
@settings(law, max_examples=examples(200))
def test_values_and_comments_stay_and_a_second_time_changes_nothing(file: Handwriting) -> None:
    after = canonical(file.text)
    assert as_json(one.value for one in documents_of(after)) == as_json(file.documents)
    assert not re.search(r"[ \t\r]$|\ufeff|\A\n|\A---|[^\n]\Z", after, re.MULTILINE)
    page = Page(after)
    assert len({page.line_of(comment) for comment in file.comments}) == len(file.comments)
    assert canonical(after) == after


@given(files())
@settings(law, max_examples=examples(150))
def test_comments_stay_with_what_they_are_about(file: Handwriting) -> None:
    page = Page(canonical(file.text))
    for comment, place in file.about.items():
        assert place in page.from_(page.line_of(comment), 1), comment
    for comment, (number, path) in file.closing.items():
        line = page.line_of(comment)
        assert page.lines[line].index("#") == page.columns[number, path], comment
        above, below = page.from_(line, -1), page.from_(line, 1)
        assert any(n == number and p[: len(path)] == path for n, p in above), comment
        assert not any(n == number and p[: len(path)] == path for n, p in below), comment


# What is left as it is


@pytest.mark.parametrize("data", by_day(TEXTS, FEW))
def test_what_the_reader_refuses_goes_no_further(
    data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(formatting, "comments", None)
    monkeypatch.setattr(formatting, "write", None)
    found = formatted(data, "m.yaml", KINDS)
    assert isinstance(found, list)
    assert set(read(data, "m.yaml")[1]) <= set(found)


@given(fragments)
@settings(law, max_examples=examples(200))
def test_nothing_makes_it_fail(text: str) -> None:
    found = formatted(text.encode(), "m.yaml", KINDS)
    assert isinstance(found, Formatted) or all(one.source for one in found)


def test_findings_are_those_of_validate() -> None:
    text = f"{HEAD}spec:\n  nickname: x\n  maxWaitTime: no\n---\nkind: Skil\n"
    found = formatted(text.encode(), "m.yaml", KINDS)
    assert isinstance(found, list)
    assert [(str(one.source), one.code) for one in found] == [
        ("m.yaml:7:16", "yaml-scalar"),
        ("m.yaml:6:3", "unknown-field"),
        ("m.yaml:9:7", "unknown-kind"),
        ("m.yaml:9:1", "not-one-of"),
    ]


def test_an_overlay_need_not_be_whole() -> None:
    data = b"spec: {webhooks: {$patch: delete}, description: x}\nkind: Key\nmetadata: {name: a}\n"
    assert isinstance(formatted(data, "m.yaml", KINDS), list)
    found = formatted(data, "m.yaml", KINDS, overlay=True)
    assert isinstance(found, Formatted)
    assert found.after == (
        "kind: Key\nmetadata:\n  name: a\n"
        "spec:\n  description: x\n  webhooks:\n    $patch: delete\n"
    )
    for wrong in (b"[a]", b"kind: Kye\n", b"a: yes\n"):
        assert isinstance(formatted(wrong, "m.yaml", KINDS, overlay=True), list)


@pytest.mark.parametrize(
    ("comment", "part", "instead"),
    [
        ("", "write", lambda value: write({**value, "spec": {"skillOrder": 1.0}})),
        ("", "write", lambda value: write({**value, "spec": {"skillOrder": True}})),
        ("", "write", lambda value: "a: [\n"),
        ("# one", "_woven", lambda lines, document, found: "\n".join([*lines, ""])),
        ("# one", "_woven", lambda lines, document, found: "\n".join([*lines, "# two", ""])),
    ],
)
def test_a_form_that_would_say_something_else_is_refused(
    comment: str, part: str, instead: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(formatting, part, instead)
    found = formatted(f"{HEAD}spec: {{skillOrder: 1}} {comment}\n".encode(), "m.yaml", KINDS)
    assert isinstance(found, list)
    assert [str(one) for one in found] == [
        "m.yaml:1:1: the canonical form would not say the same, so the file is left as it is; "
        "please report this"
    ]


@given(files())
@settings(law, max_examples=examples(30))
def test_the_parser_in_python_gives_the_same(file: Handwriting) -> None:
    # Before a comment, the parser in Python takes no tab.
    text = file.text.replace("\t", " ")
    expected = canonical(text)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(steps, "LOADER", yaml.SafeLoader)
        patched.setattr(finding, "LOADER", yaml.SafeLoader)
        assert canonical(text) == expected


@pytest.mark.parametrize("name", [one.name for one in KINDS.values() if not one.lookup_only])
def test_a_manifest_begins_with_what_it_is(name: str) -> None:
    schema = manifest_schema(KINDS[name])["properties"]
    assert list(schema) == ["apiVersion", "kind", "metadata", "spec"]
    assert next(iter(schema["metadata"]["properties"])) == name_at(KINDS[name])[-1]
