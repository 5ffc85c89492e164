"""A sink of lebots in items of 1Password, through `op` (version 2).

Arguments are handed to every call of op: --vault Bots. The values of key routing-bot become the
item routing-bot, so that op://Bots/routing-bot/LP_SECRET reads one; its field LEBOTS_CREDENTIAL
says whose credential it is. The note that lebots keeps while it makes the key is an item of its
own, routing-bot.intent. 1Password has no check-and-set: what stands there is compared right before
it is written over.
"""

import json
import secrets
import subprocess
import sys

REFUSED, DAMAGED, MOVED = 3, 5, 6
SCOPE = sys.argv[1:]
TAG = "lebots"
OWNER = "LEBOTS_CREDENTIAL"


def op(*arguments, given=""):
    done = subprocess.run(
        ["op", *arguments, *SCOPE, "--format", "json"],
        input=given,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(done.stdout) if done.stdout.strip() else None


def stored(title):
    """The item of this title, whole. It finds the item by id, so no title is an argument."""
    found = [one["id"] for one in op("item", "list", "--tags", TAG) or () if one["title"] == title]
    if len(found) > 1:
        print("several items have this title", file=sys.stderr)
        raise SystemExit(REFUSED)
    return op("item", "get", found[0]) if found else None


def item(title, values):
    return {
        "title": title,
        "category": "SECURE_NOTE",
        "tags": [TAG],
        "fields": [
            {"id": label, "label": label, "type": "CONCEALED", "value": value}
            for label, value in values.items()
        ],
    }


def probe(request):
    title = f"lebots-probe-{secrets.token_hex(8)}"
    made = op("item", "create", "-", given=json.dumps(item(title, {"probe": "of lebots"})))
    found = stored(title)
    op("item", "delete", made["id"])
    if found is None:
        raise SystemExit(REFUSED)


def write(request):
    owner = {name: request[name] for name in ("account", "key", "id")}
    owner["fields"] = sorted(request["values"])
    new = item(request["key"], {**request["values"], OWNER: json.dumps(owner)})
    found = stored(request["key"])
    if (parts(found)[0]["id"] if found else None) != request["replaces"]:
        raise SystemExit(MOVED)
    if found:
        op("item", "edit", found["id"], given=json.dumps({**found, **new}))
    else:
        op("item", "create", "-", given=json.dumps(new))


def read_back(request):
    found = stored(request["key"])
    print(json.dumps(parts(found)[0] if found else None))


def read(request):
    found = stored(request["key"])
    if not found:
        print("null")
        return
    owner, values = parts(found)
    print(json.dumps({**owner, "values": values}))


def parts(found):
    """Whose credential an item holds, and its values."""
    values = {field["label"]: field.get("value", "") for field in found.get("fields", ())}
    values.pop("notesPlain", None)
    try:
        owner = json.loads(values.pop(OWNER))
        fields = owner.pop("fields")
    except (KeyError, ValueError):
        print("the item was not written by lebots", file=sys.stderr)
        raise SystemExit(REFUSED) from None
    if fields != sorted(values):
        print("the fields of the item are not those lebots wrote", file=sys.stderr)
        raise SystemExit(DAMAGED)
    return owner, values


def main():
    request = json.load(sys.stdin)
    if request["version"] != 1:
        raise SystemExit(REFUSED)
    operations = {"probe": probe, "write": write, "read_back": read_back, "read": read}
    try:
        operations[request["operation"]](request)
    except subprocess.CalledProcessError as error:
        # op has told why. After a write nobody knows whether it came through.
        raise SystemExit(1) from error


if __name__ == "__main__":
    main()
