"""The account over HTTP: routing, the form of a request, its stages, and the form of an answer."""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from lebots.sandbox import selector
from lebots.sandbox.errors import ApiError, flat_body, service_body
from lebots.sandbox.fields import parse_json
from lebots.sandbox.keys import APP_KEYS, INSTALLATIONS
from lebots.sandbox.lookups import AGENT_GROUPS, LOBS, PROFILES
from lebots.sandbox.operations import Answer, Call, Operations
from lebots.sandbox.resource import Context, Resource
from lebots.sandbox.skills import SKILLS
from lebots.sandbox.store import dumps
from lebots.sandbox.users import USERS

RESOURCES: dict[str, Resource] = {
    resource.collection: resource
    for resource in (SKILLS, USERS, PROFILES, AGENT_GROUPS, LOBS, INSTALLATIONS, APP_KEYS)
}
"""Every collection of the account."""

_ACCOUNT_ID = re.compile(r"[a-zA-Z0-9_]{1,20}")
_WRITES = ("POST", "PUT", "DELETE")
_EVERYWHERE = frozenset({"v", "source"})
_ON_READS = frozenset({"select", "include_deleted"})


@dataclass(frozen=True)
class _Target:
    """Where a path leads."""

    resource: Resource
    account: str
    id: str | None


class Application:
    """The WSGI application. Requests pass one at a time, so any threaded server may call it."""

    def __init__(
        self, context: Context, account: str, *, authenticate: bool, lock: threading.RLock
    ) -> None:
        self._context = context
        self._account = account
        self._authenticate = authenticate
        self._lock = lock
        self._operations = Operations(context)
        self._paths = Map(_rules(), merge_slashes=False).bind("sandbox.invalid")
        self.requests: list[tuple[str, str, int]] = []

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        request = Request(environ)
        with self._lock:
            response = self._respond(request)
            query = request.query_string.decode("latin-1")
            path = f"{request.path}?{query}" if query else request.path
            self.requests.append((request.method, path, response.status_code))
        return response(environ, start_response)

    def _respond(self, request: Request) -> Response:
        style = "flat"
        try:
            target = self._target(request)
            style = target.resource.error_style
            return self._handle(request, target)
        except ApiError as error:
            return self._refusal(error, style)
        except sqlite3.Error as error:
            return self._refusal(ApiError(500, f"The account's file failed: {error}"), style)

    def _handle(self, request: Request, target: _Target) -> Response:
        """The stages of a request. A fault between two of them belongs where the comments stand."""
        self._authorise(target)
        method = _method(request, target)
        call = self._call(request, target, method)
        writes = method in _WRITES
        if writes and not self._context.store.writable:
            raise ApiError(403, "The account's file is read-only")
        verbs = {
            "GET": self._operations.read,
            "POST": self._operations.create,
            "PUT": self._operations.update,
            "DELETE": self._operations.delete,
        }
        # Received: nothing is looked at yet.
        with self._context.store.transaction(write=writes):
            answer = verbs[method](call)
            # Validated, not committed: an exception here undoes everything.
        # Committed, not answered: an exception here loses only the answer.
        return self._response(request, answer)

    # What is asked

    def _target(self, request: Request) -> _Target:
        try:
            collection, found = self._paths.match(request.path)
        except HTTPException:
            raise ApiError(404, f"There is nothing at {request.path}") from None
        return _Target(RESOURCES[collection], found["account"], found.get("id"))

    def _authorise(self, target: _Target) -> None:
        """The account is ours, and so is the caller."""
        if not _ACCOUNT_ID.fullmatch(target.account):
            raise ApiError(400, f"Invalid account id: {target.account}")
        if target.account != self._account:
            status = self._context.rules.foreign_account_status
            raise ApiError(status, f"Unknown account: {target.account}")
        if self._authenticate:
            # No login service is part of the account, so no token was ever given out.
            raise ApiError(401, "Not authenticated")
        if target.resource is LOBS and not self._context.rules.lobs_enabled:
            raise ApiError(403, "LOBs are not enabled in this account")

    def _call(self, request: Request, target: _Target, method: str) -> Call:
        parameters = _parameters(request, target, method)
        chosen = parameters.get("select")
        first_wins = self._context.rules.repeated_parent == "first"
        return Call(
            resource=target.resource,
            id=target.id,
            version=_version(target.resource, parameters.get("v"), method),
            selection=None if chosen is None else selector.parse(chosen, first_wins=first_wins),
            include_deleted=_flag(parameters, "include_deleted"),
            with_users=_flag(parameters, "getUsers"),
            if_match=_revision(request),
            body=self._body(request, target, method),
        )

    def _body(self, request: Request, target: _Target, method: str) -> Any:
        if method == "GET" or (method == "DELETE" and target.id is not None):
            return None
        try:
            return parse_json(request.get_data())
        except ValueError as error:
            raise self._context.invalid(f"Invalid body: {error}") from None

    # What is answered

    def _response(self, request: Request, answer: Answer) -> Response:
        headers: dict[str, str] = {}
        if answer.revision is not None:
            headers = self._revision_headers(answer.revision)
        if answer.created_id is not None:
            headers["location"] = f"{request.path.rstrip('/')}/{answer.created_id}"
        return _json(answer.status, answer.body, headers)

    def _revision_headers(self, revision: int) -> dict[str, str]:
        """The docs have an ETag as well; real answers were seen without (3.2)."""
        headers = {"ac-revision": str(revision), "ETag": f'"{revision}"'}
        chosen = self._context.rules.revision_header
        return headers if chosen == "both" else {chosen: headers[chosen]}

    def _refusal(self, error: ApiError, style: str) -> Response:
        if error.status == 304:
            return _json(304, None, error.headers)
        if style == "service":
            body = service_body(error, int(self._context.now() * 1000))
        else:
            body = flat_body(error, self._context.timestamp())
        return _json(error.status, body, error.headers)


