"""Names inside sentences, and commands to type."""

import json
import shlex


def quoted(name: object) -> str:
    """The name in double quotes; one that holds quotes or line breaks cannot end the sentence."""
    return json.dumps(str(name), ensure_ascii=False)


def command(*words: str) -> str:
    """A command line that a shell takes apart into exactly these words, in one visible line."""
    return " ".join(_word(word) for word in words)


def _word(word: str) -> str:
    # What is not shown as it is would not be typed as it is: escaped here, it is left alone there.
    if all(" " <= sign <= "~" or sign.isalnum() for sign in word) and not any(
        map(word.count, _TAKEN)
    ):
        return shlex.quote(word)
    return "$'" + "".join(_escaped(sign) for sign in word) + "'"


_TAKEN = ("{digest}", "##")
"""Signs of placeholders, and of words that a runner of CI would take for its own."""


def _escaped(sign: str) -> str:
    if " " <= sign <= "~" and sign not in "'\\{#":
        return sign
    return "".join(f"\\x{byte:02x}" for byte in sign.encode("utf-8", "surrogateescape"))
