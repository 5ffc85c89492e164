"""Sentinel (2.2): access tokens for the client credentials of an application."""

from __future__ import annotations

import hmac
from collections.abc import Iterator

from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Request, Response

from lebots.sandbox.errors import ApiError
from lebots.sandbox.http import forms
from lebots.sandbox.http.answers import Route, Visit, check_account, json_answer
from lebots.sandbox.logins.access import usable
from lebots.sandbox.logins.sessions import TOKEN_LIFETIME, Tokens
from lebots.sandbox.objects.fields import Json, array
from lebots.sandbox.objects.resource import Context

_FORM = frozenset({"client_id", "client_secret", "grant_type", "scope"})
_PATHS = {
    "2.0": "/sentinel/api/v2/account/<account>/app/token",
    "1.0": "/sentinel/api/account/<account>/app/token",
}


class Sentinel:
    """`POST .../app/token`, in versions 1 and 2."""

    def __init__(self, context: Context, account: str, tokens: Tokens) -> None:
        self._context = context
        self._account = account
        self._tokens = tokens

    def routes(self) -> Iterator[tuple[str, Route]]:
        """One path per version."""
        yield _PATHS["2.0"], Route(lambda visit: self._answer(visit, "2.0"), "oauth2")
        yield _PATHS["1.0"], Route(lambda visit: self._answer(visit, "1.0"), "oauth2")

    def _answer(self, visit: Visit, version: str) -> Response:
        request = visit.request
        forms.only(request, "POST")
        check_account(self._context, self._account, visit.values["account"])
        sent = _form(request, version)
        if sent.get("grant_type") != "client_credentials":
            raise _refused("unsupported_grant_type", "grant_type must be client_credentials")
        application = self._application(sent)
        scope = _scope(application, sent.get("scope"))
        client_id = str(application["client_id"])
        claims = {"iss": "https://sentinel", "aud": self._account, "azp": client_id}
        token = self._tokens.issue(client_id, scope, version, claims)
        as_text = self._context.rules.expires_in == "text"
        expires_in = str(TOKEN_LIFETIME) if as_text else TOKEN_LIFETIME
        body = {"access_token": token, "token_type": "Bearer", "expires_in": expires_in}
        return json_answer(200, body, {"Cache-Control": "no-store"})

    def _application(self, sent: dict[str, str]) -> Json:
        """The application with these credentials, if it may use them."""
        rules = self._context.rules
        found = self._context.store.get("installations", sent["client_id"])
        known = found is not None and usable(found, "enabled")
        if (
            found is None
            or not known
            or not same_secret(self._context, found, sent["client_secret"])
        ):
            body = {"error": "invalid_client", "error_description": "Unknown client or bad secret"}
            raise ApiError(rules.invalid_client_status, body["error_description"], body=body)
        grants = found.get("grant_types")
        refused = rules.absent_grant_types == "refused" if grants is None else False
        if refused or (
            grants is not None and "client_credentials" not in array(found, "grant_types")
        ):
            raise _refused("unauthorized_client", "The application has no client_credentials")
        return found


def same_secret(context: Context, application: Json, sent: object) -> bool:
    """Whether `sent` is the secret of an application that has one."""
    known = application.get("client_secret")
    if not isinstance(known, str) or not isinstance(sent, str) or not known:
        return False
    known = context.in_force(known)
    return hmac.compare_digest(known.encode("utf-8", "replace"), sent.encode("utf-8", "replace"))


def _form(request: Request, version: str) -> dict[str, str]:
    """The credentials: a form body, or, as some clients do, the query string (2.2)."""
    forms.parameters(request, _FORM | {"v"})
    forms.version(request.args.get("v"), version)
    if request.content_length and request.mimetype != "application/x-www-form-urlencoded":
        raise ApiError(400, "The body must be a form (application/x-www-form-urlencoded)")
    both = MultiDict(request.form)
    both.update({name: value for name, value in request.args.items() if name != "v"})
    for name, values in both.lists():
        if name not in _FORM:
            raise ApiError(400, f"Unknown parameter: {name}")
        if len(values) > 1:
            raise ApiError(400, f"Parameter given twice: {name}")
    for name in ("client_id", "client_secret", "grant_type"):
        if not both.get(name):
            raise ApiError(400, f"Parameter {name} is required")
    return both.to_dict()


def _scope(application: Json, asked: str | None) -> str:
    held = str(application.get("scope") or "")
    if asked and not set(asked.split()) <= set(held.split()):
        raise _refused("invalid_scope", "The application does not have this scope")
    return asked or held


def _refused(code: str, reason: str) -> ApiError:
    return ApiError(400, reason, body={"error": code, "error_description": reason})
