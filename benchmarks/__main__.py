"""Measures start-up, first apply and no-op plan on accounts of several sizes; prints one table."""

import argparse
import json
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.manifests import write_manifests

SIZES = (100, 1_000, 17_986)
"""Bots; the last one fills an account to its limit of 18,000 users (reference 9.1)."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--repeat", type=int, default=5, help="runs of everything but applies")
    chosen = parser.parse_args()
    print(f"Python {platform.python_version()}, {platform.machine()}\n")
    print("| what | bots | objects | requests | wall s | CPU s | peak MiB |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    start = [_run(Path(), "--version") for _ in range(chosen.repeat)]
    _row("lebots --version", "", "", start)
    for bots in chosen.sizes:
        with tempfile.TemporaryDirectory() as folder:
            objects = write_manifests(Path(folder) / "manifests", bots)
            validated = [_run(Path(folder), "validate") for _ in range(chosen.repeat)]
            _row("validate", bots, objects, validated)
            _row("first plan", bots, objects, [_run(Path(folder), "plan", "--format", "json")])
            applied = _run(Path(folder), "apply", "--yes", "--format", "json")
            _row("first apply", bots, objects, [applied])
            repeat = chosen.repeat if bots <= 1_000 else min(3, chosen.repeat)
            _row("no-op plan", bots, objects, [_run(Path(folder), "plan") for _ in range(repeat)])


def _run(folder: Path, *arguments: str) -> dict[str, Any]:
    """One command in a fresh process, as a user runs it."""
    probe = Path(__file__).with_name("probe.py")
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, str(probe), *arguments], cwd=folder, capture_output=True, text=True
    )
    wall = time.perf_counter() - begun
    if done.returncode:
        sys.exit(f"{' '.join(arguments)}: exit {done.returncode}\n{done.stderr}")
    return {"wall": wall, **json.loads(done.stderr.splitlines()[-1])}


def _row(what: str, bots: object, objects: object, runs: list[dict[str, Any]]) -> None:
    def median(name: str) -> float:
        return float(statistics.median(run[name] for run in runs))

    print(
        f"| {what} | {bots} | {objects} | {median('requests'):.0f} | {median('wall'):.2f} "
        f"| {median('cpu'):.2f} | {median('peak'):.0f} |",
        flush=True,
    )


if __name__ == "__main__":
    main()
