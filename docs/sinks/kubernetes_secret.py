"""A sink of lebots in Secrets of Kubernetes, through `kubectl`.

Arguments are handed to every call of kubectl: --context prod --namespace bots. The values of key
routing-bot become the Secret lebots-routing-bot; its annotations say whose credential it is. The
note that lebots keeps while it makes the key is the Secret lebots-routing-bot.intent. What somebody
else writes in the same moment is not written over: a Secret is made only where there is none, and
replaced only in the version (resourceVersion) that was read.
"""

import base64
import json
import re
import secrets
import subprocess
import sys

REFUSED, DAMAGED, MOVED = 3, 5, 6
NOTE = ".intent"
SCOPE = sys.argv[1:]
OWNER = {"account": "lebots-account", "key": "lebots-key", "id": "lebots-id"}
FIELDS = "lebots-fields"


def kubectl(*arguments, given=""):
    done = subprocess.run(
        ["kubectl", *arguments, *SCOPE], input=given, capture_output=True, text=True, check=False
    )
    print(done.stderr, end="", file=sys.stderr)
    if "(Conflict)" in done.stderr or "(AlreadyExists)" in done.stderr:
        raise SystemExit(MOVED)
    done.check_returncode()
    return done.stdout


def name_of(key):
    # A dot is in no name but that of a note, so the two never fall together.
    note = NOTE if key.endswith(NOTE) else ""
    plain = re.sub(r"[^a-z0-9]+", "-", key.removesuffix(note).lower()).strip("-")
    return f"lebots-{plain}{note}"


def stored(name):
    text = kubectl("get", "secret", name, "--ignore-not-found", "--output", "json")
    return json.loads(text) if text.strip() else None


def put(name, values, annotations, found):
    """Makes the Secret, or replaces the version that was found."""
    before = found["metadata"] if found else {}
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "Opaque",
        "metadata": {
            **before,
            "name": name,
            "annotations": {**before.get("annotations", {}), **annotations},
        },
        "data": {
            field: base64.b64encode(value.encode()).decode() for field, value in values.items()
        },
    }
    kubectl("replace" if found else "create", "--filename", "-", given=json.dumps(secret))


def probe(request):
    name = f"lebots-probe-{secrets.token_hex(8)}"
    put(name, {"probe": "of lebots"}, {}, None)
    found = stored(name)
    if found is not None:
        put(name, {"probe": "of lebots"}, {}, found)
    kubectl("delete", "secret", name)
    if found is None:
        raise SystemExit(REFUSED)


def write(request):
    name = name_of(request["key"])
    found = stored(name)
    if (owner_of(found)["id"] if found else None) != request["replaces"]:
        raise SystemExit(MOVED)
    annotations = {annotation: request[part] for part, annotation in OWNER.items()}
    annotations[FIELDS] = " ".join(sorted(request["values"]))
    put(name, request["values"], annotations, found)


def read_back(request):
    found = stored(name_of(request["key"]))
    print(json.dumps(owner_of(found) if found else None))


def read(request):
    found = stored(name_of(request["key"]))
    if not found:
        print("null")
        return
    values = {
        field: base64.b64decode(value).decode() for field, value in found.get("data", {}).items()
    }
    print(json.dumps({**owner_of(found), "values": values}))


def owner_of(found):
    annotations = found["metadata"].get("annotations", {})
    if not all(annotations.get(annotation) for annotation in OWNER.values()):
        print("the Secret has no annotations of lebots", file=sys.stderr)
        raise SystemExit(REFUSED)
    if annotations.get(FIELDS, "").split() != sorted(found.get("data", {})):
        print("the fields of the Secret are not those lebots wrote", file=sys.stderr)
        raise SystemExit(DAMAGED)
    return {part: annotations[annotation] for part, annotation in OWNER.items()}


def main():
    request = json.load(sys.stdin)
    if request["version"] != 1:
        raise SystemExit(REFUSED)
    operations = {"probe": probe, "write": write, "read_back": read_back, "read": read}
    try:
        operations[request["operation"]](request)
    except subprocess.CalledProcessError as error:
        # kubectl has told why. After a write nobody knows whether it came through.
        raise SystemExit(1) from error


if __name__ == "__main__":
    main()
