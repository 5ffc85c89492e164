"""Secret values that cannot be shown by accident, and how a new one reaches its sink."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NoReturn

from lebots.core.model.value import Value

_MASK = "********"
_MASK_CHARACTERS = frozenset("*xX•")
_SHORTEST_MASK = 3


REGISTRY: dict[str, None] = {}
"""Every secret of this run, in the order in which lebots met them: what no message may repeat.

Values stay known after their last use, since a server or a program may repeat them much later.
"""


def know(value: str) -> None:
    """Puts a secret into the registry that is in no ``Secret``, such as a cookie."""
    REGISTRY[value] = None


class Secret:
    """Text that is only ever read through ``reveal``.

    ``repr``, ``str`` and ``format`` give a mask of fixed length; pickling, copying and JSON
    encoding fail, ``==`` is by identity, so that no renderer, log or cache gets at the value.

    Each is in the registry, unless ``known`` is False: a value that is sealed only out of caution,
    such as an id that a sink gives back, may stand in messages.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str, *, known: bool = True) -> None:
        self._value = value
        if known and not self.masked:
            know(value)

    def reveal(self) -> str:
        """The text itself; called only where it is sent or delivered."""
        return self._value

    def same(self, other: object) -> bool:
        """Whether another secret, or a text, is the same text."""
        return self._value == (other._value if isinstance(other, Secret) else other)

    def mac(self, purpose: str, text: str) -> str:
        """HMAC-SHA-256 in hex over a text, under this secret and for one purpose alone."""
        key = self._value.encode("utf-8", "surrogatepass")
        return hmac.digest(key, f"{purpose}\n{text}".encode(), "sha256").hex()

    @property
    def masked(self) -> bool:
        """Whether the vendor gave a mask in place of the value (seen on the odd installation).

        Echoing a mask in a PUT could overwrite the real secret (reference 5a, inferred).
        """
        return len(self._value) >= _SHORTEST_MASK and set(self._value) <= _MASK_CHARACTERS

    def __bool__(self) -> bool:
        return bool(self._value)

    def __repr__(self) -> str:
        return _MASK

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return _MASK

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret can be neither pickled nor copied")


class SecretBytes(bytes):
    """Bytes that may hold secrets on their way in or out: ``repr`` and ``str`` give their number.

    So a traceback that shows the values of its frames shows none of these.
    """

    def __repr__(self) -> str:
        return f"<{len(self)} bytes>"

    __str__ = __repr__


@dataclass(frozen=True, slots=True)
class Delivery:
    """A kind whose objects are born with a secret, and how it reaches a sink."""

    sink_field: str
    """The manifest field that names the sink."""
    default: str
    """The sink where a manifest names none, and a project has several."""
    secrets: Mapping[str, str]
    """Vendor attribute to the name it is delivered under."""
    id_as: str
    """The name the object's id is delivered under."""
    account_as: str
    """The name the account id is delivered under."""
    constants: Mapping[str, str] = field(default_factory=dict)
    """What else the reader of the secret expects to find."""
    login: Mapping[str, str] = field(default_factory=dict)
    """Attributes of a login's body to the names their values are delivered under."""
    variant: Value = None
    """Only objects of this variant yield a secret."""
    only: str = ""
    """The only sink of a project; empty where it has several, or none."""

    @property
    def unnamed(self) -> str:
        """The sink of an object whose manifest names none."""
        return self.only or self.default
