"""Random accounts, made through the sandbox: sound ones by its rules, and odd ones past them.

Whatever an account holds, its secrets have ``CANARY`` in them.
"""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import httpx

from lebots import kinds
from lebots.account.client import Client
from lebots.account.gateway import Gateway
from lebots.cli.commands.import_ import manifests_of
from lebots.core.importer.select import Choice, Imported
from lebots.core.model.desired import Desired
from lebots.core.model.finding import Finding
from lebots.core.model.options import NO_LIMITS
from lebots.core.model.ports import Credential
from lebots.files import manifests
from lebots.files.layout import files
from lebots.files.yaml.writer import write_files
from lebots.run.inputs.session import Session
from lebots.run.interruptible_sleep import InterruptibleSleep
from tests.sandbox.support import (
    ADMINISTRATOR,
    AGENT,
    AGENT_MANAGER,
    APPS,
    BILLING,
    BOTS,
    HOLIDAYS,
    LEGACY_KEY,
    NIGHTS,
    RETAIL,
    SALES_GROUP,
    SKILLS,
    SUPPORT,
    SURVEY,
    USERS,
    WEEKDAYS,
    WHOLESALE,
    Account,
    application,
    bot,
    human,
)
from tests.toys import Drawer

KINDS = kinds.load()
DECLARED = frozenset(kind.name for kind in KINDS.values() if not kind.lookup_only)
"""The kinds that manifests can declare: all of them are imported."""
CANARY = "canary-of-a-secret"
_GROUPS = (-1, BOTS, SUPPORT, SALES_GROUP)
_NAMES = (
    "faq", "routing bot", "Große Hilfe", "請求書", "a/b", "../up", "no", "010", "12:30", "null",
    "- x", "# x", "a: b", "{x}", "'quoted'", '"x"', "::error::x", "##[x]", "@all", "con", "lebots",
    ".hidden", "-rf", "~", "a" * 120, "x*", "<b>", "%20", "50%", "\U0001f916", "e\u00e9", "$(x)",
)  # fmt: skip
_TEXTS = (
    "", "plain", " outer blanks ", "two\nlines\n", "tab\tinside", "no", "1e3", "# no comment",
    "a: b", "- a", "'", '"', "\\n", "é", "\U0001f916", "|", "---", "%x", "0x1f", "2026-01-05",
)  # fmt: skip
_ODD_TEXTS = (
    "\u202eright to left", "bell\a", "\x85", "cr\rhere", "\ufeff", "x" * 4097, "\ud83e", "\u2028"
)  # fmt: skip
_ODD_NAMES = (
    "\u202ename", "tab\tname", "line\nname", " blank ", "e\u0301", "bell\a", "x" * 256, "\ud83e",
    "\u200b", "a\u00a0b",
)  # fmt: skip
_SINKS = ("default", "runtime")
_EVENT = "ms.MessagingEventNotification.ContentEvent"
_AGENT_FIELDS = ("maxChats", "maxAsyncChats", "memberOf", "skillIds")


@dataclass
class World:
    """An account with its sinks, and what is needed to import it and to apply to it."""

    account: Account
    sinks: Mapping[str, Drawer] = field(
        default_factory=lambda: {name: Drawer(name) for name in _SINKS}
    )

    @contextmanager
    def session(self) -> Iterator[Session]:
        """The account, opened as a run opens it."""
        transport = httpx.WSGITransport(app=self.account.sandbox.app)
        with httpx.Client(transport=transport, trust_env=False) as http:
            client = Client(self.account.sandbox.account, http, lambda service: "https://x.test")
            gateway = Gateway(client, KINDS)
            waiting = InterruptibleSleep(sleep=lambda seconds: None)
            yield Session("made-up", client, gateway, self.sinks, KINDS, waiting, NO_LIMITS)

    def imported(self, *, full: bool) -> Imported:
        """What an import of everything gives."""
        with self.session() as session:
            return manifests_of(session, Choice(DECLARED, full=full))

    def close(self) -> None:
        self.account.http.close()
        self.account.sandbox.close()


