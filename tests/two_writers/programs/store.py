"""A sink of one JSON file that several runs share: each call sees it whole and alone."""

import fcntl
import json
import sys
from pathlib import Path

MOVED = 6

request = json.load(sys.stdin)
state = Path(sys.argv[1])
state.parent.mkdir(parents=True, exist_ok=True)
with state.with_suffix(".lock").open("w") as alone:
    fcntl.flock(alone, fcntl.LOCK_EX)
    kept = json.loads(state.read_text()) if state.exists() else {}
    match request["operation"]:
        case "probe":
            pass
        case "write":
            standing = kept[request["key"]]["id"] if request["key"] in kept else None
            # An older lebots does not say what it replaces.
            if standing != request.get("replaces", standing):
                sys.exit(MOVED)
            named = {name: request[name] for name in ("account", "key", "id", "values")}
            state.write_text(json.dumps({**kept, request["key"]: named}))
        case operation:
            found = kept.get(request["key"])
            if found and operation == "read_back":
                found = {name: found[name] for name in ("account", "key", "id")}
            print(json.dumps(found))
