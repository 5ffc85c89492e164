"""HTML built from elements, so that text can neither hide nor act (threats T12 and T16).

Whatever is not an element already is text: invisible characters become visible escapes, and HTML
means nothing in it. Every element is closed where it was opened.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TypeAlias

from markupsafe import Markup, escape

from lebots.render.escape import visible

Attribute: TypeAlias = str | bool
"""The value of an attribute; True has none, and False leaves the attribute out."""


def element(name: str, /, *content: str, **attributes: Attribute) -> Markup:
    """``element("a", "5 > 4", href="#top")``; an underscore in an attribute is a hyphen."""
    return Markup(f"<{_opening(name, attributes)}>{''.join(map(_text, content))}</{name}>")  # noqa: S704


def void(name: str, /, **attributes: Attribute) -> Markup:
    """An element that has no content, such as ``meta``."""
    return Markup(f"<{_opening(name, attributes)}>")  # noqa: S704


def joined(parts: Iterable[str], between: str = "") -> Markup:
    """The parts in one line."""
    return Markup(str(_text(between)).join(map(_text, parts)))  # noqa: S704


def lines(parts: Iterable[Markup]) -> Markup:
    """The elements below each other in the source."""
    return Markup("\n".join(parts))  # noqa: S704


def _opening(name: str, attributes: Mapping[str, Attribute]) -> str:
    return name + "".join(map(_attribute, attributes, attributes.values()))


@lru_cache(maxsize=1024)
def _attribute(name: str, value: Attribute) -> str:
    if value is False:
        return ""
    hyphened = name.rstrip("_").replace("_", "-")
    return f" {hyphened}" if value is True else f' {hyphened}="{escape(visible(value))}"'


def _text(content: str) -> str:
    return content if isinstance(content, Markup) else escape(visible(content))
