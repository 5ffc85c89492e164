"""Probes of what nobody knows about automatic messages (15)."""

from __future__ import annotations

from typing import Any

from tests.sandbox.support import BILLING, CUSTOMER_CARE, SALES, SKILLS, Account

MESSAGES = "/api/account/55501234/configuration/engagement-window/unified-auto-messages"
CONNECTED, SILENT = "YOU_ARE_CONNECTED_TO", "CONSUMER_NON_RESPONSIVE"
_NUMBER = 4100205002
_INGRID, _LEILA = "ingrid.lund@acme.test", "leila.haddad@acme.test"


def of_skill(skill: int, more: str = "") -> str:
    """The query about the message of one skill."""
    return f"v=2.0&context_type=SKILL&context_id={skill}{more}"


def body(**more: Any) -> dict[str, Any]:
    return {"enabled": True, "data": [{"lang": "en-US", "msg": "Hi"}], **more}


def put(account: Account, path: str, query: str, sent: Any) -> int:
    answer = account.ask("PUT", f"{MESSAGES}/{path}?{query}", json=sent, headers={"If-Match": "-1"})
    return answer.status_code


def _feature(account: Account) -> tuple[int, int]:
    listed = account.get(MESSAGES, "v=2.0")
    return listed.status_code, len(listed.json()) if listed.status_code == 200 else 0


def _token(account: Account) -> int:
    account.act_as_application()
    return account.get(MESSAGES, "v=2.0").status_code


def _writers(account: Account) -> list[int]:
    found = []
    for person in (_INGRID, _LEILA):
        account.act_as(person)
        found.append(put(account, CONNECTED, "v=2.0", body()))
    return found


def _missing(account: Account) -> tuple[int, int]:
    first = put(account, CONNECTED, of_skill(SALES), body())
    posted = account.ask(
        "POST",
        f"{MESSAGES}?{of_skill(BILLING)}",
        json=body(messageEventId=CONNECTED),
    )
    return first, posted.status_code


def _path(account: Account) -> list[int]:
    query = of_skill(CUSTOMER_CARE)
    return [put(account, one, query, body()) for one in (CONNECTED, str(_NUMBER))]


def _attributes(account: Account) -> str:
    found = account.get(f"{MESSAGES}/{SILENT}", of_skill(BILLING)).json()
    return repr(found["attributes"])


def _contexts(account: Account) -> Any:
    return account.get(f"{MESSAGES}/{CONNECTED}", "v=2.0").json().get("contexts")


def _without(account: Account) -> tuple[int, list[str]]:
    answer = account.get(f"{MESSAGES}/{CONNECTED}", of_skill(SALES, "&merge_data=false"))
    return answer.status_code, sorted(answer.json())[-2:] if answer.status_code == 200 else []


def _hold(account: Account) -> int:
    extra = account.create(SKILLS, {"name": "Extra"})["id"]
    put(account, CONNECTED, of_skill(extra), body())
    return account.delete(f"{SKILLS}/{extra}").status_code


CLOSED: dict[str, Any] = {
    "auto_messages_credential": (_token, {"any": 200, "user": 403}),
    "auto_messages_writes": (
        _writers,
        {"managers": [200, 200], "campaign managers": [403, 200]},
    ),
}
"""In an account that asks who is there."""

FOUND: dict[str, Any] = {
    "auto_messages": (
        _feature,
        {"on": (200, 22), 403: (403, 0), 404: (404, 0), "empty": (200, 0)},
    ),
    "message_put_missing": (_missing, {"creates": (200, 201), "refused": (404, 201)}),
    "message_path_id": (
        _path,
        {"event": [200, 404], "number": [404, 200], "both": [200, 200]},
    ),
    "message_attributes": (
        _attributes,
        {
            "timer": "[{'timer': '600'}]",
            "named": "[{'name': 'timer', 'value': '600'}]",
            "object": "{'timer': '600', 'timerUnit': 'SECONDS'}",
        },
    ),
    "message_contexts": (
        _contexts,
        {"told": {"SKILL": [str(CUSTOMER_CARE)], "ACCOUNT": []}, "left_out": None},
    ),
    "message_without_override": (
        _without,
        {
            "missing": (404, []),
            "empty": (200, []),
            "default": (200, ["enabled", "messageEventId"]),
        },
    ),
    "messages_hold_skills": (_hold, {False: 200, True: 400}),
    **CLOSED,
}
