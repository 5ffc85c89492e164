"""Key messaging metrics (24): the agent view, which tells of agents without a login as them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from werkzeug.wrappers import Request, Response

from lebots.sandbox.collections.users import AGENT, BOT
from lebots.sandbox.errors import ApiError
from lebots.sandbox.http import forms
from lebots.sandbox.http.answers import Route, Visit, check_account, json_answer
from lebots.sandbox.logins.access import Access, usable
from lebots.sandbox.logins.rights import NOBODY_ASKED, Caller, sees
from lebots.sandbox.objects import presence
from lebots.sandbox.objects.fields import Json, array
from lebots.sandbox.objects.resource import Context

_PATH = "/manager_workspace/api/account/<account>/agent_view"
_MOST = 1000
_SLOTS_OF_THE_ACCOUNT = 30
_DAY, _KEPT = 24 * 3600 * 1000, 14 * 24 * 3600 * 1000
_SLACK = 2 * 60 * 1000  # both ends are rounded to the minute
_TYPES = ("SYSTEM", "HUMAN", "BOT")
_MEMBERS = frozenset(
    {
        "filters",
        "includeAgentMetadata",
        "metricsToRetrieveByTime",
        "metricsToRetrieveCurrentValue",
    }
)
_FILTERS: Mapping[str, Callable[[Json], list[str]]] = {
    "agentIds": lambda user: [str(user["id"])],
    "agentGroupIds": lambda user: [str(_group(user))],
    "agentSkillIds": lambda user: [str(one) for one in array(user, "skillIds")],
    "userTypes": lambda user: [_TYPES[user.get("userTypeId", 1)]],
}
_CURRENT = {
    "active_conversations": "activeConversations",
    "assigned_conversations": "assignedConversations",
    "agent_load": "agentLoad",
    "agent_current_status": "agentCurrentStatus",
    "available_slots": "availableSlots",
    "max_slots": "maxSlots",
}
_SORTS = {"agentId", "agentStatus", *_CURRENT.values()} - {"agentCurrentStatus"}


class Metrics:
    """`POST /manager_workspace/api/account/{acc}/agent_view`."""

    def __init__(
        self, context: Context, account: str, access: Access, *, authenticate: bool
    ) -> None:
        self._context = context
        self._account = account
        self._access = access
        self._authenticate = authenticate

    def routes(self) -> Iterator[tuple[str, Route]]:
        """Its one path."""
        yield _PATH, Route(self._answer, "service")

    def _answer(self, visit: Visit) -> Response:
        request, rules = visit.request, self._context.rules
        if rules.agent_view == "absent":
            raise ApiError(404, f"There is nothing at {request.path}")
        forms.only(request, "POST")
        check_account(self._context, self._account, visit.values["account"])
        caller = self._access.caller(request) if self._authenticate else NOBODY_ASKED
        if rules.agent_view == "refused":
            raise ApiError(403, "Privilege error: the agent view needs a scope of its own")
        sent = forms.parameters(request, {"offset", "limit", "sort"})
        offset, limit = _number(sent, "offset", 0), _number(sent, "limit", 50)
        if offset + limit > _MOST:
            raise ApiError(400, f"offset and limit are at most {_MOST} together")
        body = _body(request)
        self._check_time(body["filters"])
        with self._context.store.transaction(write=False):
            records = [self._record(user, body) for user in self._agents(caller, body["filters"])]
        records = _sorted(records, sent.get("sort", "agentId:asc"))
        shown = [_asked(one, body) for one in records[offset : offset + limit]]
        return json_answer(200, {"metadata": {"count": len(records)}, "agentViewRecords": shown})

    def _agents(self, caller: Caller, filters: Json) -> Iterator[Json]:
        statuses = _listed(filters, "effectiveAgentStatus") or presence.LOGGED_IN
        for user in self._context.store.all("users"):
            if not (self._is_agent(user) and sees(caller, user)):
                continue
            wanted = ((_listed(filters, name), of(user)) for name, of in _FILTERS.items())
            if presence.of(self._context.store, str(user["id"])).status in statuses and all(
                not asked or set(asked) & set(has) for asked, has in wanted
            ):
                yield user

    def _is_agent(self, user: Json) -> bool:
        """Whether the view has a user: an agent with slots, neither deleted nor disabled."""
        if user.get("userTypeId") == BOT and self._context.rules.agent_view_bots == "left_out":
            return False
        profiles = (self._context.store.get("profiles", str(i)) for i in array(user, "profileIds"))
        roles = {profile.get("roleTypeId") for profile in profiles if profile}
        return usable(user, "isEnabled") and AGENT in roles and _slots(user) != 0

    def _record(self, user: Json, body: Json) -> Json:
        status, conversations = presence.of(self._context.store, str(user["id"]))
        slots = _slots(user)
        metadata = {"agentLoginName": user["loginName"], "agentNickname": user.get("nickname")}
        return {
            "agentId": str(user["id"]),
            "agentGroupId": _group(user),
            "agentStatus": status,
            "agentCurrentStatus": status,
            "activeConversations": conversations,
            "assignedConversations": conversations,
            "agentLoad": round(conversations / slots, 3),
            "maxSlots": slots,
            "availableSlots": max(0, slots - conversations),
            "agentMetadata": metadata | {"configuredMaxSlots": slots},
        }

    def _check_time(self, filters: Json) -> None:
        time = filters.get("time")
        start, end = (time.get("from"), time.get("to")) if isinstance(time, dict) else (None, None)
        if type(start) is not int or type(end) is not int:
            raise ApiError(400, "filters.time needs from and to, in milliseconds")
        if not 0 <= end - start <= _DAY:
            raise ApiError(400, "filters.time is 24 hours at most")
        if start < self._context.now() * 1000 - _KEPT - _SLACK:
            raise ApiError(400, "filters.time is older than what is kept")


def _body(request: Request) -> Json:
    body = forms.json_object(request)
    if unknown := sorted(body.keys() - _MEMBERS):
        raise ApiError(400, f"Unknown member: {unknown[0]}")
    filters = body.get("filters")
    if not isinstance(filters, dict):
        raise ApiError(400, "filters is required")
    if unknown := sorted(filters.keys() - _FILTERS.keys() - {"time", "effectiveAgentStatus"}):
        raise ApiError(400, f"Unknown filter: {unknown[0]}")
    for status in _listed(filters, "effectiveAgentStatus"):
        if status not in presence.STATUSES:
            raise ApiError(400, f"Unknown status: {status}")
    return body


def _asked(record: Json, body: Json) -> Json:
    """What was asked for of one agent."""
    names = {_CURRENT.get(one, "") for one in _listed(body, "metricsToRetrieveCurrentValue")}
    names |= {"agentId", "agentGroupId"}
    if str(body.get("includeAgentMetadata", True)).lower() == "true":
        names.add("agentMetadata")
    return {name: value for name, value in record.items() if name in names}


def _listed(holder: Json, name: str) -> list[str]:
    """The texts of a member; one text alone is taken as a list of it, as an older page has it."""
    value: Any = holder.get(name, [])
    found = [value] if isinstance(value, str) else value
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise ApiError(400, f"{name} is a list of texts")
    return found


def _sorted(records: list[Json], sort: str) -> list[Json]:
    name, _, order = sort.partition(":")
    if name not in _SORTS or order not in ("", "asc", "desc"):
        raise ApiError(400, f"Invalid sort: {sort}", ["sort"])
    return sorted(records, key=lambda one: one[name], reverse=order == "desc")


def _number(sent: Mapping[str, str], name: str, default: int) -> int:
    text = sent.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise ApiError(400, f"{name} is a number", [name])
    return int(text)


def _slots(user: Json) -> int:
    """The most conversations at once; who has no number has that of the account."""
    own = user.get("maxAsyncChats")
    return own if isinstance(own, int) and own >= 0 else _SLOTS_OF_THE_ACCOUNT


def _group(user: Json) -> Any:
    member = user.get("memberOf")
    return member.get("agentGroupId") if isinstance(member, dict) else -1
