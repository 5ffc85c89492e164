"""Which values every sink stores, and every reader reads, in the same way."""

import unicodedata

from lebots.core.model.ports import Credential
from lebots.core.model.secret import Secret

_BREAKS = {"Cc", "Cs", "Zl", "Zp"}
"""Categories of characters that end lines, steer terminals, or that no text can hold."""


class Damaged(Exception):
    """What is stored is not complete, or not of lebots; the message says what is wrong."""


class NotStorable(Exception):
    """A value that is not kept alike everywhere; the message names the variable only."""


def plain(credential: Credential) -> dict[str, str]:
    """The values of a credential in clear, for the place they go to. Raises NotStorable."""
    values = {
        name: value.reveal() if isinstance(value, Secret) else value
        for name, value in credential.values.items()
    }
    for name, value in values.items():
        if any(unicodedata.category(character) in _BREAKS for character in value):
            raise NotStorable(
                f"{name} holds a character that ends a line, controls a terminal or is no text; "
                "nothing was written"
            )
    return values
