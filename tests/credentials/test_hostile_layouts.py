"""Threat T20: a secret never goes through a link, into a foreign folder, or to other eyes."""

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from lebots.core.model.ports import Credential
from lebots.core.model.secret import Secret
from lebots.credentials.files.dotenv_sink import DotenvSink
from lebots.errors import SinkError
from tests import not_run

CANARY = "c4n4ry-0f-4-s3cr3t"
TEMPLATE = "deploy/secrets/{name}.env"
NOBODY = 65534
ROOT = os.geteuid() == 0


@dataclass(frozen=True)
class Layout:
    """A project, the folders its secrets go to, and a place outside that must stay as it is."""

    root: Path
    deploy: Path
    secrets: Path
    file: Path
    outside: Path


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    root, outside = tmp_path / "project", tmp_path / "outside"
    for folder in (root, root / "deploy", root / "deploy/secrets", outside, outside / "secrets"):
        folder.mkdir(mode=0o700)
    kept = outside / "secrets/bot.env"
    kept.touch(mode=0o600)
    kept.write_text("KEEP=me\n")
    secrets = root / "deploy/secrets"
    return Layout(root, root / "deploy", secrets, secrets / "bot.env", outside)


def linked_file(at: Layout) -> None:
    at.file.symlink_to(at.outside / "secrets/bot.env")


def dangling_file(at: Layout) -> None:
    at.file.symlink_to(at.outside / "new.env")


def file_linked_to_itself(at: Layout) -> None:
    at.file.symlink_to(at.file)


def linked_folder(at: Layout) -> None:
    at.secrets.rmdir()
    at.secrets.symlink_to(at.outside / "secrets")


def dangling_folder(at: Layout) -> None:
    at.secrets.rmdir()
    at.secrets.symlink_to(at.outside / "fresh")


def folder_linked_inside_the_project(at: Layout) -> None:
    at.secrets.rmdir()
    (at.root / "public").mkdir()
    at.secrets.symlink_to("../public")


def linked_parent(at: Layout) -> None:
    at.secrets.rmdir()
    at.deploy.rmdir()
    at.deploy.symlink_to(at.outside)


def parent_linked_upwards(at: Layout) -> None:
    at.secrets.rmdir()
    at.deploy.rmdir()
    at.deploy.symlink_to("..")


def parent_is_a_file(at: Layout) -> None:
    at.secrets.rmdir()
    at.deploy.rmdir()
    at.deploy.touch()


def folder_is_a_fifo(at: Layout) -> None:
    at.secrets.rmdir()
    os.mkfifo(at.secrets)


def file_is_a_fifo(at: Layout) -> None:
    os.mkfifo(at.file, 0o600)


def file_is_a_socket(at: Layout) -> None:
    os.mknod(at.file, stat.S_IFSOCK | 0o600)


def file_is_a_device(at: Layout) -> None:
    os.mknod(at.file, stat.S_IFCHR | 0o600, os.makedev(1, 3))


def file_is_a_folder(at: Layout) -> None:
    at.file.mkdir(mode=0o700)


def file_open_to_all(at: Layout) -> None:
    at.file.touch()
    at.file.chmod(0o644)


def file_open_to_the_group(at: Layout) -> None:
    at.file.touch()
    at.file.chmod(0o620)


def file_with_a_second_name(at: Layout) -> None:
    os.link(at.outside / "secrets/bot.env", at.file)


def folder_open_to_all(at: Layout) -> None:
    at.secrets.chmod(0o777)


def folder_open_to_the_group(at: Layout) -> None:
    at.secrets.chmod(0o770)


def folder_open_to_all_but_sticky(at: Layout) -> None:
    at.secrets.chmod(0o1777)


def parent_open_to_all(at: Layout) -> None:
    at.deploy.chmod(0o777)


def file_of_somebody_else(at: Layout) -> None:
    at.file.touch(mode=0o600)
    os.chown(at.file, NOBODY, NOBODY)


def folder_of_somebody_else(at: Layout) -> None:
    os.chown(at.secrets, NOBODY, NOBODY)


def folder_without_rights(at: Layout) -> None:
    at.secrets.chmod(0o000)


def root_is_gone(at: Layout) -> None:
    at.root.rename(at.root.with_name("moved"))


needs_root = pytest.mark.skipif(not ROOT, reason=not_run.ROOT)
needs_no_root = pytest.mark.skipif(ROOT, reason=not_run.NO_ROOT)

