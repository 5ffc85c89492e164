"""List, fetch, create, replace and delete for any kind's endpoint; knows no kind by name."""

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import quote

from lebots.account.answers import Answer, Request
from lebots.account.client import Client
from lebots.account.contexts import Owned
from lebots.core.model.address import canonical
from lebots.core.model.kind import NOTHING, Endpoint, Kind
from lebots.core.model.live import Account
from lebots.core.model.ports import Item
from lebots.core.model.value import Raw
from lebots.core.vendor.codec import identify, identity, is_deleted
from lebots.core.vendor.decode import assemble
from lebots.core.vendor.seal import drop, seal
from lebots.errors import AccountError, OutcomeUnknown, Rejected

_NOT_FOUND, _TOO_MANY = 404, 429


class Gateway:
    """An account, read and written through the endpoints that the kinds describe."""

    def __init__(self, client: Client, kinds: Mapping[str, Kind]) -> None:
        self._client = client
        self._kinds = kinds

    def read(self, unasked: frozenset[str] = frozenset()) -> Account:
        """Reads every collection once, those of the kinds aside that nobody asks for.

        One that is refused is marked unreadable; raises Rejected where every one is.
        """
        collections: dict[tuple[str, str], list[Raw]] = {}
        unreadable: dict[str, Rejected] = {}
        asked = {name: kind for name, kind in self._kinds.items() if name not in unasked}
        for kind in asked.values():
            for endpoint in kind.endpoints:
                try:
                    collections[kind.name, endpoint.name] = self._list(endpoint)
                except Rejected as error:
                    if error.status == _TOO_MANY:
                        raise
                    unreadable[endpoint.name] = error
        if not collections:
            raise next(iter(unreadable.values()))
        reasons = {name: str(error) for name, error in unreadable.items()}
        read = assemble(self._client.account, asked, collections, reasons)
        return replace(read, unasked=unasked)

    def find(self, endpoint: Endpoint, name: str) -> list[Raw]:
        """The objects of one collection with exactly this name, deleted ones aside."""
        owned = self._owned(endpoint)
        what, _, owner = name.partition("@")
        listed = owned.of_owners(what) if owned and owner else self._list(endpoint)
        return [
            raw for raw in listed if identify(endpoint, raw).name == name and not is_deleted(raw)
        ]

    def fetch(self, endpoint: Endpoint, id_: str) -> Item:
        """One object, whole, with its secrets sealed; raises AccountError for a foreign shape."""
        request = self._request("GET", endpoint, id_)
        answer = self._send(request, endpoint)
        raw = _object(answer, endpoint)
        if owned := self._owned(endpoint):
            raw = owned.own(raw, id_.partition("@")[2])
            if raw is None:
                raise Rejected(f"{request}: the skill has no text of its own", _NOT_FOUND)
        if raw is None or identity(endpoint, raw)[0] != id_:
            raise AccountError(f"{request}: the answer is another object than the one asked for")
        if not answer.revision:
            raise AccountError(f"{request}: the answer has no revision, so it cannot be changed")
        return Item(raw, answer.revision)

    def create(self, endpoint: Endpoint, body: Raw) -> Raw:
        """Creates one object; returns the answer with its secrets sealed."""
        if owned := self._owned(endpoint):
            made = owned.create(body, lambda: self._send(self._request("GET", endpoint), endpoint))
            if identify(endpoint, made).id != identify(endpoint, body).id:
                raise OutcomeUnknown(f"{endpoint.name}: the answer does not name the new object")
            return made
        request = self._request("POST", endpoint, body=body)
        # Create bodies are documented as a list, single objects work and may be answered as either.
        raw = _object(self._create(request, endpoint), endpoint)
        if raw is None or not _is_named(endpoint, raw, body[endpoint.name_field]):
            raise OutcomeUnknown(f"{request}: the answer does not name the new object")
        return raw

    def replace(self, endpoint: Endpoint, id_: str, body: Raw, revision: str) -> None:
        """Replaces one object whole; raises Conflict where the revision is stale."""
        if owned := self._owned(endpoint):
            owned.replace(id_, body, revision)
            return
        headers = {"If-Match": revision, **endpoint.update_headers}
        self._send(self._request("PUT", endpoint, id_, body=body, headers=headers), endpoint)

    def delete(self, endpoint: Endpoint, id_: str, revision: str) -> None:
        """Deletes one object; raises Conflict where the revision is stale."""
        if owned := self._owned(endpoint):
            owned.delete(id_, revision, lambda: self.fetch(endpoint, id_).raw)
            return
        headers = {"If-Match": revision, "Content-Type": "application/json"}
        request = self._request("DELETE", endpoint, id_, headers=headers)
        self._send(request, endpoint)

    def _create(self, request: Request, endpoint: Endpoint) -> Answer:
        try:
            return self._send(request, endpoint)
        except Rejected as error:
            # How an account without the feature refuses is not known (reference 9.3).
            about_it = set(error.fields) <= endpoint.on_create.keys()
            if error.status not in (400, 403) or not about_it or not endpoint.feature:
                raise
            raise Rejected(f"{error}; {endpoint.feature}", error.status) from None

    def _send(self, request: Request, endpoint: Endpoint) -> Answer:
        try:
            return self._client.send(request)
        except Rejected as error:
            if error.status != 403 or not endpoint.rights:
                raise
            text = f"{error}; {endpoint.rights}"
            raise Rejected(text, error.status, error.fields, foreign=error.foreign) from None

    def _list(self, endpoint: Endpoint) -> list[Raw]:
        request = self._request("GET", endpoint)
        listed = _objects(self._send(request, endpoint), endpoint)
        if listed is None:
            raise AccountError(f"{request}: the answer is not a list of objects")
        # Unreadable is not absent: nothing may be created because a list came back bare (F45).
        if endpoint.never_empty and not listed:
            raise AccountError(
                f"{request}: the list is empty, though every account has {endpoint.name}"
            )
        # A short projection lacks the name: nothing may ever be compared with one (reference 0).
        whole = {endpoint.id_field, endpoint.name_field}
        if listed and not any(whole <= raw.keys() for raw in listed):
            raise AccountError(f"{request}: the objects lack names or ids; was `select` ignored?")
        owned = self._owned(endpoint)
        return [*listed, *owned.below(listed)] if owned else listed

    def _owned(self, endpoint: Endpoint) -> Owned | None:
        """What knows whose objects are, where the collection has such."""
        if (contexts := endpoint.contexts) is None:
            return None

        def send(
            method: str,
            what: str,
            owner: str = "",
            body: Raw | None = None,
            revision: str = "",
            query: Mapping[str, str] = NOTHING,
        ) -> Answer:
            headers = {"If-Match": revision} if revision else {}
            headers |= {"Content-Type": "application/json"} if method == "DELETE" else {}
            request = self._request(method, endpoint, what, body, headers)
            about = {name: one.format(owner=owner) for name, one in contexts.query.items()}
            more = {**(about if owner else {}), **query}
            return self._send(replace(request, query={**request.query, **more}), endpoint)

        return Owned(endpoint, contexts, send)

    def _request(
        self,
        method: str,
        endpoint: Endpoint,
        id_: str = "",
        body: Raw | None = None,
        headers: Mapping[str, str] = NOTHING,
    ) -> Request:
        path = endpoint.path.format(account=self._client.account)
        about: Mapping[str, str] = {}
        if endpoint.contexts and "@" in id_:
            id_, _, owner = id_.partition("@")
            words = {**endpoint.contexts.query, **endpoint.contexts.alone}
            about = {name: word.format(owner=owner) for name, word in words.items()}
        if id_:
            path += f"/{quote(id_, safe='', errors='surrogatepass')}"
        listing = method == "GET" and not id_
        single = endpoint.version_written or endpoint.version
        query = {"v": endpoint.version, **endpoint.query} if listing else {"v": single, **about}
        query = {name: word.format(account=self._client.account) for name, word in query.items()}
        return Request(method, endpoint.service, path, query, body, {**endpoint.headers, **headers})


def _is_named(endpoint: Endpoint, raw: Raw, name: str) -> bool:
    found = identify(endpoint, raw)
    return not found.faults and canonical(found.name) == canonical(name)


def _object(answer: Answer, endpoint: Endpoint) -> Raw | None:
    """The one object of an answer, with its secrets sealed before anything else is done with it."""
    data = answer.data
    if isinstance(data, list) and len(data) == 1:
        data = data[0]
    return seal(data, endpoint.secret) if isinstance(data, dict) else None


def _objects(answer: Answer, endpoint: Endpoint) -> list[Raw] | None:
    """The objects of a list without their secrets; None where it is no list of objects."""
    data = answer.data
    if not (isinstance(data, list) and all(isinstance(raw, dict) for raw in data)):
        return None
    return [drop(raw, endpoint.secret) for raw in data]
