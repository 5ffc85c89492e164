"""Manifest files as people may write them: any order, style and indentation, comments everywhere.

Written with nothing of what it is meant to test, so that it knows what a comment is about without
asking.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from hypothesis import strategies as st

from lebots import kinds
from lebots.core.manifest.schema import check, spec_schema
from lebots.core.model.kind import Kind
from lebots.core.model.value import Path
from lebots.files.yaml.scalars import is_text

KINDS = [kind for kind in kinds.load().values() if not kind.lookup_only]
PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.@-]*( [A-Za-z0-9_.-]+)*")
NAMES = (
    *("routing-bot", "FAQ 2", "no", "010", "12:30", "~", "a: b", "# none", "a #b", "it's", '"q"'),
    *("- a", "[a", "{a", "\\", "::x", "Grüße 👋", "x" * 60),
)
LINES = ("one\ntwo", "one\ntwo\n", "one\n\n# two\n\n", "\n one", " one\ntwo", "a\n---\nb\n", "")
EMAIL = "bots@example.com"
OF_PATTERNS = ("msg.consumer", "https://cdn.example.com/a", EMAIL)
REMARKS = ("", " ", " no", ': {"x', " - a: [b", "#", "\t'", " Grüße 👋")
LAST_COLUMN = 12


@dataclass
class Handwriting:
    """A file and what is in it."""

    text: str = ""
    documents: list[Any] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    about: dict[str, tuple[int, Path]] = field(default_factory=dict)
    """What some of the comments are about: a document and a path there."""
    closing: dict[str, tuple[int, Path]] = field(default_factory=dict)
    """Of which list or mapping others are the last words."""


def files(*, comments: bool = True) -> st.SearchStrategy[Handwriting]:
    """Files of one to three manifests; ``comments`` says whether there are any."""
    return st.integers(0, 2**40).map(lambda seed: _Writer(Random(seed), comments).file())


# What is written


def document(random: Random) -> dict[str, Any]:
    """A valid manifest of some kind, its fields in any order."""
    kind = random.choice(KINDS)
    while True:
        found: dict[str, Any] = {
            "apiVersion": "lebots/v1",
            "kind": kind.name,
            "metadata": _metadata(random, kind),
            "spec": _spec(random, kind),
        }
        if not check(kind, found):
            return dict(_any_order(random, found))


def _metadata(random: Random, kind: Kind) -> dict[str, Any]:
    if not kind.belongs:
        return {"name": random.choice(NAMES)}
    owner = {kind.belongs.owner: random.choice(NAMES)} if random.random() < 0.5 else {}
    return {kind.belongs.word: "BACK_TO_QUEUE", **owner}


def _spec(random: Random, kind: Kind) -> dict[str, Any]:
    fields = spec_schema(kind)["properties"]
    chosen = random.sample(list(fields), random.randint(0, min(6, len(fields))))
    spec = {name: _value(random, fields[name]) for name in chosen}
    if kind.variant_field:
        spec[kind.variant_field] = kind.endpoints[0].variant
    return spec


def _value(random: Random, schema: Mapping[str, Any]) -> Any:
    if "enum" in schema:
        return random.choice(schema["enum"])
    types = schema["type"]
    type_ = types if isinstance(types, str) else random.choice(types)
    if type_ == "array":
        count = random.randint(schema.get("minItems", 0), 4)
        items = [_value(random, schema["items"]) for _ in range(count)]
        return [item for place, item in enumerate(items) if item not in items[:place]]
    if type_ == "object":
        parts = schema["properties"]
        names = {
            *random.sample(list(parts), random.randint(0, min(2, len(parts)))),
            *schema.get("required", ()),
        }
        return {name: _value(random, parts[name]) for name in parts if name in names}
    if type_ == "string":
        if pattern := schema.get("pattern"):
            return next(text for text in OF_PATTERNS if re.search(pattern, text))
        return random.choice([*NAMES, *LINES])
    if type_ == "integer":
        return random.randint(schema["minimum"], min(schema["maximum"], 100))
    return random.choice([True, False]) if type_ == "boolean" else None


def _any_order(random: Random, value: Any) -> Any:
    if isinstance(value, Mapping):
        names = random.sample(list(value), len(value))
        return {name: _any_order(random, value[name]) for name in names}
    if isinstance(value, list):
        return [_any_order(random, item) for item in value]
    return value


# How it is written


class _Writer:
    """Writes one file."""

    def __init__(self, random: Random, comments: bool) -> None:
        self.random = random
        self.made = Handwriting()
        self.commented = comments
        self.text = ""
        self.number = 0
        self.leave_text()

    def some(self, share: int = 4) -> bool:
        return self.random.randrange(share) == 0

    def file(self) -> Handwriting:
        for number in range(self.random.randint(1, 3)):
            self.made.documents.append(document(self.random))
            self.document(number, self.made.documents[-1])
        # Without a line break at its end, a text after | is another one.
        if not self.in_text and self.some():
            self.text = self.text.removesuffix("\n")
        if self.some():
            self.text = self.text.replace("\n", "\r\n")
        self.made.text = "\ufeff" + self.text if self.some(8) else self.text
        return self.made

    # Comments and empty lines

    def leave_text(self) -> None:
        self.in_text = self.keeps = False
        """Whether the last line is one of a text after |, and an empty one would be, too."""
        self.deepest = LAST_COLUMN
        """The last column where a comment is one."""

    def comment(self, about: Path | None = None, closing: Path | None = None) -> str:
        text = f"#{len(self.made.comments)}{self.random.choice(REMARKS)}".rstrip()
        self.made.comments.append(text)
        if about is not None:
            self.made.about[text] = self.number, about
        if closing is not None:
            self.made.closing[text] = self.number, closing
        return text

    def line(self, text: str, about: Path | None = None) -> None:
        """Ends a line, perhaps with a comment about what stands there."""
        self.text += text
        if self.commented and self.some():
            # After a sign of YAML, a tab would be taken for indentation.
            is_sign = self.text.endswith(("-", ":"))
            self.text += self.random.choice([" ", "   ", " " if is_sign else "\t"])
            self.text += self.comment(about)
        self.text += self.random.choice(["", "", " "]) + "\n"
        self.leave_text()

    def comment_line(
        self, column: int, *, about: Path | None = None, closing: Path | None = None
    ) -> None:
        self.text += " " * column + self.comment(about, closing) + "\n"
        self.leave_text()

    def gap(self, column: int = -1, about: Path | None = None) -> None:
        """What may stand between two lines; at this column a comment is about the next one."""
        while self.some(3):
            if not self.keeps and self.some(2):
                self.text += self.random.choice(["", "  "]) + "\n"
            elif self.commented:
                chosen = self.random.choice([column, column, 0, 1, 2, 3, 5, LAST_COLUMN])
                here = max(0, min(chosen, self.deepest))
                self.comment_line(here, about=about if here == column else None)

    def close(self, column: int, path: Path | None) -> None:
        """The last words of a list or mapping whose parts begin at this column."""
        while self.commented and self.some(6):
            self.comment_line(column, closing=path)

    # Values

    def document(self, number: int, value: Mapping[str, Any]) -> None:
        if number or self.some():
            self.gap()
            if number and self.some(6):
                self.line("...")
                self.gap()
            self.line("---")
            if self.some(6):
                self.gap()
                self.line("---")
        self.number = number
        indent = self.random.randint(0, 2)
        self.gap()
        if self.some(6):
            self.text += " " * indent
            self.brackets(value, (), indent)
            self.line("")
        else:
            self.fields(value, (), indent)

    def fields(
        self, value: Mapping[str, Any], path: Path, indent: int, *, begun: bool = False
    ) -> None:
        """A mapping in lines; where it has ``begun``, its first name comes on this line."""
        for number, (name, part) in enumerate(value.items()):
            here = (*path, name)
            if number or not begun:
                self.gap(indent, here if path or number else None)
                self.text += " " * indent
            self.text += self.name(name) + ":"
            self.value(part, here, indent)
        # At the left margin nothing tells the last words from what is said between documents.
        self.close(indent, path if indent else None)

    def value(self, value: Any, path: Path, indent: int) -> None:
        """What comes after the colon of a field at this column."""
        if isinstance(value, str) and self.can_be_lines(value) and self.some(2):
            self.lines(value, path, indent)
        elif isinstance(value, Mapping | list) and value and self.some(2):
            self.line("", path)
            if isinstance(value, Mapping):
                self.fields(value, path, indent + self.random.randint(1, 5))
            else:
                self.items(value, path, indent + self.random.choice([0, 2, 4]), indent)
        else:
            if self.some(8):
                self.line("", path)
                self.gap()
                self.text += " " * indent
            self.text += " "
            self.leaf_or_brackets(value, path, indent + 1)
            self.line("", path)

    def items(self, value: Sequence[Any], path: Path, indent: int, outer: int) -> None:
        for number, item in enumerate(value):
            here = (*path, number)
            self.gap(indent, here)
            self.text += " " * indent + "-"
            if self.some(8):
                self.line("", here)
                self.gap()
                self.text += " " * (indent + 1)
            self.text += " " * self.random.randint(1, 3)
            if isinstance(item, Mapping) and self.some(2):
                column = len(self.text) - self.text.rfind("\n") - 1
                self.fields(item, here, column, begun=True)
            else:
                self.leaf_or_brackets(item, here, indent + 1)
                self.line("", here)
        if indent > outer:
            self.close(indent, path)

    def leaf_or_brackets(self, value: Any, path: Path, indent: int) -> None:
        if isinstance(value, Mapping | list):
            self.brackets(value, path, indent)
        else:
            self.text += self.leaf(value)

    def brackets(self, value: Any, path: Path, indent: int) -> None:
        """A list or mapping in brackets, on one line or on several."""
        opening, closing = "{}" if isinstance(value, Mapping) else "[]"
        many_lines = self.some(2)
        parts = list(value.items() if isinstance(value, Mapping) else enumerate(value))
        self.text += opening
        for number, (step, part) in enumerate(parts, 1):
            here = (*path, step)
            self.turn(many_lines, indent, here)
            self.text += f"{self.name(step)}: " if isinstance(step, str) else ""
            self.leaf_or_brackets(part, here, indent)
            if number < len(parts) or self.some(8):
                self.text += ", "
                if many_lines and self.some():
                    self.line("", here)
                    self.text += " " * indent
        self.turn(many_lines, indent, None)
        self.text += closing

    def turn(self, many_lines: bool, indent: int, about: Path | None) -> None:
        if many_lines and self.some(2):
            self.text += "\n"
            self.gap(indent + 1, about)
            self.text += " " * indent

    def name(self, name: str) -> str:
        return self.random.choice([name, name, f'"{name}"', f"'{name}'"])

    def leaf(self, value: Any) -> str:
        """A scalar in one of the forms the reader takes."""
        if not isinstance(value, str):
            return json.dumps(value)
        forms = [json.dumps(value, ensure_ascii=False)]
        if "\n" not in value:
            forms.append("'" + value.replace("'", "''") + "'")
        if PLAIN.fullmatch(value) and is_text(value):
            forms.append(value)
        return self.random.choice(forms)

    def can_be_lines(self, value: str) -> bool:
        return "\n" in value and not value.startswith(("\n", " "))

    def lines(self, value: str, path: Path, indent: int) -> None:
        """A text after |."""
        content = value.rstrip("\n")
        ends = len(value) - len(content)
        self.line(f" |{'-' if not ends else '' if ends == 1 else '+'}", path)
        inner = indent + self.random.randint(1, 4)
        for line in content.split("\n"):
            self.text += f"{' ' * inner}{line}\n" if line else "\n"
        self.text += "\n" * (ends - 1)
        self.in_text, self.keeps, self.deepest = True, ends > 1, indent