def read_back(imported: Imported, *, flat: bool) -> tuple[list[Desired], list[Finding], str]:
    """The manifests once they were written to files and read again, with all of their text."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "manifests"
        planned = files(imported.documents, KINDS, lambda path: False, flat=flat)
        write_files(folder, {file.path: file.text for file in planned})
        assert {path.name for path in Path(name).iterdir()} <= {"manifests"}
        found = [path for path in folder.rglob("*") if path.is_file()]
        assert len(found) == len(planned)
        if not planned:
            return [], [], ""
        desired, findings = manifests.load([folder], KINDS)
        return desired, findings, "".join(path.read_text(encoding="utf-8") for path in found)


def sound(random: Random) -> World:
    """An account that its own rules allow."""
    world = World(Account(random=Random(1)))
    chance = _Chance(random)
    skills = [
        world.account.create(SKILLS, _skill(chance, name)) for name in chance.names(_NAMES, 4)
    ]
    for skill in skills:
        links = _links(chance, [other["id"] for other in skills] + [BILLING])
        assert world.account.change(SKILLS, skill["id"], **links).status_code == 200
    keys = [
        world.account.create(APPS, _application(chance, name)) for name in chance.names(_NAMES, 3)
    ]
    logins = chance.names(_NAMES, 4)
    for number, login in enumerate(logins):
        body = _user(chance, login, number, [s["id"] for s in skills], [k["id"] for k in keys])
        world.account.create(USERS, body)
    for key in keys:
        stored = world.account.sandbox.find("installations", key["client_name"])
        world.account.sandbox.put("installations", {**stored, "client_secret": CANARY})
        if chance.often():
            _deliver(world, chance.of(_SINKS), key, key["id"])
    return world


def odd(random: Random) -> World:
    """An account that people, other tools and older rules have left their marks on."""
    world = sound(random)
    chance, sandbox = _Chance(random), world.account.sandbox
    for _ in range(chance.number(6)):
        collection = chance.of(_ODD)
        one = _one_of(chance, world, collection)
        sandbox.put(collection, {**one, **_oddity(chance, collection)})
    for collection in _ODD:
        if chance.rarely():
            name = _NAME_FIELDS[collection]
            one = _one_of(chance, world, collection)
            twin = {part: value for part, value in one.items() if part not in ("id", "client_id")}
            sandbox.put(collection, {**twin, name: one[name].upper()})
        if chance.rarely():
            sandbox.remove(collection, _one_of(chance, world, collection)["id"])
    for key in world.account.list(APPS):
        if chance.rarely():
            sink = chance.of(_SINKS)
            if chance.often():
                world.sinks[sink].announce(world.account.sandbox.account, key["client_name"], "x")
            else:
                _deliver(world, sink, key, "id-of-another")
    if chance.rarely():
        sandbox.put("agentGroups", {"name": "Support", "isEnabled": True, "parentGroupId": -1})
    return world


def _one_of(chance: "_Chance", world: World, collection: str) -> dict[str, Any]:
    """One object as it is stored, found there if there was none."""
    if not (found := world.account.list(_PATHS[collection])):
        new = {"client_name": "found", "client_secret": CANARY, "is_internal": False}
        world.account.sandbox.put(collection, new)
        found = [new]
    name = _NAME_FIELDS[collection]
    return world.account.sandbox.find(collection, chance.of(found)[name])


class _Chance:
    """What is drawn from."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def of(self, values: Sequence[Any]) -> Any:
        return values[self._random.randrange(len(values))]

    def some(self, values: Sequence[Any], most: int = 3) -> list[Any]:
        count = self._random.randrange(min(most, len(values)) + 1)
        return self._random.sample(list(values), count)

    def names(self, values: Sequence[str], most: int) -> list[str]:
        return self.some(values, most)

    def number(self, below: int) -> int:
        return self._random.randrange(below)

    def often(self) -> bool:
        return self._random.random() < 0.5

    def rarely(self) -> bool:
        return self._random.random() < 0.15

    def object(self, **values: Any) -> dict[str, Any]:
        """Each of the values or not; a function gives the value."""
        return {
            name: value() if callable(value) else value
            for name, value in values.items()
            if self.often()
        }


