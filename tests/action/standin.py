"""A stand-in for lebots: notes how it was called, and ends as the test wants.

``STANDIN`` names a folder: each call is appended to ``calls.json``; ``script.json`` says for each
command its exit code and the files it writes, by the option that names them.
"""

import json
import os
import sys
from pathlib import Path

folder = Path(os.environ["STANDIN"])
arguments = sys.argv[1:]
call = {"arguments": arguments, "folder": str(Path.cwd()), "environment": dict(os.environ)}
with (folder / "calls.json").open("a") as file:
    file.write(json.dumps(call) + "\n")
script = json.loads((folder / "script.json").read_text()).get(arguments[0], {})
for argument in arguments:
    option, _, name = argument.partition("=")
    if option in script.get("writes", {}):
        Path(name).write_text(script["writes"][option], encoding="utf-8")
print(script.get("prints", f"{arguments[0]} ran"))
sys.exit(script.get("code", 0))
