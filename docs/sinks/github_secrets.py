"""A sink of lebots in the secrets of a GitHub repository or environment, through `gh`.

Arguments are handed to every call of gh: --repo acme/bots, perhaps --env production. The values
of key routing-bot become the secrets ROUTING_BOT_LP_SECRET and so on. GitHub never gives secrets
back; so the variable ROUTING_BOT_LEBOTS, set last, says whose credential it is and that it is
complete. The note that lebots keeps while it makes the key is ROUTING_BOT_LEBOTS_INTENT. GitHub has
no check-and-set: what stands there is compared right before it is written over.
"""

import json
import re
import secrets
import subprocess
import sys

REFUSED, WRITE_ONLY, MOVED = 3, 4, 6
NOTE = ".intent"
SCOPE = sys.argv[1:]


def gh(*arguments, given=""):
    done = subprocess.run(
        ["gh", *arguments, *SCOPE], input=given, stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout


def prefix(key):
    name = re.sub(r"[^A-Z0-9]+", "_", key.upper())
    if not name[0].isalpha() or name.startswith("GITHUB_"):
        print("GitHub takes no secret of this name", file=sys.stderr)
        raise SystemExit(REFUSED)
    return name


def mark_of(key):
    note = key.endswith(NOTE)
    return prefix(key.removesuffix(NOTE)) + ("_LEBOTS_INTENT" if note else "_LEBOTS")


def variables():
    return {
        one["name"]: one["value"]
        for one in json.loads(gh("variable", "list", "--json", "name,value"))
    }


def probe(request):
    name = f"LEBOTS_PROBE_{secrets.token_hex(8).upper()}"
    gh("secret", "set", name, given="a probe of lebots")
    gh("secret", "delete", name)
    gh("variable", "set", name, given="a probe of lebots")
    found = variables()
    gh("variable", "delete", name)
    if name not in found:
        raise SystemExit(REFUSED)


def write(request):
    mark = mark_of(request["key"])
    standing = json.loads(variables().get(mark, "null"))
    if (standing["id"] if standing else None) != request["replaces"]:
        raise SystemExit(MOVED)
    if standing and request["values"]:
        gh("variable", "delete", mark)
    for field, value in request["values"].items():
        gh("secret", "set", f"{prefix(request['key'])}_{field.upper()}", given=value)
    owner = {name: request[name] for name in ("account", "key", "id")}
    gh("variable", "set", mark, given=json.dumps(owner))


def read_back(request):
    owner = variables().get(mark_of(request["key"]))
    print(owner or "null")


def read(request):
    raise SystemExit(WRITE_ONLY)


def main():
    request = json.load(sys.stdin)
    if request["version"] != 1:
        raise SystemExit(REFUSED)
    operations = {"probe": probe, "write": write, "read_back": read_back, "read": read}
    try:
        operations[request["operation"]](request)
    except subprocess.CalledProcessError as error:
        # gh has told why. After a write nobody knows how far it came, so this is not "refused".
        raise SystemExit(1) from error


if __name__ == "__main__":
    main()
