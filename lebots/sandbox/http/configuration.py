"""Account configuration, app-install and the key manager over HTTP (3 to 7): form and answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Request, Response

from lebots.sandbox.collections import COLLECTIONS
from lebots.sandbox.errors import ApiError
from lebots.sandbox.http import forms
from lebots.sandbox.http.answers import Route, Visit, check_account, json_answer
from lebots.sandbox.http.lag import History, Snapshot
from lebots.sandbox.logins import rights
from lebots.sandbox.logins.access import Access
from lebots.sandbox.logins.rights import NOBODY_ASKED, Caller
from lebots.sandbox.objects import selector
from lebots.sandbox.objects.fields import parse_json
from lebots.sandbox.objects.operations import Answer, Call, Operations
from lebots.sandbox.objects.resource import Context, Resource

_WRITES = ("POST", "PUT", "DELETE")
_EVERYWHERE = frozenset({"v", "source"})
_ON_READS = frozenset({"select", "include_deleted"})


@dataclass(frozen=True)
class _Target:
    """What one request is about."""

    visit: Visit
    resource: Resource
    id: str | None

    @property
    def request(self) -> Request:
        return self.visit.request


class Configuration:
    """The collections of the account, and the objects in them."""

    def __init__(
        self,
        context: Context,
        account: str,
        access: Access,
        history: History,
        *,
        authenticate: bool,
    ) -> None:
        self._context = context
        self._account = account
        self._access = access
        self._history = history
        self._authenticate = authenticate
        self._operations = Operations(context)
        self.remembers = False
        """Whether states are kept for lists that lag."""

    def routes(self) -> Iterator[tuple[str, Route]]:
        """One path per collection and one per object; `installations/` also comes with a slash."""
        for resource in COLLECTIONS.values():
            route = self._route(resource)
            yield resource.path, route
            yield f"{resource.path}/<id>", route
            if resource.app_install:
                yield f"{resource.path}/", route

    def _route(self, resource: Resource) -> Route:
        def answer(visit: Visit) -> Response:
            return self._handle(_Target(visit, resource, visit.values.get("id")))

        return Route(answer, resource.error_style)

    def _handle(self, target: _Target) -> Response:
        """The stages of a request."""
        check_account(self._context, self._account, target.visit.values["account"])
        caller = self._access.caller(target.request) if self._authenticate else NOBODY_ASKED
        if target.resource.collection == "lobs" and not self._context.rules.lobs_enabled:
            raise ApiError(403, "LOBs are not enabled in this account")
        method = _method(target)
        writes = method in _WRITES
        collection = target.resource.collection
        rights.check(caller, collection, self._context.rules, writes=writes)
        call = self._call(target, method, caller)
        if writes and not self._context.store.writable:
            raise ApiError(403, "The account's file is read-only")
        return self._response(target.request, self._carry_out(call, method, writes=writes))

    def _carry_out(self, call: Call, method: str, *, writes: bool) -> Answer:
        own = call.resource.verbs
        carried_out_by = own(self._context, self._account) if own else self._operations
        verbs = {
            "GET": carried_out_by.read,
            "POST": carried_out_by.create,
            "PUT": carried_out_by.update,
            "DELETE": carried_out_by.delete,
        }
        with self._context.store.transaction(write=writes):
            remembers = writes and self.remembers
            before = self._history.snapshot(call.resource) if remembers else None
            answer: Answer = verbs[method](call)
        if before is not None:
            self._history.keep(call.resource, before)
        return answer

    def _call(self, target: _Target, method: str, caller: Caller) -> Call:
        parameters = _parameters(target, method)
        chosen = parameters.get("select")
        first_wins = self._context.rules.repeated_parent == "first"
        return Call(
            resource=target.resource,
            id=target.id,
            version=_version(target.resource, parameters.get("v"), method),
            selection=None if chosen is None else selector.parse(chosen, first_wins=first_wins),
            include_deleted=_flag(parameters, "include_deleted"),
            with_users=_flag(parameters, "getUsers"),
            query=parameters,
            if_match=_revision(target.request),
            body=self._body(target, method),
            caller=caller,
            earlier=self._earlier(target, method),
        )

    def _earlier(self, target: _Target, method: str) -> Snapshot | None:
        """What a list shows that a fault makes lag behind."""
        fault = target.visit.strike.lagging
        if fault is None or method != "GET" or target.id is not None:
            return None
        return self._history.seen(target.resource, fault.lag, fault.lag_lists)

    def _body(self, target: _Target, method: str) -> Any:
        if method == "GET" or (method == "DELETE" and target.id is not None):
            return None
        try:
            return parse_json(target.request.get_data())
        except ValueError as error:
            raise self._context.invalid(f"Invalid body: {error}") from None

    def _response(self, request: Request, answer: Answer) -> Response:
        headers: dict[str, str] = {}
        if answer.revision is not None:
            headers = self._revision_headers(answer.revision)
        if answer.created_id is not None:
            headers["location"] = f"{request.path.rstrip('/')}/{answer.created_id}"
        return json_answer(answer.status, answer.body, headers)

    def _revision_headers(self, revision: int) -> dict[str, str]:
        """The docs have an ETag as well; real answers were seen without (3.2)."""
        headers = {"ac-revision": str(revision), "ETag": f'"{revision}"'}
        chosen = self._context.rules.revision_header
        return headers if chosen == "both" else {chosen: headers[chosen]}


def _method(target: _Target) -> str:
    """The verb that is meant, if the target has it (3.2)."""
    method = target.request.method
    override = target.request.headers.get("X-HTTP-Method-Override")
    if override is not None and override != method:
        if method != "POST" or override not in ("PUT", "DELETE"):
            raise ApiError(400, f"X-HTTP-Method-Override: {override} on a {method}")
        method = override
    allowed = ["GET"]
    if target.resource.writable:
        if target.id is None:
            allowed += ["POST"]
        else:
            allowed += ["PUT", "DELETE"] if target.resource.put_one else ["DELETE"]
        if target.id is None and not target.resource.app_install:
            allowed += ["PUT", "DELETE"]
    if method not in allowed:
        forms.refuse_method(method, allowed)
    return method


def _parameters(target: _Target, method: str) -> dict[str, str]:
    known = _EVERYWHERE | target.resource.parameters
    if method == "GET" and target.resource.collection != "appKeys":
        known |= _ON_READS
        if target.id is None:
            known |= target.resource.list_parameters
    return forms.parameters(target.request, known)


def _version(resource: Resource, sent: str | None, method: str) -> float:
    version = resource.default_version if sent is None else sent
    if version is None:
        raise ApiError(400, "Parameter v is required", ["v"])
    forms.version(version, *resource.versions)
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
