"""Signs what one run writes for a later one, and checks what an earlier one wrote."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any

from lebots.core.model.secret import Secret
from lebots.documents.json_schema import DIGEST, Shape, described
from lebots.documents.text import dumps
from lebots.errors import Refused

SIGNATURE: tuple[Shape, Callable[[Any], None]] = (
    described(DIGEST, "Only where LEBOTS_PLAN_KEY was set: HMAC-SHA-256 over all but itself."),
    lambda _: None,
)
"""The part of a document's table; ``Signing`` writes it, since it covers the other parts."""


def _nobody(words: str) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Signing:
    """Signs and checks with a key; without one, nothing is signed and everything accepted."""

    key: Secret | None = None
    note: Callable[[str], None] = _nobody
    """Told of a signature that nobody checks."""

    def signed(self, what: str, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """The document with its signature; ``what`` it is, so that it passes for nothing else."""
        if self.key is None:
            return document
        return {**document, "signature": self._signature(self.key, what, document)}

    def check(self, what: str, document: Mapping[str, Any]) -> None:
        """Raises Refused where there is a key, and it did not sign this document."""
        found = document.get("signature")
        if self.key is None:
            if found is not None:
                self.note(f"the {what} is signed, but not checked: LEBOTS_PLAN_KEY is not set")
            return
        if found is None:
            raise Refused(f"the {what} is not signed, and LEBOTS_PLAN_KEY is set; {_AGAIN}")
        rest = {name: part for name, part in document.items() if name != "signature"}
        expected = self._signature(self.key, what, rest)
        if not compare_digest(str(found).encode("ascii", "replace"), expected.encode()):
            raise Refused(
                f"the {what} was signed with another LEBOTS_PLAN_KEY, or changed since; {_AGAIN}"
            )

    @staticmethod
    def _signature(key: Secret, what: str, document: Mapping[str, Any]) -> str:
        return key.mac(f"lebots {what}", dumps(document))


_AGAIN = "make it again with the key of this run"

UNSIGNED = Signing()
"""Without a key."""
