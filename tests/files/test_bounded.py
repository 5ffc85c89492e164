"""The one reader of named files."""

import os
from pathlib import Path

import pytest

from lebots.files import bounded
from tests.test_boundaries import PACKAGE


def test_at_most_one_byte_more_than_asked_for_is_read(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x" * 1_000_000)
    assert bounded.read(file, 10) == b"x" * 11
    assert bounded.read(file, 1_000_000) == b"x" * 1_000_000
    assert bounded.read(Path("/proc/self/status"), 20).startswith(b"Name:"), (
        "sizes are not believed"
    )


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("pipe", "not a regular file"),
        ("folder", "not a regular file"),
        ("gone", "no such file or directory"),
        ("link", "no such file or directory"),
        ("a\0b", "the path is not valid"),
        ("x" * 5000, "file name too long"),
    ],
)
def test_what_is_no_file_is_told(tmp_path: Path, name: str, words: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("gone")
    with pytest.raises(bounded.Unreadable, match=words):
        bounded.read(tmp_path / name, 10)


def test_no_other_module_reads_files_that_somebody_names() -> None:
    reading = {
        file.relative_to(PACKAGE).as_posix()
        for file in PACKAGE.rglob("*.py")
        if any(
            way in file.read_text(encoding="utf-8")
            for way in ("O_RDONLY", "read_bytes()", ".read_text(", '.open("r')
        )
    }
    assert reading == {
        "files/bounded.py",
        "credentials/files/folder.py",  # opens the folders of secrets, and reads as this one does
        "cli/commands/init.py",  # its own templates
        "run/account_lock.py",  # who holds a lock
        "run/inputs/manifests.py",  # how a regular file begins
        "install.py",  # what installed lebots
        "render/page/page.py",  # its own style and script
    }
