"""Collections whose objects belong to others: which requests are about whose object.

An object that is nobody's counts for all that have none of that name. None is made or deleted but
for one owner: a PUT makes what is not there, a POST where the account answers that with 404
(reference 15.1, I).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from lebots.account.answers import Answer
from lebots.core.model.address import Contexts
from lebots.core.model.kind import NOTHING, Endpoint
from lebots.core.model.value import Raw
from lebots.core.vendor.codec import identify
from lebots.errors import AccountError, Conflict, Rejected

_TRIES = 5
_GONE, _TAKEN = 404, 409

Send: TypeAlias = Callable[..., Answer]
"""``send(method, what, owner, body, revision, **query)``: one request about an object, or all."""


@dataclass(frozen=True)
class Owned:
    """One such collection; ``what`` names an object whoever it belongs to."""

    endpoint: Endpoint
    contexts: Contexts
    send: Send

    def of_owners(self, what: str, told: Any = None) -> list[Raw]:
        """The objects of that name that belong to somebody; ``told``: what a list says of them."""
        if isinstance(told, dict) and not told.get(self.contexts.member):
            return []
        data = self.send("GET", what, query=self.contexts.every).data
        members = data.get(self.contexts.member) if isinstance(data, dict) else None
        if not isinstance(members or {}, dict):
            raise AccountError(f"{self.endpoint.name} {what}: the answer tells no objects by owner")
        return [
            {**raw, self.endpoint.name_field: what, self.contexts.field: owner}
            for owner, raw in (members or {}).items()
            if isinstance(raw, dict)
        ]

    def below(self, listed: list[Raw]) -> Iterator[Raw]:
        """The objects of owners beside the listed ones, which are nobody's."""
        for raw in listed:
            what = raw.get(self.endpoint.name_field)
            if isinstance(what, str) and what:
                yield from self.of_owners(what, raw.get(self.contexts.told))

    def own(self, raw: Raw | None, owner: str) -> Raw | None:
        """The object, if it is this owner's; a read may show what counts for all in its place."""
        if raw is None or not owner:
            return raw
        told = raw.get(self.contexts.told)
        owners = told.get(self.contexts.member) if isinstance(told, dict) else None
        mine = str(raw.get(self.contexts.field)) == owner
        if not mine and owner not in map(str, owners or ()):
            return None
        return {**raw, self.contexts.field: owner}

    def create(self, body: Raw, listed: Callable[[], Answer]) -> Raw:
        """Makes an object; raises Rejected where its owner has one by now."""
        id_ = identify(self.endpoint, body).id
        what, _, owner = id_.partition("@")
        for last in (*(False,) * (_TRIES - 1), True):
            revision = listed().revision
            if owner and any(
                identify(self.endpoint, one).id == id_ for one in self.of_owners(what)
            ):
                raise Rejected(f"{self.endpoint.name} {id_}: there is one by now", _TAKEN)
            try:
                answer = self.replace(id_, body, revision)
            except Conflict:
                if last:
                    raise
                continue
            data = answer.data[0] if isinstance(answer.data, list) and answer.data else answer.data
            found = data if isinstance(data, dict) else {}
            return {**found, **({self.contexts.field: owner} if owner else {})}
        raise AssertionError

    def replace(self, id_: str, body: Raw, revision: str) -> Answer:
        """Replaces an object, by its name or else by its number, or makes it."""
        what, _, owner = id_.partition("@")
        sent = {name: value for name, value in body.items() if name != self.contexts.field}
        for place in filter(None, (what, body.get("id"))):
            try:
                return self.send("PUT", str(place), owner, sent, revision)
            except Rejected as error:
                if error.status != _GONE or error.foreign:
                    raise
        # The only client that makes one says whose it is in the object (15.1, C).
        return self.send("POST", "", owner, {**sent, **self._context(owner)})

    def _context(self, owner: str) -> Mapping[str, Any]:
        return {self.contexts.field: int(owner)} if owner else NOTHING

    def delete(self, id_: str, revision: str, fetch: Callable[[], Raw]) -> None:
        """Deletes an object, by its name or else by its number."""
        what, _, owner = id_.partition("@")
        try:
            self.send("DELETE", what, owner, None, revision)
        except Rejected as error:
            number = fetch().get("id") if error.status == _GONE and not error.foreign else None
            if not number:
                raise
            self.send("DELETE", str(number), owner, None, revision)
