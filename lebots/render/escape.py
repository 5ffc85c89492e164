r"""Untrusted text made safe to show, once, at the border (threats T14 and T16).

Names, values, paths and the vendor's words can hold anything. Whatever a reader cannot see is shown
as a visible escape such as ``\u200b``; nothing is dropped. Words that a CI runner takes for a
command are broken by an escape too: ``::`` at the start of a line, ``##[`` or ``##vso[`` anywhere.
"""

import re
from collections.abc import Mapping

from lebots.core.model.value import Value

# Shown as nothing or as a blank, though Unicode counts them as letters, marks or symbols.
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_UNUSUAL = re.compile(r"[^ -~]")
_RUNNER_COMMAND = re.compile(r"#(?=#\w*\[)")
_RUNNER_LINE = re.compile(r"^(\s*):(?=:)")
_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def quoted(text: str) -> str:
    r"""The text in double quotes; a backslash is doubled, so that every escape is ours."""
    return '"' + _escaped(text.replace("\\", "\\\\").replace('"', '\\"')) + '"'


def visible(text: str) -> str:
    """A message with untrusted words in it, on one line and without quotes."""
    shown = _escaped(text)
    return _RUNNER_LINE.sub(r"\1\\u003a", shown) if "::" in shown else shown


def value(content: Value) -> str:
    """A manifest value on one line, like JSON but with only what is invisible escaped."""
    if isinstance(content, str):
        return quoted(content)
    if isinstance(content, Mapping):
        parts = (f"{quoted(str(key))}: {value(part)}" for key, part in content.items())
        return "{" + ", ".join(parts) + "}"
    if isinstance(content, list | tuple):
        return "[" + ", ".join(value(part) for part in content) + "]"
    if content is None:
        return "null"
    return str(content).lower() if isinstance(content, bool) else str(content)


def _escaped(text: str) -> str:
    text = _UNUSUAL.sub(lambda match: _character(match[0]), text)
    return _RUNNER_COMMAND.sub(r"\\u0023", text) if "##" in text else text


def _character(character: str) -> str:
    if character.isprintable() and not _BLANK.match(character):
        return character
    return _SHORT.get(character) or escaped(character)


def escaped(character: str) -> str:
    r"""``\u0040`` for ``@``."""
    number = ord(character)
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
