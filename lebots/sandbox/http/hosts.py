"""The Domain API (1): which host answers for which service. Here all of them are this server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from werkzeug.wrappers import Response

from lebots.sandbox.errors import ApiError
from lebots.sandbox.http import forms
from lebots.sandbox.http.answers import Route, Visit, check_account, json_answer
from lebots.sandbox.objects.fields import Json
from lebots.sandbox.objects.resource import Context
from lebots.sandbox.rules.toggles import Rules

# The first five are those that matter (1.3); the sixth is where LivePerson's own SDK goes after the
# login. It has no other use here.
_SERVED = (
    "accountConfigReadWrite",
    "agentVep",
    "sentinel",
    "accountConfigReadOnly",
    "appKeyManagement",
    "asyncMessagingEnt",
    "agentManagerWorkspace",
)

# As uneven as the real ones (1.4) [F], and in no order. Nobody calls them; nothing answers there.
_UNSERVED = {
    "logingateway": "http://zz1-internal.lpcloud.invalid:8080",
    "botConnectorsDomain": "zz1.bot-connectors.liveperson.invalid",
    "oauthclientmgr": "https://zz1.oauthclientmgr.liveperson.invalid/",
    "thirdPartyBots": "zz1.bot-platform-api.liveperson.invalid/api/v1",
}

_PREFIXES = ("/api/account/<account>/service", "/csdr/account/<account>/service")
_FILES = ("baseURI.json", "baseURI")


def listing(account: str, authority: str, rules: Rules) -> list[Json]:
    """Every service with the host that answers for it, for a client that came to `authority`."""
    uneven = list(_UNSERVED.items())
    missing = {"agentManagerWorkspace"} if rules.agent_view == "absent" else set()
    served = [(service, authority) for service in _SERVED if service not in missing]
    return [
        {"service": service, "account": account, "baseURI": uri}
        for service, uri in (*uneven[:2], *served[:3], *uneven[2:], *served[3:])
    ]


class Hosts:
    """`GET .../service[/{service}]/baseURI[.json]`; nobody has to be logged in (1.1)."""

    def __init__(self, context: Context, account: str) -> None:
        self._context = context
        self._account = account

    def routes(self) -> Iterator[tuple[str, Route]]:
        """Paths with and without the service, in all spellings that were seen (1.1)."""
        route = Route(self._answer, "service", in_clear=True)
        for prefix in _PREFIXES:
            for file in _FILES:
                yield f"{prefix}/{file}", route
                yield f"{prefix}/<service>/{file}", route

    def _answer(self, visit: Visit) -> Response:
        request, rules = visit.request, self._context.rules
        forms.only(request, "GET")
        sent = forms.parameters(request, {"version"}).get("version")
        if sent is None and rules.hosts_version == "required":
            raise ApiError(400, "Parameter version is required", ["version"])
        forms.version(sent, "1.0", name="version")
        unknown = rules.hosts_of_unknown_account
        empty = unknown == "empty" and visit.values["account"] != self._account
        if not empty:
            status = unknown if isinstance(unknown, int) else None
            check_account(self._context, self._account, visit.values["account"], status)
        found = [] if empty else listing(self._account, forms.authority(request), rules)
        service = visit.values.get("service")
        return json_answer(
            200, {"baseURIs": found} if service is None else self._one(service, found)
        )

    def _one(self, service: str, found: list[Json]) -> Any:
        rules = self._context.rules
        chosen = [entry for entry in found if entry["service"] == service]
        if not chosen and found and rules.hosts_of_unknown_service != "empty":
            raise ApiError(rules.hosts_of_unknown_service, f"Unknown service: {service}")
        if chosen and rules.single_service == "object":
            return chosen[0]
        return {"baseURIs": chosen}
