"""Whatever comes in place of a list ends the run: it is never taken for an empty or a short one.

Scorecard R8 and failure F44: every list that lebots reads, every body of the corpus, `plan` and
`apply`; one line that names the request, exit 5, no write.
"""

import gzip
import json
import ssl
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from lebots import kinds
from lebots.account import connection
from lebots.cli import main
from lebots.core.model.kind import Endpoint
from lebots.run.interruptible_sleep import InterruptibleSleep
from lebots.sandbox import Sandbox
from tests.account.vendor import ACCOUNT, CANARY, TOKEN, Answer, Clock, Vendor, says, streams
from tests.night import by_day

PROJECT = """\
apiVersion: lebots/v1
kind: Project
accounts:
  production:
    accountId: "55501234"
    auth: {method: oauth2, clientId: {env: BOTS_ID}, clientSecret: {env: BOTS_SECRET}}
"""
MANIFESTS = """\
apiVersion: lebots/v1
kind: Skill
metadata: {name: routing-bot}
spec: {}
---
apiVersion: lebots/v1
kind: Key
metadata: {name: routing-bot}
spec: {type: oauth2}
---
apiVersion: lebots/v1
kind: BotUser
metadata: {name: routing-bot}
spec:
  fullName: Routing bot
  nickname: Ava
  email: bots@example.com
  profiles: [Agent]
  skills: [routing-bot]
  agentGroup: Bots
  key: routing-bot
  maxAsyncChats: 25
"""

ENDPOINTS = {
    endpoint.name: endpoint
    for kind in kinds.load().values()
    for endpoint in kind.endpoints
    if not endpoint.contexts  # several lists in one, told apart by itself
}

# Bodies that need no knowledge of the list.

TEXTS: dict[str, bytes] = {
    "nothing": b"",
    "blanks": b" \r\n\t ",
    "null": b"null",
    "true": b"true",
    "zero": b"0",
    "text": b'"[]"',
    "no object": b"{}",
    "an object with a list": b'{"items": []}',
    "an error with 200": b'{"message": "canary", "internalCode": 17}',
    "a nested error with 200": b'{"error": {"message": "canary", "internalCode": 10}}',
    "a task in place of a list": b'{"status": "accepted", "taskId": "4711"}',
    "a login page": b"<!doctype html><html><body><form>canary</form></body></html>",
    "a page of a proxy": b"<html><head><title>502</title></head></html>",
    "XML": b'<?xml version="1.0"?><list/>',
    "plain text": b"Service temporarily unavailable, canary",
    "a form": b"oauth_problem=token_rejected&oauth_problem_advice=canary",
    "YAML": b"- id: 1\n  name: canary\n",
    "CSV": b"id,name\n1,canary\n",
    "JSONP": b"callback([]);",
    "a prefix against theft": b")]}',\n[]",
    "a comment": b"[] // all of them",
    "a comma too many": b"[{},]",
    "single quotes": b"[{'id': 1}]",
    "two values": b"[] []",
    "objects line by line": b'{"id": 1}\n{"id": 2}\n',
    "an array that does not end": b"[",
    "another array that does not end": b'[{"id": 1, "name": "canary"}, ',
    "a text that does not end": b'[{"id": 1, "name": "cana',
    "the middle of it": b'1, "name": "canary"}]',
    "not a number": b'[{"id": 1, "x": NaN}]',
    "infinity": b'[{"id": 1, "x": -Infinity}]',
    "a number past all numbers": b'[{"id": 1, "x": 1e400}]',
    "more digits than can be carried": b'[{"id": 1, "x": 0.12345678901234567890123}]',
    "a number of 5,000 digits": b'[{"id": ' + b"9" * 5000 + b"}]",
    "nested without end": b"[" * 100_000,
    "nested too deeply": b"[" * 60 + b"]" * 60,
    "objects nested too deeply": b'{"a":' * 5000 + b"1" + b"}" * 5000,
    "a mark of byte order": b"\xef\xbb\xbf[]",
    "UTF-16": "[]".encode("utf-16"),
    "Latin-1": '[{"id": 1, "name": "\u00e9"}]'.encode("latin-1"),
    "no text": b"\x00\x01\xff\xfe",
    "a picture": b"\x89PNG\r\n\x1a\n",
    "packed twice over": gzip.compress(b"[]", mtime=0),
    "a list of texts": b'["canary", "b"]',
    "a list of numbers": b"[1, 2]",
    "a list of lists": b"[[], []]",
    "a list of nothing": b"[null]",
    "a list of empty objects": b"[{}]",
    "a control character in a text": b'[{"id": 1, "name": "a\nb"}]',
}

# Bodies made from an object of the list that would be right.

Change = Callable[[dict[str, Any], Endpoint], Any]


def _without(*names: str) -> Change:
    def change(one: dict[str, Any], endpoint: Endpoint) -> Any:
        fields = {"id_": endpoint.id_field, "name_": endpoint.name_field}
        gone = {fields[name] for name in names}
        return [{key: value for key, value in one.items() if key not in gone}]

    return change


OBJECTS: dict[str, Change] = {
    "a short projection": _without("name_"),
    "no id": _without("id_"),
    "neither": _without("id_", "name_"),
    "one alone, in no list": lambda one, endpoint: one,
    "under a name": lambda one, endpoint: {endpoint.name: [one]},
    "by id": lambda one, endpoint: {str(one[endpoint.id_field]): one},
    "one level too deep": lambda one, endpoint: [[one]],
    "and a text among them": lambda one, endpoint: [one, "canary"],
    "and nothing among them": lambda one, endpoint: [one, None],
}