def _skill(chance: _Chance, name: str) -> dict[str, Any]:
    def route() -> dict[str, Any]:
        share = chance.number(101)
        return {"agentGroupId": chance.of(_GROUPS), "priority": 1, "splitPercentage": share}

    return {"name": name} | chance.object(
        description=lambda: chance.of(_TEXTS),
        skillOrder=lambda: chance.number(3),
        wrapUpTime=lambda: chance.number(3),
        maxWaitTime=lambda: chance.of((0, 120, 300)),
        canTransfer=chance.often,
        fallbackWhenAllAgentsAreAway=chance.often,
        lobIds=lambda: chance.some((RETAIL, WHOLESALE)),
        skillRoutingConfiguration=lambda: [route() for _ in range(chance.number(3))],
        workingHoursId=lambda: chance.of((None, WEEKDAYS, NIGHTS)),
        specialOccasionId=lambda: chance.of((None, HOLIDAYS)),
        slaUrgentResponseTime=lambda: chance.of((None, 0, 60)),
        defaultAgentSurveyId=lambda: chance.of((None, "7", "no")),
        redistributeLoadToConnectedAgentGroups=True,
    )


def _links(chance: _Chance, skills: Sequence[int]) -> dict[str, Any]:
    return chance.object(
        fallbackSkill=lambda: chance.of((None, *skills)),
        skillTransferList=lambda: chance.of((None, [], chance.some(skills))),
    )


def _application(chance: _Chance, name: str) -> dict[str, Any]:
    secret = [{"header_name": "X-Secret", "header_value": CANARY}]
    hook = {
        "endpoint": f"https://user:{CANARY}@hooks.example.com/a?token={CANARY}",
        "headers": secret,
        **chance.object(max_retries=3),
    }
    grants = chance.some(("client_credentials", "authorization_code", "refresh_token"))
    more = {"redirect_uris": ["https://x.example.com/"]} if "authorization_code" in grants else {}
    return (
        application(name, grant_types=grants)
        | more
        | chance.object(
            display_name=lambda: chance.of(_TEXTS),
            description=lambda: chance.of(_TEXTS),
            enabled=chance.often,
            scope=lambda: " ".join(chance.some(("msg.consumer", "users.external", "a"))),
            response_types=lambda: chance.some(("code", "token", "id_token")),
            categories=lambda: chance.some(_TEXTS[1:]),
            quick_launch_enabled=chance.often,
            enabled_for_profiles=lambda: chance.some((0, 1, 2)),
            software_statement=CANARY,
            capabilities=lambda: chance.object(
                webhooks={_EVENT: hook, "retry": {"retention_time": 3600}},
                engagement=lambda: chance.object(
                    design_engagement=chance.often, goal=lambda: chance.some(("a", "b"))
                ),
            ),
        )
    )


