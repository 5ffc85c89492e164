"""The smallest program a sink can be: one JSON file. Its arguments say how it misbehaves."""

import json
import sys
import time
from pathlib import Path

request = json.load(sys.stdin)
operation, ways = request["operation"], sys.argv[1:]
state = Path("store.json")
kept = json.loads(state.read_text()) if state.exists() else {}
if f"{operation} fails before" in ways:
    sys.exit(1)
if f"{operation} refused" in ways:
    print("::error::no, for the \x1b[31mreason\x1b[0m\n" + "that " * 200, file=sys.stderr)
    sys.exit(3)
if f"{operation} answers nothing" in ways:
    sys.exit(0)
if f"{operation} answers text" in ways:
    print("stored!")
    sys.exit(0)
if f"{operation} answers too much" in ways:
    print("x" * 100_000)
    sys.exit(0)
if "write only" in ways and operation == "read":
    sys.exit(4)
if operation == "probe":
    state.write_text(json.dumps({**kept, "probe": {}}))
    state.write_text(json.dumps(kept))
    if not kept:
        state.unlink()
elif operation == "write":
    if "write tells" in ways:
        print("cannot write", request["values"]["LP_SECRET"], file=sys.stderr)
        sys.exit(1)
    if (kept[request["key"]]["id"] if request["key"] in kept else None) != request["replaces"]:
        sys.exit(6)
    named = {name: request[name] for name in ("account", "key", "id", "values")}
    if "write changes values" in ways:
        named["values"] = {**named["values"], "client_secret": "another"}
    state.write_text(json.dumps({**kept, request["key"]: named}))
else:
    found = kept.get(request["key"])
    if found is not None and "torn" in found:
        sys.exit(5)
    if found is not None and operation == "read_back":
        found = {name: found[name] for name in ("account", "key", "id")}
    print(json.dumps(found))
if f"{operation} fails after" in ways:
    sys.exit(1)
if f"{operation} hangs after" in ways:
    time.sleep(60)