def bodies(endpoint: Endpoint, one: dict[str, Any]) -> Mapping[str, Answer]:
    """Every wrong answer to this list, as an answer with status 200."""
    made = {name: says(content=content) for name, content in TEXTS.items()}
    for name, change in OBJECTS.items():
        made[name] = says(json=change(one, endpoint))
    text = json.dumps(one)
    twice = f'[{text[:-1]}, {json.dumps(endpoint.name_field)}: "canary"}}]'
    whole = f"[{text}]".encode()
    gzipped, deflated = gzip.compress(whole, mtime=0), zlib.compress(whole)
    return made | {
        "a name that stands twice": says(content=twice.encode()),
        "cut in the middle": says(content=whole[: len(whole) // 2]),
        "cut before its end": says(content=whole[:-1]),
        "packed, though it does not say so": says(content=gzipped),
        "packed, and cut": _packed(gzipped[: len(gzipped) // 2], "gzip"),
        "not packed, though it says so": _packed(whole, "gzip"),
        "packed in another way": _packed(deflated, "gzip"),
        "packed in a way nobody asked for": _packed(gzip.compress(gzipped, mtime=0), "gzip, gzip"),
    }


def _packed(content: bytes, encoding: str) -> Answer:
    return streams(httpx.ByteStream(content), {"Content-Encoding": encoding})


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vendor]:
    """An account that nobody can change, and a project that wants to."""
    folder: Path = tmp_path_factory.mktemp("project")
    (folder / "lebots.yaml").write_text(PROJECT)
    (folder / "manifests").mkdir()
    (folder / "manifests" / "bot.yaml").write_text(MANIFESTS)
    sandbox, clock = Sandbox(":memory:", account=ACCOUNT), Clock()
    sandbox.put(
        "installations", {"client_name": "export", "enabled": True, "client_secret": CANARY}
    )
    vendor = Vendor()
    vendor.behind = httpx.WSGITransport(app=sandbox.app)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        bare = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        patch.setattr(connection, "certificates", lambda ca: bare)
        patch.setattr(httpx.HTTPTransport, "handle_request", lambda _, sent: vendor.handle(sent))
        patch.setattr(
            "lebots.run.inputs.session.InterruptibleSleep",
            lambda: InterruptibleSleep(clock.wait, clock),
        )
        for name in ("BOTS_ID", "BOTS_SECRET"):
            patch.setenv(name, f"{CANARY}-{name}")
        yield vendor
    sandbox.close()


def lists(vendor: Vendor, endpoint: Endpoint) -> list[dict[str, Any]]:
    """The list as it should be."""
    path, query = endpoint.path.format(account=ACCOUNT), dict(endpoint.query)
    request = httpx.Request(
        "GET", f"https://zz1.ac.liveperson.net{path}", params={"v": endpoint.version, **query}
    )
    assert vendor.behind is not None
    found: list[dict[str, Any]] = json.loads(vendor.behind.handle_request(request).read())
    return found


@pytest.mark.parametrize("name", ENDPOINTS)
def test_the_corpus(account: Vendor, name: str) -> None:
    endpoint = ENDPOINTS[name]
    assert len(bodies(endpoint, lists(account, endpoint)[0])) > 60


WHOLE = "skills"
"""The list that every body is tried on by day."""
NAMES = [*TEXTS, *OBJECTS]
NAMES += ["a name that stands twice", "cut in the middle", "cut before its end"]
NAMES += ["packed, though it does not say so", "packed, and cut", "not packed, though it says so"]
NAMES += ["packed in another way", "packed in a way nobody asked for"]


FEW = ["nothing", "a login page", "a short projection", "no id", "packed, and cut"]
CASES = [(name, body) for name in ENDPOINTS for body in NAMES]


@pytest.mark.parametrize(
    ("name", "body"), by_day(CASES, [case for case in CASES if case[0] == WHOLE or case[1] in FEW])
)
def test_a_wrong_answer_to_a_list(
    account: Vendor, capsys: pytest.CaptureFixture[str], name: str, body: str
) -> None:
    endpoint = ENDPOINTS[name]
    path = endpoint.path.format(account=ACCOUNT)
    call = f"GET {path}"
    one = next(one for one in lists(account, endpoint) if one.get("deleted") is not True)
    account.on(call, bodies(endpoint, one)[body])
    account.sent = []
    try:
        # Both commands read in the same way: of the lists between, one of them tells enough.
        ends = name in ("agentGroups", "skills")
        for command in (["plan"], ["apply", "--yes"]) if ends else (["apply", "--yes"],):
            with pytest.raises(SystemExit) as ended:
                main(command)
            printed = capsys.readouterr()
            assert ended.value.code == 5, printed
            assert printed.out == ""
            (line,) = printed.err.splitlines()
            assert line.startswith("lebots: ")
            assert path in line or line.startswith((f"lebots: {name}: ", f"lebots: {name} '"))
            assert len(line) < 300
            assert CANARY not in line
            assert line.isprintable()
    finally:
        account.pass_on(call)
    assert {sent.method for sent in account.sent if sent.call != f"POST {TOKEN}"} == {"GET"}


def test_with_right_answers_it_would_have_been_a_plan(
    account: Vendor, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["plan"])
    assert ended.value.code == 0
    assert "3 to create" in capsys.readouterr().out
