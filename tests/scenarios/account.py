"""The embedded account of a scenario: the same ids every time, and refusals on demand."""

import json
import random
import socket
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import yaml

from lebots.project import METHODS
from lebots.sandbox import Rules, Sandbox
from lebots.sandbox.http.serve import Server, serve
from tests import trusted

_NOON = 1_790_000_000.0
_PROJECT = Path("lebots.yaml")
_EMPTY: dict[str, Any] = {"apiVersion": "lebots/v1", "kind": "Project"}
_LOGINS = ("/service/baseURI.json", "/app/token", "/login", "/logout", "/refresh")


def opener(
    chance: random.Random,
    refusals: Sequence[Mapping[str, Any]],
    log: list[str],
    rules: Rules | None = None,
) -> Any:
    """A stand-in for the class ``Sandbox``; each request is noted in ``log``."""
    left = [dict(refusal, times=refusal.get("times", 1)) for refusal in refusals]

    def open_(path: Path, **more: Any) -> Sandbox:
        sandbox = Sandbox(path, now=lambda: _NOON, random=chance, rules=rules, **more)
        sandbox.app = _Refusing(sandbox.app, left, log, chance)  # type: ignore[assignment]
        return sandbox

    return open_


class Stage:
    """One server over HTTPS for all stories: it answers for whichever account is being played."""

    def __init__(self) -> None:
        self.app: Any = self._answer
        self._playing: Any = None

    @contextmanager
    def listening(self, certificates: Path) -> Iterator[None]:
        """While it listens."""
        stand_in: Any = self
        with serve(stand_in, https=True, certificates=certificates) as self._server:
            yield

    @contextmanager
    def playing(self, open_: Any, path: Path, method: str) -> Iterator[None]:
        """Answers for this account, and lets the project in the working folder log in there."""
        with closing(open_(path, authenticate=True)) as sandbox:
            self._playing = sandbox.app
            _write_project(sandbox, self._server, method)
            yield

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Any:
        # Head and body are written one after the other; over TLS the second would wait 10 ms.
        environ["werkzeug.socket"].setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._playing(environ, start_response)


def _write_project(sandbox: Sandbox, server: Server, method: str) -> None:
    access = {name: Path(".access") / name for name in METHODS[method]}
    for name, file in access.items():
        file.parent.mkdir(exist_ok=True)
        file.write_text(sandbox.tool_access()[name])
    project: dict[str, Any] = _EMPTY
    if _PROJECT.exists():
        project = yaml.safe_load(_PROJECT.read_text())
    embedded = project.get("accounts", {}).get("sandbox", {})
    account = {
        **{name: value for name, value in embedded.items() if name != "sandbox"},
        "accountId": sandbox.account,
        "domain": server.url.removeprefix("https://"),
        "ca": trusted.inside(Path(), server.ca),
        "auth": {"method": method, **{name: {"file": str(access[name])} for name in access}},
    }
    _PROJECT.write_text(yaml.safe_dump({**project, "accounts": {"sandbox": account}}))


class _Refusing:
    """Answers with a status of its own where a refusal fits, and passes everything else on."""

    def __init__(
        self, app: Any, refusals: list[dict[str, Any]], log: list[str], chance: random.Random
    ) -> None:
        self._app, self._refusals, self._log, self._chance = app, refusals, log, chance
        self.lags = False

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        if path.endswith(_LOGINS):
            return self._login(environ, start_response)
        query = environ.get("QUERY_STRING", "")
        collection = "/".join(path.split("configuration/")[-1].split("/")[1:]) or path
        line = f"{method} {collection}{'?' + query if query else ''}"

        def note(status: str, headers: Any, *rest: Any) -> Any:
            self._log.append(f"{line} {status.split()[0]}")
            return start_response(status, headers, *rest)

        for refusal in self._refusals:
            if refusal["times"] and refusal["method"] == method and refusal["path"] in path:
                refusal["times"] -= 1
                if refusal.get("committed"):
                    list(self._app(environ, lambda *ignored: None))
                message = {"message": refusal.get("message", "refused by the scenario")}
                body = json.dumps(refusal.get("body", message))
                note(f"{refusal['status']} Refused", [("Content-Type", "application/json")])
                return [body.encode()]
        answer: Iterable[bytes] = self._app(environ, note)
        return answer

    def _login(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Not part of the story: neither noted, nor any reason for the next ids to be others."""
        before = self._chance.getstate()
        answer = list(self._app(environ, start_response))
        self._chance.setstate(before)
        return answer


def let_tools_in(path: Path) -> None:
    """Gives tools their application, as one of LivePerson's own: no story is about it."""
    with closing(Sandbox(path, now=lambda: _NOON, authenticate=True)) as sandbox:
        for application in sandbox.dump()["installations"]:
            found = sandbox.find("installations", application["client_name"])
            sandbox.put("installations", {**found, "is_internal": True})


def edit(path: Path, edits: Sequence[Mapping[str, Any]]) -> None:
    """Edits by hand, past all rules: ``{put: COLLECTION, ...}`` or ``{remove: COLLECTION, ...}``.

    ``name`` finds an object by any of its name attributes; ``set`` gives attributes to write.
    ``{busy: LOGIN, conversations: N, status: STATUS}`` sets how busy somebody is.
    """
    sandbox = Sandbox(path, now=lambda: _NOON, random=random.Random(1))
    try:
        for step in edits:
            if "put" in step:
                old = sandbox.find(step["put"], step["name"]) if "name" in step else {}
                sandbox.put(step["put"], {**old, **step["set"]})
            elif "busy" in step:
                status = step.get("status", "ONLINE")
                sandbox.busy(step["busy"], step["conversations"], status)
            else:
                sandbox.remove(step["remove"], _id(sandbox.find(step["remove"], step["name"])))
    finally:
        sandbox.close()


def dump(path: Path) -> Mapping[str, Any]:
    """Everything in the account, secrets hidden."""
    sandbox = Sandbox(path, now=lambda: _NOON, random=random.Random(1))
    try:
        return sandbox.dump()
    finally:
        sandbox.close()


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """What differs between two dumps: new objects whole, changed ones by attribute."""
    result: dict[str, Any] = {}
    for collection, items in after.items():
        old = {_id(item): item for item in before[collection]}
        for item in items:
            known = old.get(_id(item), {})
            changed = {name: value for name, value in item.items() if known.get(name, ...) != value}
            gone = sorted(known.keys() - item.keys())
            if changed or gone:
                named = {"id": _id(item), **changed} | ({"(gone)": gone} if gone else {})
                result.setdefault(collection, []).append(named)
    return result


def _id(item: Mapping[str, Any]) -> Any:
    return item.get("id", item.get("keyId"))