FILES = [
    (linked_file, "it is a symbolic link"),
    (dangling_file, "it is a symbolic link"),
    (file_linked_to_itself, "it is a symbolic link"),
    (file_is_a_fifo, "not a regular file"),
    (file_is_a_socket, "not a regular file"),
    pytest.param(file_is_a_device, "not a regular file", marks=needs_root),
    (file_is_a_folder, "not a regular file"),
    (file_open_to_all, r"others can use the file \(mode 0644\)"),
    (file_open_to_the_group, r"others can use the file \(mode 0620\)"),
    (file_with_a_second_name, "a second name"),
    pytest.param(file_of_somebody_else, "the file belongs to another user", marks=needs_root),
]
FOLDERS = [
    (linked_folder, "a folder on the way is a symbolic link"),
    (dangling_folder, "a folder on the way is a symbolic link"),
    (folder_linked_inside_the_project, "a folder on the way is a symbolic link"),
    (linked_parent, "a folder on the way is a symbolic link"),
    (parent_linked_upwards, "a folder on the way is a symbolic link"),
    (parent_is_a_file, "a part of the path is not a folder"),
    (folder_is_a_fifo, "a part of the path is not a folder"),
    (folder_open_to_all, "others can write to the folder"),
    (folder_open_to_the_group, "others can write to the folder"),
    (folder_open_to_all_but_sticky, "others can write to the folder"),
    (parent_open_to_all, "anybody can write to a folder on the way"),
    pytest.param(folder_of_somebody_else, "the folder belongs to another user", marks=needs_root),
    pytest.param(folder_without_rights, "Permission denied; give yourself", marks=needs_no_root),
    (root_is_gone, "No such file or directory"),
]


def seen(folder: Path) -> dict[str, tuple[int, int, int, bytes]]:
    """Everything below a folder with mode, owner, number of names and content."""
    return {
        str(path.relative_to(folder)): (
            path.lstat().st_mode,
            path.lstat().st_uid,
            path.lstat().st_nlink,
            path.read_bytes() if stat.S_ISREG(path.lstat().st_mode) else b"",
        )
        for path in sorted(folder.rglob("*"))
    }


@pytest.mark.parametrize(("hostile", "words"), FILES + FOLDERS)
def test_a_hostile_layout_is_refused_and_stays_as_it_is(
    layout: Layout, tmp_path: Path, hostile: Callable[[Layout], None], words: str
) -> None:
    hostile(layout)
    before = seen(tmp_path)
    sink = DotenvSink("runtime", TEMPLATE, layout.root)
    attempts: list[Callable[[], object]] = [
        lambda: sink.write(Credential("1", "bot", "id", {"LP_SECRET": Secret(CANARY)}), None),
        lambda: sink.read_back("1", "bot"),
    ]
    for attempt in attempts:
        with pytest.raises(SinkError, match=words) as caught:
            attempt()
        assert CANARY not in str(caught.value)
        assert str(caught.value).startswith('sink "runtime": deploy/secrets/bot.env: ')
    assert seen(tmp_path) == before


@pytest.mark.parametrize(("hostile", "words"), FOLDERS)
def test_a_probe_refuses_hostile_folders(
    layout: Layout, tmp_path: Path, hostile: Callable[[Layout], None], words: str
) -> None:
    hostile(layout)
    before = seen(tmp_path)
    with pytest.raises(SinkError, match=words):
        DotenvSink("runtime", TEMPLATE, layout.root).probe()
    assert seen(tmp_path) == before


@pytest.mark.parametrize("mode", [0o700, 0o755, 0o775, 0o1777])
def test_usual_modes_of_the_folders_above_are_fine(layout: Layout, mode: int) -> None:
    layout.deploy.chmod(mode)
    sink = DotenvSink("runtime", TEMPLATE, layout.root)
    sink.probe()
    sink.write(Credential("1", "bot", "id", {"LP_SECRET": Secret(CANARY)}), None)
    assert sink.read_back("1", "bot") == "id"


def test_the_project_itself_may_be_reached_through_a_link(layout: Layout, tmp_path: Path) -> None:
    (tmp_path / "current").symlink_to(layout.root)
    sink = DotenvSink("runtime", TEMPLATE, tmp_path / "current")
    sink.write(Credential("1", "bot", "id", {"LP_SECRET": Secret(CANARY)}), None)
    assert layout.file.is_file()


def test_an_absolute_path_is_walked_from_the_top(layout: Layout, tmp_path: Path) -> None:
    (tmp_path / "current").symlink_to(layout.root)
    base = os.path.realpath(tmp_path)
    sink = DotenvSink("runtime", f"{base}/current/{{name}}.env", layout.root)
    with pytest.raises(SinkError, match="a folder on the way is a symbolic link"):
        sink.write(Credential("1", "bot", "id", {"LP_SECRET": Secret(CANARY)}), None)


def test_a_file_swapped_for_a_link_after_the_look_is_not_followed(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink = DotenvSink("runtime", TEMPLATE, layout.root)
    sink.write(Credential("1", "bot", "id", {"LP_SECRET": Secret(CANARY)}), None)
    honest = os.stat(layout.file)
    layout.file.unlink()
    linked_file(layout)
    real = os.stat

    def stale(path: str, **named: object) -> os.stat_result:
        return honest if path == "bot.env" else real(path, **named)  # type: ignore[arg-type]

    monkeypatch.setattr("lebots.credentials.files.folder.os.stat", stale)
    with pytest.raises(SinkError, match="symbolic link"):
        sink.read_back("1", "bot")
