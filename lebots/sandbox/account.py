"""`Sandbox`: one account in one file, and everything a caller may do with it."""

from __future__ import annotations

import os
import random as chance
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from lebots.sandbox import seed
from lebots.sandbox.collections import COLLECTIONS
from lebots.sandbox.errors import SandboxError
from lebots.sandbox.http.application import Application
from lebots.sandbox.http.faults import Fault
from lebots.sandbox.logins import tool
from lebots.sandbox.objects import presence
from lebots.sandbox.objects.fields import Json
from lebots.sandbox.objects.operations import delete_object
from lebots.sandbox.objects.resource import Context, Resource
from lebots.sandbox.objects.store import Store
from lebots.sandbox.page import display
from lebots.sandbox.rules.toggles import Rules


class Sandbox:
    """An embedded LivePerson account.

    `path` is its file (`:memory:` for none); it is created and filled if it does not exist. Clock
    and chance come from outside, so that two sandboxes that are asked the same answer the same.
    With `authenticate` requests to the account's collections need a bearer, an access token or a
    signature, as the vendor asks for, and the application for tools is installed; without,
    everybody may do everything. Logins and tokens are given out either way, and end with the
    process.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        account: str = "55501234",
        rules: Rules | None = None,
        now: Callable[[], float] = time.time,
        random: chance.Random | None = None,
        authenticate: bool = False,
    ) -> None:
        rules, random = rules or Rules(), random or chance.SystemRandom()

        def fill(store: Store) -> None:
            seed.fill(Context(store, rules, now, random), account, COLLECTIONS)

        self._store = Store.open(path, fill)
        self._lock = threading.RLock()
        self._context = Context(self._store, rules, now, random)
        self.account: str = self._store.meta("account")
        """Id of the account, as the file has it."""
        self.app = Application(
            self._context, self.account, authenticate=authenticate, lock=self._lock
        )
        """The WSGI application. It raises `ConnectionLost` where a fault breaks the connection."""
        self._authenticate = authenticate
        if authenticate:
            self.tool_access()

    @property
    def requests(self) -> list[tuple[str, str, int]]:
        """Method, path with query, and status of every request since the account was opened; of one
        that is served only the last thousand.

        Secrets in the path or query are `***`; the status is 0 if a fault broke the connection.
        """
        return self.app.requests

    @property
    def faults(self) -> Sequence[Fault]:
        """The faults that are injected. Setting them starts their counting anew."""
        return self.app.faults

    @faults.setter
    def faults(self, faults: Sequence[Fault]) -> None:
        with self._lock:
            self.app.inject(faults)

    @property
    def lags(self) -> bool:
        """Whether a list may not show yet what was written: only where a fault makes it so."""
        return self.app.lags

    def tool_access(self) -> dict[str, str]:
        """How a tool can log in: as the seeded administrator, or as an application for tools.

        Keys: `accountId`; `username`, `password`; `clientId`, `clientSecret`. The application is
        installed by this call if it never was. What somebody has deleted, switched off or given
        another secret is left out.
        """
        if self._store.writable:
            with self._transaction(write=True):
                tool.install(self._context)
        with self._transaction(write=False):
            return {"accountId": self.account} | tool.credentials(self._context)

    def renew_secrets(self) -> None:
        """From now on, in this process, the well-known secrets of the seeded account work for
        nobody; `tool_access` tells what works instead.
        """
        self._context.fresh.update(tool.fresh(self._context.random))

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._store.close()

    def reset(self) -> None:
        """Goes back to the seeded account; everything else is gone, logins too."""
        with self._transaction(write=True):
            self._store.clear()
            seed.fill(self._context, self.account, COLLECTIONS)
            self.app.forget()
            if self._authenticate:
                tool.install(self._context)

    def seed(self, users: int = 0, skills: int = 0) -> None:
        """Adds synthetic human agents and skills, to try a large account."""
        with self._transaction(write=True):
            seed.add(self._context, users, skills)

    def busy(self, login: str, conversations: int, status: str = "ONLINE") -> None:
        """Sets the open conversations of a user, and how available the user is."""
        user = self.find("users", login)
        with self._transaction(write=True):
            presence.note(self._store, str(user["id"]), status, conversations)

    def show(self) -> dict[str, list[Json]]:
        """The account for people: names instead of ids, no secrets, sorted."""
        with self._transaction(write=False):
            return display.show(self._context, COLLECTIONS)

    def dump(self) -> dict[str, list[Json]]:
        """Every object as it is stored, deleted ones too, with `***` for each secret."""
        with self._transaction(write=False):
            return display.dump(self._context, COLLECTIONS)

    def put(self, collection: str, obj: Json) -> int | str:
        """Writes an object past all rules, as a human edit behind a client's back would.

        An id that exists is replaced; without an id one is assigned. The id is returned.
        """
        resource = _resource(collection)
        with self._transaction(write=True):
            object_id = self._identify(resource, obj)
            new = {**obj, resource.id_field: object_id}
            if resource.app_install:
                new.setdefault("client_id", object_id)
            if "deleted" in resource.server_set:
                new.setdefault("deleted", False)
            self._store.save([resource.record(new)])
            self._store.bump(collection)
        return object_id

    def find(self, collection: str, name: str) -> Json:
        """One object by its name, as it is stored; what `put` takes back after an edit."""
        resource = _resource(collection)
        with self._transaction(write=False):
            ids = self._store.holders(collection, name, exact=True, deleted=True)
            found = self._store.get(collection, ids[0]) if ids else None
        if found is None:
            raise SandboxError(f"there is no {name} in {resource.collection}")
        return found

    def remove(self, collection: str, object_id: int | str) -> None:
        """Deletes an object past all rules; softly, as the account deletes."""
        resource = _resource(collection)
        with self._transaction(write=True):
            old = self._store.get(collection, str(object_id))
            if old is None:
                raise SandboxError(f"there is no {object_id} in {collection}")
            delete_object(self._context, resource, old)
            self._store.bump(collection)

    def _identify(self, resource: Resource, obj: Json) -> int | str:
        sent = obj.get(resource.id_field)
        if sent is not None:
            return _native_id(resource, sent)
        if resource.collection == "appKeys":
            return self._context.new_uuid().replace("-", "")
        if resource.collection == "installations":
            return str(obj.get("client_id") or self._context.new_uuid())
        return self._context.new_id()

    @contextmanager
    def _transaction(self, *, write: bool) -> Iterator[None]:
        with self._lock:
            if write and not self._store.writable:
                raise SandboxError("the account's file is read-only")
            try:
                with self._store.transaction(write=write):
                    yield
            except SandboxError:
                raise
            except Exception as error:
                if complaint := self._store.complaint(error):
                    raise SandboxError(f"the account's file {complaint}") from None
                raise


def _native_id(resource: Resource, sent: object) -> int | str:
    """Ids of le-users and ac-common are numbers, the others texts (3.6, 18)."""
    text = str(sent)
    if not resource.numbered:
        return text
    if not text.isascii() or not text.isdigit():
        raise SandboxError(f"an id in {resource.collection} is a number, not {text}")
    return int(text)


def _resource(collection: str) -> Resource:
    if collection not in COLLECTIONS:
        known = ", ".join(sorted(COLLECTIONS))
        raise SandboxError(f"there is no collection {collection}: one of {known}")
    return COLLECTIONS[collection]
