"""Who is logged in, and which access tokens were given out. Kept in memory: a restart ends all."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any

from lebots.sandbox.objects.resource import Context

SESSION_LIFETIME = 8 * 3600
"""Seconds that a login lasts unless it is refreshed (8.6) [D]."""

TOKEN_LIFETIME = 3600
"""Seconds that an access token lasts (2.2) [D]."""


@dataclass
class Session:
    """One login of one user."""

    user: str
    bearer: str
    csrf: str
    cookie: str
    ends: float


@dataclass(frozen=True)
class Token:
    """An access token of an application."""

    client_id: str
    scope: frozenset[str]
    version: str
    ends: float


class Sessions:
    """The live logins: one per user, a second ends the first (8.6) [D]."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._of_user: dict[str, Session] = {}
        self._of_bearer: dict[str, Session] = {}
        self._of_cookie: dict[str, Session] = {}

    def open(self, user: str) -> Session:
        """Logs a user in, and out wherever else."""
        self.close(self._of_user.get(user))
        bearer, csrf, cookie = (self._value() for _ in range(3))
        session = Session(user, bearer, csrf, cookie, self._context.now() + SESSION_LIFETIME)
        self._of_user[user] = self._of_bearer[bearer] = self._of_cookie[cookie] = session
        return session

    def close(self, session: Session | None) -> None:
        """Ends a login."""
        if session is not None:
            self._of_user.pop(session.user, None)
            self._of_bearer.pop(session.bearer, None)
            self._of_cookie.pop(session.cookie, None)

    def extend(self, session: Session) -> None:
        """Lets a login last its full time from now on."""
        session.ends = self._context.now() + SESSION_LIFETIME

    def of_bearer(self, bearer: str) -> Session | None:
        """The login that this bearer stands for, if it lasts."""
        return self._lasting(self._of_bearer.get(bearer))

    def of_cookie(self, cookie: str) -> Session | None:
        """The login that this cookie stands for, if it lasts."""
        return self._lasting(self._of_cookie.get(cookie))

    def clear(self) -> None:
        """Ends every login."""
        for session in list(self._of_user.values()):
            self.close(session)

    def _lasting(self, session: Session | None) -> Session | None:
        return session if session is not None and session.ends > self._context.now() else None

    def _value(self) -> str:
        """64 hex digits, as in the docs' examples (8.3)."""
        return f"{self._context.random.getrandbits(256):064x}"


class Tokens:
    """The access tokens that have not run out."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._tokens: dict[str, Token] = {}
        self._key = b""

    def issue(self, client_id: str, scope: str, version: str, claims: dict[str, Any]) -> str:
        """A token shaped like the vendor's JWT. Its key is this sandbox's own: HS256, not RS256."""
        now = self._context.now()
        self._tokens = {text: token for text, token in self._tokens.items() if token.ends > now}
        self._key = self._key or self._context.random.randbytes(32)
        issued = {
            "iat": int(now),
            "exp": int(now) + TOKEN_LIFETIME,
            "jti": self._context.new_uuid(),
        }
        parts = [{"alg": "HS256", "typ": "JWT"}, {**claims, "scope": scope, **issued}]
        signed = ".".join(_base64(json.dumps(part).encode()) for part in parts)
        signature = hmac.digest(self._key, signed.encode(), hashlib.sha256)
        text = f"{signed}.{_base64(signature)}"
        ends = now + TOKEN_LIFETIME
        self._tokens[text] = Token(client_id, frozenset(scope.split()), version, ends)
        return text

    def find(self, text: str) -> Token | None:
        """What was given out under this text, if it lasts."""
        token = self._tokens.get(text)
        return token if token is not None and token.ends > self._context.now() else None

    def clear(self) -> None:
        """Forgets every token."""
        self._tokens.clear()


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
