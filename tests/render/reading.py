"""A page as a browser without style and script reads it."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TypeAlias

VOID = {"meta", "link", "input"}
_BLOCKS = {"title", "h1", "h2", "h3", "p", "li", "tr", "summary", "div", "fieldset", "section"}

Attributes: TypeAlias = dict[str, str | None]


@dataclass
class Element:
    tag: str
    attributes: Attributes
    children: "list[Element | str]" = field(default_factory=list)

    def all(self) -> "list[Element]":
        """This element and every one below it, in order of the document."""
        inner = (child for child in self.children if isinstance(child, Element))
        return [self, *(one for child in inner for one in child.all())]

    def find(self, tag: str) -> "list[Element]":
        return [one for one in self.all() if one.tag == tag]

    def named(self, name: str) -> "Element":
        (found,) = (one for one in self.all() if one.attributes.get("id") == name)
        return found

    def classed(self, name: str) -> "list[Element]":
        return [one for one in self.all() if name in (one.attributes.get("class") or "").split()]

    @property
    def text(self) -> str:
        return "".join(one if isinstance(one, str) else one.text for one in self.children)


class _Reader(HTMLParser):
    """Strict: what was opened last is closed first, and nothing is left open."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Element("", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), f"an attribute twice in {tag}"
        found = Element(tag, dict(attrs))
        self.open[-1].children.append(found)
        if tag not in VOID:
            self.open.append(found)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def handle_decl(self, decl: str) -> None:
        assert decl == "doctype html"

    def handle_pi(self, data: str) -> None:
        raise AssertionError(f"a processing instruction: {data}")

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(f"a declaration: {data}")


def read(page: str) -> Element:
    """The root of the page."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    (document,) = reader.open
    (root,) = (child for child in document.children if isinstance(child, Element))
    return root


def outline(page: str) -> str:
    """What there is to read, a line for each block."""
    lines = (line.strip() for line in _blocks(read(page)).splitlines())
    return "\n".join(line for line in lines if line) + "\n"


def _blocks(element: Element) -> str:
    if element.tag in ("style", "script"):
        return ""
    inner = (child if isinstance(child, str) else _blocks(child) for child in element.children)
    if element.tag in ("td", "th", "label", "legend"):
        return f"{''.join(inner)}  "
    return f"\n{''.join(inner)}\n" if element.tag in _BLOCKS else "".join(inner)