def _rules() -> list[Rule]:
    """One path per collection and one per object; `installations/` is also sent with a slash."""
    rules = []
    for resource in RESOURCES.values():
        rules.append(Rule(resource.path, endpoint=resource.collection))
        rules.append(Rule(f"{resource.path}/<id>", endpoint=resource.collection))
    rules.append(Rule(f"{INSTALLATIONS.path}/", endpoint=INSTALLATIONS.collection))
    return rules


def _method(request: Request, target: _Target) -> str:
    """The verb that is meant, if the target has it (3.2)."""
    method = request.method
    override = request.headers.get("X-HTTP-Method-Override")
    if override is not None and override != method:
        if method != "POST" or override not in ("PUT", "DELETE"):
            raise ApiError(400, f"X-HTTP-Method-Override: {override} on a {method}")
        method = override
    allowed = ["GET"]
    if target.resource.writable:
        allowed += ["POST"] if target.id is None else ["PUT", "DELETE"]
        if target.id is None and not target.resource.app_install:
            allowed += ["PUT", "DELETE"]
    if method not in allowed:
        raise ApiError(405, f"{method} is not allowed here", headers={"Allow": ", ".join(allowed)})
    return method


def _parameters(request: Request, target: _Target, method: str) -> dict[str, str]:
    """The query; a parameter that nobody knows is refused, so that a typo does not go unseen."""
    known = _EVERYWHERE
    if method == "GET" and target.resource is not APP_KEYS:
        known |= _ON_READS
        if target.id is None:
            known |= target.resource.list_parameters
    for name, values in request.args.lists():
        if name not in known:
            raise ApiError(400, f"Unknown parameter: {name}", [name])
        if len(values) > 1:
            raise ApiError(400, f"Parameter given twice: {name}", [name])
    return request.args.to_dict()


def _version(resource: Resource, sent: str | None, method: str) -> float:
    version = resource.default_version if sent is None else sent
    if version is None:
        raise ApiError(400, "Parameter v is required", ["v"])
    if version not in resource.versions:
        raise ApiError(400, f"Invalid version: {version}", ["v"])
    number = float(version)
    if method in _WRITES and number < resource.oldest_to_write:
        needed = resource.oldest_to_write
        raise ApiError(400, f"Version {version} cannot be written, only {needed} and later", ["v"])
    return number


def _flag(parameters: dict[str, str], name: str) -> bool:
    value = parameters.get(name, "false")
    if value not in ("true", "false"):
        raise ApiError(400, f"{name} must be true or false", [name])
    return value == "true"


def _revision(request: Request) -> str | None:
    """If-Match as clients write it: bare, quoted, or as a weak tag (3.2)."""
    sent = request.headers.get("If-Match")
    return None if sent is None else sent.strip().removeprefix("W/").strip('"')


def _json(status: int, body: Any, headers: dict[str, str]) -> Response:
    if body is None:
        return Response(b"", status, headers)
    return Response(dumps(body), status, headers, content_type="application/json")
