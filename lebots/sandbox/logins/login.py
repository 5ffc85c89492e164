"""The login service (8): users by password, bots by key; refresh and logout."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Iterator
from typing import Any

from werkzeug.wrappers import Request, Response

from lebots.sandbox.collections.users import BOT, password_digest
from lebots.sandbox.collections.users import COLLECTION as USERS
from lebots.sandbox.errors import ApiError
from lebots.sandbox.http import forms, hosts
from lebots.sandbox.http.answers import Route, Visit, check_account, json_answer
from lebots.sandbox.logins.access import usable, user_caller
from lebots.sandbox.logins.rights import ADMINISTRATOR, LPA
from lebots.sandbox.logins.sentinel import same_secret
from lebots.sandbox.logins.sessions import SESSION_LIFETIME, Session, Sessions
from lebots.sandbox.logins.tool import LOGIN_WORD
from lebots.sandbox.objects.fields import Json, array
from lebots.sandbox.objects.resource import ROOT_GROUP, ROOT_GROUP_NAME, Context

_PATH = "/api/account/<account>/"
_KEY = ("appKey", "secret", "accessToken", "accessTokenSecret")
_BY_PASSWORD = frozenset({"username", "password"})
_BY_KEY = frozenset({"username", *_KEY})
_PLACEHOLDER = "dummy"
_PAUSE = 5.0  # seconds to wait after a 429 of the login service (8.5)


class Login:
    """`POST /api/account/{acc}/login`, `/refresh` and `/logout`."""

    def __init__(self, context: Context, account: str, sessions: Sessions) -> None:
        self._context = context
        self._account = account
        self._sessions = sessions
        self._last: dict[str, float] = {}
        self._failures: dict[str, int] = {}

    def routes(self) -> Iterator[tuple[str, Route]]:
        """The three paths."""
        yield f"{_PATH}login", Route(self._login, "nested")
        yield f"{_PATH}refresh", Route(self._refresh, "nested")
        yield f"{_PATH}logout", Route(self._logout, "nested")

    # Login

    def _login(self, visit: Visit) -> Response:
        authority = forms.authority(visit.request)
        body = self._body(visit)
        name = body.get("username")
        if not isinstance(name, str) or not name:
            raise ApiError(400, "username is required")
        with_password = "password" in body
        wanted = _BY_PASSWORD if with_password else _BY_KEY
        if body.keys() != wanted or not all(isinstance(body[one], str) for one in wanted):
            raise ApiError(400, f"A login needs exactly {', '.join(sorted(wanted))}, all texts")
        self._check_pace(name)
        user = self._user(name)
        good = user is not None and usable(user, "isEnabled")
        if user is not None and good:
            check = self._password_fits if with_password else self._key_fits
            good = check(user, body, visit.request)
        if user is None or not good:
            self._count_failure(user)
            raise ApiError(401, "Bad account, user or credentials")
        self._failures.pop(str(user["id"]), None)
        session = self._sessions.open(str(user["id"]))
        response = json_answer(200, self._logged_in(user, session, authority))
        secure = visit.request.is_secure
        cookie = self._context.rules.session_cookie
        response.set_cookie(cookie, session.cookie, path="/", httponly=True, secure=secure)
        return response

    def _check_pace(self, name: str) -> None:
        """451 and 429 (8.5); when they come is not known, so both are switches."""
        rules, now = self._context.rules, self._context.now()
        if rules.login_blocked:
            raise ApiError(451, "Blocked by LivePerson Support")
        if rules.login_rate and now < self._last.get(name, -_PAUSE) + _PAUSE:
            raise ApiError(429, "Too many logins of this user")
        self._last[name] = now

    def _user(self, name: str) -> Json | None:
        """The user with this login name who is not deleted."""
        exact = self._context.rules.names_equal == "exact"
        held = self._context.store.holders("users", name, exact=exact, deleted=False)
        return self._context.store.get("users", held[0]) if len(held) == 1 else None

    def _password_fits(self, user: Json, body: Json, request: Request) -> bool:
        pid, known, sent = str(user.get("pid")), str(user.get("passwordSh", "")), body["password"]
        if known == password_digest(pid, LOGIN_WORD):
            known = password_digest(pid, self._context.in_force(LOGIN_WORD))
        fits = hmac.compare_digest(known, password_digest(pid, sent))
        return user.get("isApiUser") is not True and fits

    def _key_fits(self, user: Json, body: Json, request: Request) -> bool:
        """The preconditions of an application login (8.4)."""
        store, key = self._context.store, body["appKey"]
        if self._context.rules.bot_users == "off":
            return False
        if user.get("userTypeId") != BOT or user.get("isApiUser") is not True:
            return False
        if not key or user.get("allowedAppKeys") != key:
            return False
        application, app_key = store.get("installations", key), store.get("appKeys", key)
        if application is not None:
            return self._application_fits(application, body)
        return app_key is not None and self._app_key_fits(app_key, body, request)

    def _application_fits(self, application: Json, body: Json) -> bool:
        if not usable(application, "enabled") or not same_secret(
            self._context, application, body["secret"]
        ):
            return False
        placeholders = (body["accessToken"], body["accessTokenSecret"])
        if self._context.rules.login_placeholders == "any":
            return all(placeholders)
        return set(placeholders) == {_PLACEHOLDER}

    def _app_key_fits(self, key: Json, body: Json, request: Request) -> bool:
        stored = [str(key.get(name, "")) for name in ("appSecret", "token", "tokenSecret")]
        known = [self._context.in_force(one) for one in stored]
        sent = [body[name] for name in ("secret", "accessToken", "accessTokenSecret")]
        return (
            self._context.rules.oauth1_login == "works"
            and usable(key, "enabled")
            and all(known)
            and hmac.compare_digest("\n".join(known).encode(), _utf8("\n".join(sent)))
            and _in_ranges(request.remote_addr, array(key, "ipRanges"))
        )

    def _count_failure(self, user: Json | None) -> None:
        """Repeated failures disable the user (9.4); after how many is not known: a switch."""
        limit = self._context.rules.login_lockout
        if user is None or not limit or not self._context.store.writable:
            return
        user_id = str(user["id"])
        self._failures[user_id] = self._failures.get(user_id, 0) + 1
        if self._failures[user_id] >= limit and user.get("isEnabled") is True:
            with self._context.store.transaction(write=True):
                disabled = {**user, "isEnabled": False, "disabledManually": True}
                self._context.store.save([USERS.record(disabled)])
                self._context.store.bump("users")

    # Refresh and logout

    def _refresh(self, visit: Visit) -> Response:
        self._sessions.extend(self._session(visit))
        return json_answer(200, None)

    def _logout(self, visit: Visit) -> Response:
        self._sessions.close(self._session(visit))
        return json_answer(200, None)

    def _session(self, visit: Visit) -> Session:
        """The login that cookie and csrf belong to (8.1)."""
        csrf = self._body(visit).get("csrf")
        cookie = visit.request.cookies.get(self._context.rules.session_cookie, "")
        session = self._sessions.of_cookie(cookie)
        if session is None or not isinstance(csrf, str):
            raise ApiError(401, "Bad session")
        if not hmac.compare_digest(session.csrf.encode(), _utf8(csrf)):
            raise ApiError(401, "Bad csrf")
        return session

    def _body(self, visit: Visit) -> Json:
        """The JSON body of a request to this account."""
        request = visit.request
        forms.only(request, "POST")
        check_account(self._context, self._account, visit.values["account"], 401)
        forms.version(forms.parameters(request, {"v"}).get("v"), "1.3")
        return forms.json_object(request)

    # The answer

    def _logged_in(self, user: Json, session: Session, authority: str) -> Json:
        """The answer to a login, as in sample 10.15."""
        store, roles = self._context.store, user_caller(self._context, user).roles
        groups: list[Json] = [{"id": int(ROOT_GROUP), "name": ROOT_GROUP_NAME}]
        groups += [_entry(group) for group in store.all("agentGroups")]
        revision = str(store.revision("agentGroups"))
        return {
            "csrf": session.csrf,
            "wsuk": str(user["id"])[-7:],
            "sessionTTl": str(SESSION_LIFETIME * 1000),
            "bearer": session.bearer,
            "config": {
                "loginName": user.get("loginName"),
                "userId": str(user["id"]),
                "userPid": user.get("pid"),
                "userPrivileges": sorted(roles),
                "serverCurrentTime": int(self._context.now() * 1000),
                "timeDiff": 0,
                "serverTimeZoneName": "UTC",
                "serverTimeGMTDiff": 0,
                "isLPA": LPA in roles,
                "isAdmin": ADMINISTRATOR in roles,
                "accountTimeZoneId": "Etc/UTC",
            },
            "csdsCollectionResponse": {
                "baseURIs": hosts.listing(self._account, authority, self._context.rules)
            },
            "accountData": {"agentGroupsData": {"items": groups, "revision": revision}},
        }


def _entry(group: Json) -> Json:
    return {"id": group["id"], "name": group.get("name")}


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _in_ranges(address: str | None, ranges: list[Any]) -> bool:
    """Whether the caller's address is in one of the ranges of a key; none means everywhere (5b)."""
    if not ranges:
        return True
    try:
        networks = [ipaddress.ip_network(str(one), strict=False) for one in ranges]
        return any(ipaddress.ip_address(address or "") in network for network in networks)
    except ValueError:
        return False
