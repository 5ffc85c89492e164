"""Runs one lebots command in this process and reports what it cost as the last line of stderr."""

import json
import resource
import sys
from typing import Any

from lebots.cli import main

opened: list[Any] = []


def count_requests() -> None:
    """Remembers every embedded account that is opened, since each counts its own requests."""
    from lebots.run.inputs import embedded
    from lebots.sandbox import Sandbox

    def remembering(*arguments: Any, **more: Any) -> Sandbox:
        opened.append(Sandbox(*arguments, **more))
        sandbox: Sandbox = opened[-1]
        return sandbox

    vars(embedded)["Sandbox"] = remembering


if sys.argv[1] in ("plan", "apply"):
    count_requests()
code = 0
try:
    main(sys.argv[1:])
except SystemExit as ended:
    code = int(ended.code or 0)
usage = resource.getrusage(resource.RUSAGE_SELF)
cost = {
    "cpu": usage.ru_utime + usage.ru_stime,
    "peak": usage.ru_maxrss / 1024,
    "requests": sum(len(sandbox.requests) for sandbox in opened),
}
print(json.dumps(cost), file=sys.stderr)
sys.exit(code)
