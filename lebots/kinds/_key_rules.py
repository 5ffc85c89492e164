"""What the vendor asks of keys beyond the form of their fields (reference 5)."""

from collections.abc import Iterator
from typing import Any

from lebots.core.model.finding import Finding, Severity
from lebots.core.model.live import PlannedState, World

SCOPE_LENGTH = 128
"""Characters, blanks between the words included."""


def _declared(world: World) -> Iterator[PlannedState]:
    for address in sorted(world):
        if address.kind == "Key" and world[address].declared:
            yield world[address]


def past_end_of_life(world: World) -> Iterator[Finding]:
    """OAuth 1 keys that manifests still declare, and the bots that use them."""
    bots: dict[str, list[str]] = {}
    for address in sorted(world):
        if address.kind == "BotUser" and not world[address].unmanaged_reason:
            bots.setdefault(str(world[address].spec.get("key")), []).append(address.name)
    for key in _declared(world):
        if key.spec.get("type") == "oauth1":
            names = bots.get(key.address.name, [])
            more = f" and {len(names) - 3} more" if len(names) > 3 else ""
            using = f"; used by: {', '.join(names[:3])}{more}" if names else ""
            text = (
                "OAuth 1 app keys are past their end of life: logins ended on 2026-04-30, the "
                "protocol on 2026-05-31; declare a key of type oauth2 and let the bots use that"
                f"{using}"
            )
            yield key.finding("key-past-end-of-life", text, Severity.WARNING, "type")


def redirects(world: World) -> Iterator[Finding]:
    """New keys whose grant type needs an address to go back to, and that name none.

    Nine of 34 installed applications have none: of what exists there is nothing to say (reference
    5a, F).
    """
    for key in _declared(world):
        grants: Any = key.spec.get("grant_types") or ()
        if (
            key.live is None
            and "authorization_code" in grants
            and not key.spec.get("redirect_uris")
        ):
            text = "people cannot log in by authorization_code without redirect_uris; name one"
            yield key.finding("redirect-uris-missing", text, Severity.WARNING, "grant_types")


def scope_length(world: World) -> Iterator[Finding]:
    """Keys that ask for more scope than the vendor takes."""
    for key in _declared(world):
        scope: Any = key.spec.get("scope") or ()
        length = len(" ".join(scope))
        if length > SCOPE_LENGTH:
            text = (
                f"scope has {length} characters, blanks between the words included, and the vendor "
                f"takes {SCOPE_LENGTH}; ask for less"
            )
            yield key.finding("scope-too-long", text, Severity.ERROR, "scope")
