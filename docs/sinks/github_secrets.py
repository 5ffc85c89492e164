"""A sink of lebots in the secrets of a GitHub repository or environment, through `gh`.

Arguments are handed to every call of gh: --repo acme/bots, perhaps --env production. The values
of key routing-bot become the secrets ROUTING_BOT_LP_SECRET and so on. GitHub never gives secrets
back; so the variable ROUTING_BOT_LEBOTS, set last, says whose credential it is and that it is
complete.
"""

import json
import re
import secrets
import subprocess
import sys

REFUSED, WRITE_ONLY = 3, 4
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
    mark = f"{prefix(request['key'])}_LEBOTS"
    if mark in variables():
        gh("variable", "delete", mark)
    for field, value in request["values"].items():
        gh("secret", "set", f"{prefix(request['key'])}_{field.upper()}", given=value)
    owner = {name: request[name] for name in ("account", "key", "id")}
    gh("variable", "set", mark, given=json.dumps(owner))


def read_back(request):
    owner = variables().get(f"{prefix(request['key'])}_LEBOTS")
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
