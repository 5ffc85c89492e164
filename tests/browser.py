"""The browser that pages are opened in: the system's Chromium, or the one Playwright downloads.

``python -m tests.browser`` gets one where there is none.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright


def find() -> str | None:
    """The program's path."""
    if system := shutil.which("chromium") or shutil.which("chromium-browser"):
        return system
    with sync_playwright() as driver:
        downloaded = driver.chromium.executable_path
    return downloaded if Path(downloaded).exists() else None


def get() -> bool:
    """Debian's package where this is Debian and root, else Playwright's own download."""
    if shutil.which("apt-get") and os.geteuid() == 0:
        quiet = ["--quiet=2", "--option=Dpkg::Use-Pty=0"]
        run(["apt-get", "update", *quiet])
        run(["apt-get", "install", "--yes", "--no-install-recommends", *quiet, "chromium"])
    if find() is None:
        run([sys.executable, "-m", "playwright", "install", "chromium"])
    return find() is not None


def run(command: list[str]) -> None:
    """Runs a command that may fail: what counts is whether there is a browser in the end."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, stdout=sys.stderr)


if __name__ == "__main__":
    if find() is None and not get():
        sys.exit("no browser: install Chromium, so that `chromium` is on the PATH")
    print(f"pages are opened with {find()}")
