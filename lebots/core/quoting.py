r"""Untrusted text in sentences, and commands to type (threats T14 and T16).

Names, values, paths and foreign words can hold anything. Whatever a reader cannot see is shown as a
visible escape such as ``\u200b``; nothing is dropped. What a runner of CI takes for a command is
broken by an escape too: ``::`` at the start of a line, ``##[`` or ``##vso[`` anywhere.
"""

import re
import shlex
from collections.abc import Sequence

# Shown as nothing or as a blank, though Unicode counts them as letters, marks or symbols.
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_UNUSUAL = re.compile(r"[^ -~]")
_RUNNER_COMMAND = re.compile(r"#(?=#\w*\[)")
_RUNNER_LINE = re.compile(r"^(\s*):(?=:)")
_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def quoted(name: object) -> str:
    r"""The name in double quotes; a backslash is doubled, so that every escape is ours."""
    return '"' + _escaped(str(name).replace("\\", "\\\\").replace('"', '\\"')) + '"'


def visible(text: str) -> str:
    """A message with untrusted words in it, on one line and without quotes; twice is once."""
    shown = _escaped(text)
    return _RUNNER_LINE.sub(r"\1\\u003a", shown) if "::" in shown else shown


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


def listed(names: Sequence[object], most: int = 3) -> str:
    """The first few of the names, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(map(str, names[:most])) + more


def command(*words: str) -> str:
    """A command line that a shell takes apart into exactly these words, in one visible line."""
    return " ".join(_word(word) for word in words)


def _word(word: str) -> str:
    # What is not shown as it is would not be typed as it is: escaped here, it is left alone there.
    if all(" " <= sign <= "~" or sign.isalnum() for sign in word) and not any(
        map(word.count, _TAKEN)
    ):
        return shlex.quote(word)
    return "$'" + "".join(_typed(sign) for sign in word) + "'"


_TAKEN = ("{digest}", "##")
"""Signs of placeholders, and of words that a runner of CI would take for its own."""


def _typed(sign: str) -> str:
    if " " <= sign <= "~" and sign not in "'\\{#":
        return sign
    return "".join(f"\\x{byte:02x}" for byte in sign.encode("utf-8", "surrogateescape"))
