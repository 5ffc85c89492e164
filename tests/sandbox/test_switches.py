"""The table of behaviours is honest, and every switch works in every position."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lebots.sandbox import BEHAVIOURS, Rules
from lebots.sandbox.rules.table import positions_of_switches, table
from tests.sandbox import probes_of_access, probes_of_messages
from tests.sandbox.support import (
    AGENT,
    ANA,
    APPS,
    BILLING,
    BOTS,
    GROUPS,
    INGRID,
    LOBS,
    RETAIL,
    SALES,
    SKILLS,
    SURVEY,
    SURVEY_BOT,
    USERS,
    Account,
    application,
    bot,
    human,
    without,
)

Open = Callable[..., Account]
Probe = Callable[[Account], Any]

SWITCHES = positions_of_switches()


# The table


def test_every_switch_stands_in_the_table_once() -> None:
    named = [row.switch for row in BEHAVIOURS if row.switch]
    assert sorted(named) == sorted(SWITCHES)


def test_every_guess_names_its_switch() -> None:
    assert [row for row in BEHAVIOURS if row.label == "guessed" and not row.switch] == []


def test_the_table_can_be_read() -> None:
    for row in BEHAVIOURS:
        assert row.area
        assert row.section
        assert not row.text.endswith(".")
    assert len({row.text for row in BEHAVIOURS}) == len(BEHAVIOURS)


def test_the_table_as_plain_rows() -> None:
    rows = table(Rules(stale_status=412))
    assert len(rows) == len(BEHAVIOURS)
    for row in rows:
        assert {name for name, text in row.items() if isinstance(text, str)} == {
            "area",
            "label",
            "section",
            "text",
            "switch",
            "position",
            "others",
        }
        assert bool(row["switch"]) == bool(row["position"]) == bool(row["others"])
    found = {row["switch"]: (row["position"], row["others"]) for row in rows}
    assert found["stale_status"] == ("412", "409, 304")
    assert found["root_group_listed"] == ("False", "True")
    assert table() == table(Rules())


def test_a_switch_has_positions_and_takes_no_other_value() -> None:
    for name, positions in SWITCHES.items():
        assert len(positions) >= 2
        assert positions[0] == getattr(Rules(), name)
        with pytest.raises(ValueError, match=f"{name} cannot be 'sideways'"):
            Rules(**_sideways(name))


def _sideways(name: str) -> dict[str, Any]:
    return {name: "sideways"}


# The positions: a probe per switch, and what it finds in each position


def _foreign_account(account: Account) -> int:
    path = "/api/account/4711/configuration/le-users/skills"
    return account.ask("GET", path).status_code


def _repeated_parent(account: Account) -> list[str]:
    query = "v=6.0&select=memberOf(agentGroupId),memberOf(assignmentDate)"
    return list(account.get(f"{USERS}/{ANA}", query).json()["memberOf"])


def _revision_scope(account: Account) -> bool:
    before = account.revision(LOBS)
    account.create(SKILLS, {"name": "Returns"})
    return account.revision(LOBS) == before


def _stale(account: Account) -> tuple[int, bool]:
    answer = account.put(f"{SKILLS}/{SALES}", account.one(SKILLS, SALES), if_match=1)
    return answer.status_code, bool(answer.content)


def _missing_if_match(account: Account) -> list[int]:
    item = f"{LOBS}/{account.create(LOBS, {'name': 'Travel'})['id']}"
    put = account.put(item, {"name": "Trips"}, if_match=None)
    return [put.status_code, account.delete(item, if_match=None).status_code]


def _post_if_match(account: Account) -> int:
    return account.post(SKILLS, {"name": "Returns"}, **{"If-Match": "1"}).status_code


def _star(account: Account) -> int:
    item = f"{SKILLS}/{SALES}"
    return account.put(item, account.one(SKILLS, SALES), if_match="*").status_code


def _deleted_get(account: Account) -> Any:
    account.delete(f"{USERS}/{SURVEY_BOT}")
    return account.get(f"{USERS}/{SURVEY_BOT}").json().get("deleted")


def _privacy(account: Account) -> list[str]:
    people = [account.one(USERS, found) for found in (ANA, SURVEY_BOT)]
    return [f"{user['fullName']}/{user.get('employeeId')}" for user in people]


def _list_default(account: Account) -> bool:
    assert "description" not in account.get(SKILLS, "v=2.0&select=id").json()[0]
    return "description" in account.get(SKILLS, "v=2.0").json()[0]


def _scalars(account: Account) -> list[Any]:
    sent = {"name": "Returns", "x": [1, 2.5, True, None, {"y": -1}]}
    made = account.post(SKILLS, sent).json()
    listed, app = account.list(SKILLS)[-1], account.post(APPS, application()).json()
    assert made == listed == account.one(SKILLS, made["id"])
    assert account.change(SKILLS, SALES, description="new").status_code == 200
    return [made["id"], made["canTransfer"], made["x"], app["enabled"]]


def _revision_header(account: Account) -> dict[str, str]:
    headers = account.get(SKILLS).headers
    return {name: headers[name] for name in ("ac-revision", "etag") if name in headers}


def _disabled_manually(account: Account) -> bool:
    account.change(USERS, SURVEY_BOT, isEnabled=False, disabledManually=False)
    bare = without(account.one(USERS, SURVEY_BOT), "disabledManually")
    account.put(f"{USERS}/{SURVEY_BOT}", bare)
    found: bool = account.one(USERS, SURVEY_BOT)["disabledManually"]
    return found


def _root_group(account: Account) -> tuple[int, int]:
    listed = [group["id"] for group in account.list(GROUPS)]
    return listed.count(-1), account.get(f"{GROUPS}/-1").status_code


def _lobs(account: Account) -> list[int]:
    return [account.get(path).status_code for path in (LOBS, f"{LOBS}/{RETAIL}")]


def _invalid(account: Account) -> list[int]:
    bodies: list[Any] = [{}, [], {"name": 1}]
    broken = account.ask("POST", f"{SKILLS}?v=2.0", content=b"{").status_code
    return [*(account.post(SKILLS, body).status_code for body in bodies), broken]


def _undocumented_put(account: Account) -> str:
    account.put(f"{SKILLS}/{BILLING}", {"name": "Billing"})
    found: str = account.one(SKILLS, BILLING)["description"]
    return found


def _unknown_fields(account: Account) -> tuple[int, Any]:
    answer = account.post(SKILLS, {"name": "Returns", "colour": "red"})
    return answer.status_code, answer.json().get("colour")


def _server_fields(account: Account) -> list[int]:
    bodies = [bot(dateCreated="x"), bot(skills=[]), bot(), bot("other", id=1)]
    return [account.post(USERS, body).status_code for body in bodies]


def _text(account: Account) -> str:
    made: str = account.create(SKILLS, {"name": "  Returns "})["name"]
    return made


def _blank(account: Account) -> int:
    return account.change(USERS, ANA, fullName=" ").status_code


def _batch(account: Account) -> tuple[int, bool, int]:
    before = int(account.revision(SKILLS))
    status = account.post(SKILLS, [{"name": "Returns"}, {"name": "Billing"}]).status_code
    made = "Returns" in [skill["name"] for skill in account.list(SKILLS)]
    return status, made, int(account.revision(SKILLS)) - before


def _names_equal(account: Account) -> list[int]:
    names = ("BILLING", "Billing ", "Billing")
    return [account.post(SKILLS, {"name": name}).status_code for name in names]


def _name_change(account: Account) -> tuple[list[int], list[str]]:
    made = account.create(APPS, application())
    skill = account.change(SKILLS, BILLING, name="Invoices")
    app = account.change(APPS, made["id"], client_name="renamed")
    names = account.one(SKILLS, BILLING)["name"], account.one(APPS, made["id"])["client_name"]
    return [skill.status_code, app.status_code], list(names)


def _deleted_name(account: Account) -> int:
    account.delete(f"{USERS}/{SURVEY_BOT}")
    return account.post(USERS, bot("survey-bot")).status_code


def _duplicate(account: Account) -> tuple[int, list[str]]:
    answer = account.post(SKILLS, {"name": "Billing"})
    return answer.status_code, answer.json()["fields"]


def _same(field: str) -> Probe:
    def probe(account: Account) -> list[int]:
        mine = {"fullName": "Twin", "email": "twin@acme.test"}
        other = {"fullName": "Other", "email": "other@acme.test"} | {field: mine[field]}
        made = account.create(USERS, bot("one", **mine))
        second = account.post(USERS, bot("two", **other)).status_code
        return [second, account.change(USERS, made["id"], nickname="Ava").status_code]

    return probe


def _delete_answer(account: Account) -> Any:
    account.create(SKILLS, {"name": "Returns"})
    answer = account.delete(f"{SKILLS}/4100201001")
    return answer.json()["deleted"] if answer.content else answer.content


def _dependencies(account: Account) -> tuple[int, str]:
    answer = account.delete(f"{SKILLS}/{SURVEY}")
    return answer.status_code, answer.json()["type"]


def _lookup_delete(account: Account) -> tuple[list[int], int]:
    statuses = [account.delete(item).status_code for item in (f"{LOBS}/{RETAIL}",)]
    return statuses, len(account.one(USERS, ANA)["lobs"])


def _key(account: Account) -> int:
    return account.post(USERS, bot(allowedAppKeys="elsewhere")).status_code


def _password(account: Account) -> int:
    return account.post(USERS, bot(passwordSh="not-a-real-password")).status_code


def _identity(account: Account) -> list[int]:
    account.create(USERS, human("ida"))
    return [
        account.change(USERS, SURVEY_BOT, loginName="poll-bot").status_code,
        account.change(USERS, SURVEY_BOT, userTypeId=1).status_code,
        account.change(USERS, INGRID, isApiUser=True, allowedAppKeys="").status_code,
        account.change(USERS, SURVEY_BOT, isApiUser=False).status_code,
    ]


def _minus_one(account: Account) -> list[int]:
    return [account.change(USERS, ANA, maxAsyncChats=value).status_code for value in (-1, -2)]


def _bot_users(account: Account) -> list[int]:
    return [account.post(USERS, body).status_code for body in (bot(), human())]


def _bot_users_off(account: Account) -> tuple[int, list[str]]:
    answer = account.post(USERS, bot())
    return answer.status_code, answer.json()["fields"]


def _quota(account: Account) -> int:
    for number in range(100):
        account.sandbox.put("installations", {"client_name": f"app {number}"})
    return account.post(APPS, application()).status_code


def _install(account: Account) -> int:
    return account.post(APPS, application()).status_code


def _install_answer(account: Account) -> tuple[bool, bool, bool]:
    answer = account.post(APPS, application())
    made = answer.json() if answer.content else {}
    (app,) = account.list(APPS)
    return "id" in made, "client_secret" in made, "client_secret" in app


def _secrets_on_read(account: Account) -> Any:
    made = account.create(APPS, application())
    app, (listed,) = account.one(APPS, made["id"]), account.list(APPS)
    assert app == listed
    shown = app.get("client_secret")
    return "clear" if shown and len(shown) == 64 else shown


def _secrets_on_put(account: Account) -> list[Any]:
    made = account.create(APPS, application())
    path, found = f"{APPS}/{made['id']}", []
    for sent in (made, made | {"client_secret": "****"}, without(made, "client_secret")):
        account.put(path, sent)
        now = account.one(APPS, made["id"]).get("client_secret")
        found.append("same" if now == made["client_secret"] else now)
    return found


def _post_existing(account: Account) -> tuple[int, list[str]]:
    made = account.create(APPS, application())
    answer = account.post(APPS, made | {"client_name": "renamed"})
    return answer.status_code, [app["client_name"] for app in account.list(APPS)]


def _uninstall(account: Account) -> int:
    made = account.create(APPS, application())
    account.delete(f"{APPS}/{made['id']}")
    return len(account.list(APPS, "&include_deleted=true"))


def _uninstall_used(account: Account) -> int:
    made = account.create(APPS, application())
    account.create(USERS, bot(allowedAppKeys=made["id"]))
    return account.delete(f"{APPS}/{made['id']}").status_code


def _agent_view(account: Account) -> tuple[int, bool]:
    answer = account.view(agentIds=[str(SURVEY_BOT)])
    hosts = account.ask("GET", "/api/account/55501234/service/baseURI.json").json()["baseURIs"]
    return answer.status_code, "agentManagerWorkspace" in [one["service"] for one in hosts]


def _bots_in_the_view(account: Account) -> list[str]:
    records = account.view(agentIds=[str(SURVEY_BOT), str(ANA)]).json()["agentViewRecords"]
    return [one["agentId"] for one in records]


FOUND: dict[str, tuple[Probe, dict[Any, Any]]] = {
    "foreign_account_status": (_foreign_account, {401: 401, 404: 404}),
    "repeated_parent": (
        _repeated_parent,
        {"last": ["assignmentDate"], "first": ["agentGroupId"]},
    ),
    "revision_scope": (_revision_scope, {"collection": True, "account": False}),
    "stale_status": (_stale, {409: (409, True), 412: (412, True), 304: (304, False)}),
    "missing_if_match": (_missing_if_match, {"refused": [400, 400], "accepted": [200, 200]}),
    "post_if_match": (_post_if_match, {"ignored": 201, "checked": 409}),
    "star_if_match": (_star, {"forces": 200, "refused": 400}),
    "revision_header": (
        _revision_header,
        {
            "ac-revision": {"ac-revision": "8120"},
            "ETag": {"etag": '"8120"'},
            "both": {"ac-revision": "8120", "etag": '"8120"'},
        },
    ),
    "list_default": (_list_default, {"short": False, "full": True}),
    "scalars": (
        _scalars,
        {
            "native": [4100201001, True, [1, 2.5, True, None, {"y": -1}], True],
            "quoted": ["4100201001", "true", ["1", "2.5", "true", None, {"y": "-1"}], True],
        },
    ),
    "disabled_manually": (_disabled_manually, {"kept": False, "derived": True}),
    "deleted_get": (_deleted_get, {"missing": None, "returned": True}),
    "privacy": (
        _privacy,
        {
            "off": ["Ana Costa/E0304", "Survey bot/None"],
            "humans": ["/", "Survey bot/None"],
            "everyone": ["/", "/None"],
        },
    ),
    "root_group_listed": (_root_group, {False: (0, 404), True: (1, 200)}),
    "lobs_enabled": (_lobs, {True: [200, 200], False: [403, 403]}),
    "invalid_status": (_invalid, {400: [400] * 4, 422: [422] * 4}),
    "undocumented_put": (
        _undocumented_put,
        {"replaces": "", "merges": "Invoices and payments"},
    ),
    "unknown_fields": (
        _unknown_fields,
        {"kept": (201, "red"), "refused": (400, None), "dropped": (201, None)},
    ),
    "server_fields": (
        _server_fields,
        {"ignored": [201, 400, 400, 201], "refused": [400, 400, 201, 201]},
    ),
    "text": (_text, {"verbatim": "  Returns ", "trimmed": "Returns"}),
    "blank_required": (_blank, {"accepted": 200, "refused": 400}),
    "batch": (_batch, {"atomic": (400, False, 0), "partial": (400, True, 1)}),
    "names_equal": (_names_equal, {"folded": [400, 400, 400], "exact": [201, 201, 400]}),
    "name_change": (
        _name_change,
        {
            "accepted": ([200, 200], ["Invoices", "renamed"]),
            "refused": ([400, 400], ["Billing", "test.acme.faq-bot"]),
            "ignored": ([200, 200], ["Billing", "test.acme.faq-bot"]),
        },
    ),
    "deleted_name": (_deleted_name, {"held": 400, "freed": 201}),
    "duplicate_status": (_duplicate, {400: (400, ["name"]), 409: (409, ["name"])}),
    "full_name_unique": (_same("fullName"), {False: [201, 200], True: [400, 200]}),
    "email_unique": (_same("email"), {False: [201, 200], True: [400, 200]}),
    "delete_answer": (_delete_answer, {"empty": b"", "object": True}),
    "skill_dependencies_status": (
        _dependencies,
        {400: (400, "skill-dependencies"), 409: (409, "skill-dependencies")},
    ),
    "lookup_delete": (_lookup_delete, {"refused": ([400], 1), "allowed": ([200], 0)}),
    "key_must_exist": (_key, {True: 400, False: 201}),
    "passwords_of_api_users": (_password, {"refused": 400, "ignored": 201}),
    "identity_change": (
        _identity,
        {"refused": [400, 400, 400, 400], "accepted": [200, 200, 400, 200]},
    ),
    "minus_one_chats": (_minus_one, {"refused": [400, 400], "accepted": [200, 400]}),
    "bot_users": (_bot_users, {"on": [201, 201], "off": [403, 201]}),
    "bot_users_off_status": (
        _bot_users_off,
        {403: (403, ["userTypeId"]), 400: (400, ["userTypeId"])},
    ),
    "quota_status": (_quota, {400: 400, 403: 403}),
    "install_status": (_install, {201: 201, 200: 200}),
    "install_answer": (
        _install_answer,
        {
            "object": (True, True, True),
            "without_secret": (True, False, True),
            "empty": (False, False, True),
        },
    ),
    "secrets_on_read": (
        _secrets_on_read,
        {"clear": "clear", "masked": "********", "absent": None},
    ),
    "secrets_on_put": (
        _secrets_on_put,
        {"stored": ["same", "****", None], "kept": ["same", "same", "same"]},
    ),
    "post_existing_id": (
        _post_existing,
        {
            "replaces": (201, ["renamed"]),
            "creates": (201, ["test.acme.faq-bot", "renamed"]),
        },
    ),
    "uninstall": (_uninstall, {"soft": 1, "hard": 0}),
    "uninstall_used": (_uninstall_used, {"allowed": 200, "refused": 400}),
    "application_quota": (_quota, {0: 201, 100: 400}),
    "agent_view": (
        _agent_view,
        {"answered": (200, True), "refused": (403, True), "absent": (404, False)},
    ),
    "agent_view_bots": (
        _bots_in_the_view,
        {"listed": [str(ANA), str(SURVEY_BOT)], "left_out": [str(ANA)]},
    ),
    **probes_of_access.FOUND,
    **probes_of_messages.FOUND,
}

_NEEDED_WITH: dict[str, dict[str, Any]] = {
    "bot_users_off_status": {"bot_users": "off"},
    "quota_status": {"application_quota": 100},
}


@pytest.mark.parametrize(
    ("switch", "position"),
    [(switch, position) for switch, positions in SWITCHES.items() for position in positions],
)
def test_every_position(open_account: Open, switch: str, position: Any) -> None:
    probe, found = FOUND[switch]
    options = {"authenticate": switch in (probes_of_access.FOUND | probes_of_messages.CLOSED)}
    account = open_account(options, **(_NEEDED_WITH.get(switch, {}) | {switch: position}))
    assert probe(account) == found[position]


def test_every_position_is_probed_and_differs_from_the_others() -> None:
    assert {name: set(found) for name, (_, found) in FOUND.items()} == {
        name: set(positions) for name, positions in SWITCHES.items()
    }
    for name, (_, found) in FOUND.items():
        assert len(set(map(repr, found.values()))) == len(found), name


def test_a_blanked_name_that_is_echoed_wipes_the_real_one(open_account: Open) -> None:
    account = open_account(privacy="humans")
    account.change(USERS, ANA, nickname="Anita")
    assert account.sandbox.dump()["users"][3]["fullName"] == ""


def test_merging_does_not_touch_what_is_documented_to_replace(open_account: Open) -> None:
    account = open_account(undocumented_put="merges")
    made = account.create(USERS, bot(description="first"))
    account.put(f"{USERS}/{made['id']}", bot() | {"id": made["id"]})
    assert "description" not in account.one(USERS, made["id"])


def test_deleting_what_is_in_use_leaves_ids_with_nothing_behind_them(open_account: Open) -> None:
    account = open_account(lookup_delete="allowed")
    account.delete(f"{GROUPS}/{BOTS}")
    assert account.one(USERS, SURVEY_BOT)["memberOf"]["agentGroupId"] == BOTS
    assert account.change(USERS, SURVEY_BOT, nickname="Ava").json()["fields"] == ["memberOf"]
    assert account.one(USERS, SURVEY_BOT)["profileIds"] == [AGENT]
