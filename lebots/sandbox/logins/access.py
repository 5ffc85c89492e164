"""Who asks: bearers of users, access tokens of applications, signatures of the site (2.1)."""

from __future__ import annotations

import hmac
from urllib.parse import quote

from werkzeug.wrappers import Request

from lebots.sandbox.errors import ApiError
from lebots.sandbox.http import forms
from lebots.sandbox.logins import oauth1
from lebots.sandbox.logins.rights import APPLICATION, SITE, USER, Caller
from lebots.sandbox.logins.sessions import Sessions, Tokens
from lebots.sandbox.objects.fields import Json, array
from lebots.sandbox.objects.resource import Context

_FORGET_NONCES = 100_000


class Access:
    """The credentials of requests. A caller that cannot be told is refused with a 401."""

    def __init__(self, context: Context, sessions: Sessions, tokens: Tokens) -> None:
        self._context = context
        self._sessions = sessions
        self._tokens = tokens
        self._nonces: dict[tuple[str, str, str], None] = {}

    def clear(self) -> None:
        """Forgets every login, token and nonce."""
        self._sessions.clear()
        self._tokens.clear()
        self._nonces.clear()

    def caller(self, request: Request) -> Caller:
        """Who sends this request."""
        sent = request.headers.get("Authorization", "")
        scheme, _, value = sent.partition(" ")
        if scheme.lower() == "oauth":
            return self._signed(request, sent)
        if scheme.lower() != "bearer":
            raise ApiError(401, "Not authenticated")
        return self._bearer(value.strip())

    def _bearer(self, value: str) -> Caller:
        session, token = self._sessions.of_bearer(value), self._tokens.find(value)
        ends = self._context.rules.access_after_disable == "ended"
        if session is not None:
            user = self._context.store.get("users", session.user)
            if user is None or (ends and not usable(user, "isEnabled")):
                raise ApiError(401, "The user of this bearer is no longer enabled")
            return user_caller(self._context, user)
        if token is None:
            raise ApiError(401, "Bad token")
        if token.version == "1.0" and self._context.rules.v1_tokens == "refused":
            raise ApiError(401, "A token of version 1 is for the Connector API only")
        application = self._context.store.get("installations", token.client_id)
        if ends and (application is None or not usable(application, "enabled")):
            raise ApiError(401, "The application of this token is no longer enabled")
        return Caller(APPLICATION, token.client_id, scope=token.scope)

    # Signatures

    def _signed(self, request: Request, header: str) -> Caller:
        if self._context.rules.oauth1_signatures == "ended":
            raise problem("signature_method_rejected", "OAuth 1 has come to its end of life")
        try:
            sent = oauth1.parse(header)
        except ValueError as error:
            raise problem("parameter_rejected", str(error)) from None
        self._check_form(sent)
        secrets = self._secrets(sent)
        text = _signed_text(request, sent)
        expected = oauth1.signature(text, secrets)
        if not hmac.compare_digest(expected.encode(), sent["oauth_signature"].encode()):
            raise problem("signature_invalid", "The signature does not fit the request")
        self._check_nonce(sent)
        return Caller(SITE, sent["oauth_consumer_key"])

    def _check_form(self, sent: dict[str, str]) -> None:
        needed = ("consumer_key", "signature_method", "signature", "timestamp", "nonce")
        missing = [name for name in needed if not sent.get(f"oauth_{name}")]
        if missing:
            raise problem("parameter_absent", f"Missing: oauth_{missing[0]}")
        if sent["oauth_signature_method"] != "HMAC-SHA1":
            raise problem("signature_method_rejected", "Only HMAC-SHA1")
        if sent.get("oauth_version", "1.0") != "1.0":
            raise problem("version_rejected", "Only 1.0")
        timestamp, window = sent["oauth_timestamp"], self._context.rules.timestamp_window
        if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
            raise problem("parameter_rejected", "oauth_timestamp is no time")
        if window and abs(int(timestamp) - self._context.now()) > window:
            raise problem("timestamp_refused", f"More than {window} s off")

    def _secrets(self, sent: dict[str, str]) -> oauth1.Secrets:
        key = self._context.store.get("appKeys", sent["oauth_consumer_key"])
        if key is None or not usable(key, "enabled"):
            raise problem("consumer_key_unknown", "Unknown or disabled app key")
        consumer, token = (
            self._context.in_force(str(key.get(name))) for name in ("appSecret", "tokenSecret")
        )
        if "oauth_token" not in sent:
            if self._context.rules.two_value_signatures == "refused":
                raise problem("parameter_absent", "Missing: oauth_token")
            return oauth1.Secrets(consumer)
        if sent["oauth_token"] != key.get("token"):
            raise problem("token_rejected", "Unknown token")
        return oauth1.Secrets(consumer, token)

    def _check_nonce(self, sent: dict[str, str]) -> None:
        """A nonce counts once per key and second; only good signatures use one up."""
        names = ("oauth_consumer_key", "oauth_timestamp", "oauth_nonce")
        first, second, third = (sent[name] for name in names)
        if (first, second, third) in self._nonces:
            if self._context.rules.nonce_replay == "refused":
                raise problem("nonce_used", "This nonce was used before")
        elif len(self._nonces) >= _FORGET_NONCES:
            self._nonces.clear()
        self._nonces[(first, second, third)] = None


def problem(code: str, advice: str) -> ApiError:
    """A refusal of the OAuth 1 layer: form-style text (2.5, 10.17) [C]."""
    text = f"oauth_problem={code}&oauth_problem_advice={quote(advice)}"
    return ApiError(401, advice, text=text, headers={"WWW-Authenticate": "OAuth"})


def usable(obj: Json, flag: str) -> bool:
    """Whether an object is neither deleted nor switched off."""
    return obj.get("deleted") is not True and obj.get(flag) is True


def user_caller(context: Context, user: Json) -> Caller:
    """What a user may do follows from the profiles held now."""
    found = (context.store.get("profiles", str(one)) for one in array(user, "profileIds"))
    profiles = [profile for profile in found if profile]
    packages = [item for one in profiles for item in array(one, "permissionPackages")]
    managed = [one for one in array(user, "managerOf") if isinstance(one, dict)]
    return Caller(
        USER,
        str(user["id"]),
        roles=frozenset(_numbers(profiles, "roleTypeId")),
        packages=frozenset(
            _numbers([item for item in packages if _flagged(item, "isEnabled")], "id")
        ),
        groups=frozenset(str(one.get("agentGroupId")) for one in managed),
    )


def _flagged(item: object, name: str) -> bool:
    return isinstance(item, dict) and item.get(name) is True


def _numbers(items: list[Json], name: str) -> list[int]:
    return [item[name] for item in items if isinstance(item.get(name), int)]


def _signed_text(request: Request, sent: dict[str, str]) -> str:
    """The base string of this request, with its path as the client wrote it where that is known."""
    raw = str(request.environ.get("REQUEST_URI", "")).partition("?")[0]
    path = raw if raw.startswith("/") else quote(request.path)
    url = f"{request.scheme}://{forms.authority(request)}{path}"
    query = request.query_string.decode("latin-1")
    try:
        return oauth1.base_string(request.method, url, query, sent.items())
    except ValueError:
        raise problem("signature_invalid", "The address cannot be signed") from None
