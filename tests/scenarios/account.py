"""The embedded account of a scenario: the same ids every time, and refusals on demand."""

import json
import random
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from lebots.sandbox import Sandbox

_NOON = 1_790_000_000.0


def opener(chance: random.Random, refusals: Sequence[Mapping[str, Any]], log: list[str]) -> Any:
    """A stand-in for the class ``Sandbox``; each request is noted in ``log``."""
    left = [dict(refusal, times=refusal.get("times", 1)) for refusal in refusals]

    def open_(path: Path, **more: Any) -> Sandbox:
        sandbox = Sandbox(path, now=lambda: _NOON, random=chance, **more)
        sandbox.app = _Refusing(sandbox.app, left, log)  # type: ignore[assignment]
        return sandbox

    return open_


class _Refusing:
    """Answers with a status of its own where a refusal fits, and passes everything else on."""

    def __init__(self, app: Any, refusals: list[dict[str, Any]], log: list[str]) -> None:
        self._app, self._refusals, self._log = app, refusals, log

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
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
                body = json.dumps({"message": refusal.get("message", "refused by the scenario")})
                note(f"{refusal['status']} Refused", [("Content-Type", "application/json")])
                return [body.encode()]
        answer: Iterable[bytes] = self._app(environ, note)
        return answer


def edit(path: Path, edits: Sequence[Mapping[str, Any]]) -> None:
    """Edits by hand, past all rules: ``{put: COLLECTION, ...}`` or ``{remove: COLLECTION, ...}``.

    ``name`` finds an object by any of its name attributes; ``set`` gives attributes to write.
    """
    sandbox = Sandbox(path, now=lambda: _NOON, random=random.Random(1))
    try:
        for step in edits:
            if "put" in step:
                old = sandbox.find(step["put"], step["name"]) if "name" in step else {}
                sandbox.put(step["put"], {**old, **step["set"]})
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