def _user(
    chance: _Chance, login: str, number: int, skills: Sequence[int], keys: Sequence[str]
) -> dict[str, Any]:
    profiles = chance.of(
        ((AGENT,), (AGENT,), (AGENT_MANAGER,), (AGENT, AGENT_MANAGER), (ADMINISTRATOR,))
    )
    user = bot(
        login,
        fullName=f"Bot {number}",
        allowedAppKeys=chance.of((LEGACY_KEY, *keys)),
        profileIds=list(profiles),
        skillIds=chance.some((*skills, SURVEY)),
        memberOf={"agentGroupId": chance.of(_GROUPS)},
        maxAsyncChats=chance.of((None, 0, 25)),
        maxChats=chance.number(3),
    )
    if AGENT not in profiles:
        user = {name: value for name, value in user.items() if name not in _AGENT_FIELDS}
    if AGENT_MANAGER in profiles:
        user["managerOf"] = [{"agentGroupId": group} for group in chance.some(_GROUPS)]
    user |= chance.object(
        isEnabled=chance.often,
        nickname=lambda: chance.of(_TEXTS) or "Ava",
        lobIds=lambda: chance.some((RETAIL, WHOLESALE)),
        pictureUrl=lambda: chance.of((None, "", "https://cdn.example.com/a.png")),
        description=lambda: chance.of(_TEXTS),
        employeeId=lambda: chance.of(_TEXTS),
        changePwdNextLogin=chance.often,
        permissionGroups=[1],
    )
    if chance.rarely():
        person = human(login, fullName=f"Person {number}", passwordSh=CANARY)
        return person | {"skillIds": user.get("skillIds", [])}
    return user


def _deliver(world: World, sink: str, key: Mapping[str, Any], id_: str) -> None:
    """Puts a record for the key into a sink."""
    account, name = world.account.sandbox.account, key["client_name"]
    record = Credential(account, name, id_, {"LP_SECRET": CANARY})
    world.sinks[sink].stored[account, name] = record


_PATHS = {"skills": SKILLS, "users": USERS, "installations": APPS}
_NAME_FIELDS = {"skills": "name", "users": "loginName", "installations": "client_name"}
_ODD = ("skills", "users", "installations")


def _oddity(chance: _Chance, collection: str) -> dict[str, Any]:
    """An attribute with a value that no manifest can state, or no rule allows."""
    odd = {
        "skills": (
            {"name": chance.of(_ODD_NAMES)},
            {"description": chance.of(_ODD_TEXTS)},
            {"workingHoursId": 10**18},
            {"skillTransferList": [BILLING, 4]},
            {"fallbackSkill": 4},
            {"skillOrder": -1},
            {"skillRoutingConfiguration": [{"agentGroupId": 4, "priority": 1}]},
            {"maxWaitTime": None, "canTransfer": None, "lobIds": None},
        ),
        "users": (
            {"loginName": chance.of(_ODD_NAMES)},
            {"nickname": chance.of((*_ODD_TEXTS, "", None))},
            {"fullName": ""},
            {"email": chance.of(("", "nobody", None))},
            {"allowedAppKeys": chance.of(("", None, "gone"))},
            {"profileIds": chance.of(([], [4], [AGENT, AGENT, ADMINISTRATOR]))},
            {"skillIds": [SURVEY, 4]},
            {"memberOf": chance.of((None, {"agentGroupId": 4}))},
            {"maxAsyncChats": chance.of((-1, 1000))},
            {"maxChats": chance.of((-1, None))},
            {"pictureUrl": "javascript:alert(1)"},
            {"isEnabled": "false", "maxChats": "2"},
            {"userTypeId": chance.of((0, 1, 7))},
            {"lpaCreatedUser": True},
            {"managerOf": [{"agentGroupId": 4}]},
        ),
        "installations": (
            {"client_name": chance.of(_ODD_NAMES)},
            {"description": chance.of((*_ODD_TEXTS, "x" * 300))},
            {"is_internal": True},
            {"scope": chance.of(("a" * 129, " ".join(["scope"] * 60)))},
            {"grant_types": ["authorization_code"], "redirect_uris": []},
            {"grant_types": ["password"]},
            {"capabilities": {"webhooks": {_EVENT: {"endpoint": "http://plain.example.com"}}}},
            {"enabled": None},
            {"redirect_uris": ["x" * 129, ""]},
        ),
    }
    found: dict[str, Any] = chance.of(odd[collection])
    return found
