"""A sink of lebots in Secrets of Kubernetes, through `kubectl`.

Arguments are handed to every call of kubectl: --context prod --namespace bots. The values of key
routing-bot become the Secret lebots-routing-bot; its annotations say whose credential it is.
"""

import base64
import json
import re
import secrets
import subprocess
import sys

REFUSED, DAMAGED = 3, 5
SCOPE = sys.argv[1:]
OWNER = {"account": "lebots-account", "key": "lebots-key", "id": "lebots-id"}
FIELDS = "lebots-fields"


def kubectl(*arguments, given=""):
    done = subprocess.run(
        ["kubectl", *arguments, *SCOPE], input=given, stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout


def name_of(key):
    return "lebots-" + re.sub(r"[^a-z0-9]+", "-", key.lower()).strip("-")


def stored(name):
    text = kubectl("get", "secret", name, "--ignore-not-found", "--output", "json")
    return json.loads(text) if text.strip() else None


def apply(name, values, annotations):
    # Server-side, since a client-side apply would copy the values into an annotation.
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "Opaque",
        "metadata": {"name": name, "annotations": annotations},
        "data": {
            field: base64.b64encode(value.encode()).decode() for field, value in values.items()
        },
    }
    options = ("--server-side", "--force-conflicts", "--field-manager", "lebots")
    kubectl("apply", *options, "--filename", "-", given=json.dumps(secret))


def probe(request):
    name = f"lebots-probe-{secrets.token_hex(8)}"
    apply(name, {"probe": "of lebots"}, {})
    found = stored(name)
    kubectl("delete", "secret", name)
    if found is None:
        raise SystemExit(REFUSED)


def write(request):
    name = name_of(request["key"])
    annotations = {annotation: request[part] for part, annotation in OWNER.items()}
    apply(name, request["values"], {**annotations, FIELDS: " ".join(sorted(request["values"]))})


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
