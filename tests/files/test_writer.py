"""Writing YAML: in the style of people, and the reader gives the same value back."""

import os
import stat
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lebots.errors import NotWritten, UsageError
from lebots.files.yaml.characters import refused
from lebots.files.yaml.reader import read
from lebots.files.yaml.writer import Tall, write, write_file, write_files
from tests.night import examples

MANIFEST = """\
apiVersion: lebots/v1
kind: BotUser
metadata:
  name: routing-bot
spec:
  fullName: Routing bot
  nickname: 'no'
  email: bots@example.com
  profiles: [Agent]
  skills: []
  employeeId: "0123"
  maxAsyncChats: 25
  enabled: true
  note: null
"""

readable = st.one_of(
    st.text(max_size=40),
    st.sampled_from(["yes", "010", "1e3", "12:30", "~", "=", "<<", "- a", "# b", "a: b", "é"]),
    st.sampled_from([" a", "a ", "\n", "a\n", "\na", "a\n b", " a\nb", "a\n\n", "\t", "---", "|"]),
).filter(lambda text: not refused(text))
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**17), 10**17)
    | st.floats(allow_nan=False, allow_infinity=False, width=32)
    | readable,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(readable, inner, max_size=4),
    max_leaves=12,
)


def test_a_manifest_looks_as_people_write_it() -> None:
    manifest: dict[str, Any] = {
        "apiVersion": "lebots/v1",
        "kind": "BotUser",
        "metadata": {"name": "routing-bot"},
        "spec": {
            "fullName": "Routing bot",
            "nickname": "no",
            "email": "bots@example.com",
            "profiles": ("Agent",),
            "skills": [],
            "employeeId": "0123",
            "maxAsyncChats": 25,
            "enabled": True,
            "note": None,
        },
    }
    assert write(manifest) == MANIFEST.replace("'no'", '"no"')


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": "one\ntwo\n"}, "a: |\n  one\n  two\n"),
        ({"a": ["x" * 50, "y" * 50]}, f"a:\n  - {'x' * 50}\n  - {'y' * 50}\n"),
        ({"a": [{"b": 1, "c": [2]}]}, "a:\n  - b: 1\n    c: [2]\n"),
        ({"a": Tall(["b", Tall(["c"])]), "d": Tall()}, "a:\n  - b\n  - - c\nd: []\n"),
        ({"a": "one\n\n"}, "a: |+\n  one\n\n"),
        ({"a": "..."}, "a: '...'\n"),
        ({"a": "Grüße 👋"}, "a: Grüße 👋\n"),
        ({"z": 1, "a": 2}, "z: 1\na: 2\n"),
        ({"a": "word " * 40 + "end"}, f"a: {'word ' * 40}end\n"),
        ({"a": 1e20}, "a: 1.0e+20\n"),
    ],
)
def test_styles(value: object, text: str) -> None:
    assert write(value) == text  # type: ignore[arg-type]


def test_the_same_list_twice_is_written_twice() -> None:
    shared = ["a"]
    assert write({"one": shared, "two": shared}) == "one: [a]\ntwo: [a]\n"


@given(st.dictionaries(readable, values, max_size=5))
@settings(max_examples=examples(400))
def test_what_is_written_reads_back_the_same(value: dict[str, Any]) -> None:
    documents, findings = read(write(value).encode(), "m.yaml")
    assert findings == []
    assert [document.value for document in documents] == [value]
    assert list(documents[0].value) == list(value)  # type: ignore[arg-type]


def test_a_file_is_put_in_place_with_its_folders(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b.yaml"
    write_file(path, "one\n")
    write_file(path, "zwei: ü\n")
    assert path.read_bytes() == "zwei: ü\n".encode()
    assert [entry.name for entry in path.parent.iterdir()] == ["b.yaml"]
    assert stat.S_IMODE(path.stat().st_mode) & 0o600 == 0o600


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o755])
def test_a_file_keeps_its_permissions(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "a.yaml"
    path.touch()
    path.chmod(mode)
    write_file(path, "one\n")
    assert path.read_text() == "one\n"
    assert stat.S_IMODE(path.stat().st_mode) == mode


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_a_private_file_is_private_whatever_was_there(tmp_path: Path, umask: int) -> None:
    (tmp_path / "wide").touch()
    (tmp_path / "wide").chmod(0o666)
    before = os.umask(umask)
    try:
        for name in ("wide", "a/b/new"):
            write_file(tmp_path / name, "one\n", private=True)
        write_file(tmp_path / "open/to/others", "one\n")
    finally:
        os.umask(before)
    modes = {name: stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("wide", "a/b/new")}
    assert modes == {"wide": 0o600, "a/b/new": 0o600}
    assert {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("a", "a/b")} == {0o700}
    assert stat.S_IMODE((tmp_path / "open").stat().st_mode) == 0o777 & ~umask


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    with pytest.raises(UsageError, match=r"a/b\.yaml cannot be written"):
        write_file(tmp_path / "a" / "b.yaml", "one\n")
    (tmp_path / "folder").mkdir()
    with pytest.raises(UsageError, match="folder cannot be written"):
        write_file(tmp_path / "folder", "one\n")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["a", "folder"]


# Several files at once


def put(folder: Path, *names: str) -> None:
    write_files(folder, {PurePosixPath(name): f"{name}\n" for name in names})


def tree(folder: Path) -> dict[str, str]:
    """Every file and link below a folder, and every empty folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_text() if path.is_file() else "-"
        for path in sorted(folder.rglob("*"))
        if path.is_symlink() or path.is_file() or not any(path.iterdir())
    }


def test_several_files_with_their_folders(tmp_path: Path) -> None:
    put(tmp_path / "m", "a.yaml", "b/c.yaml", "b/d.yaml")
    assert tree(tmp_path) == {
        "m/a.yaml": "a.yaml\n",
        "m/b/c.yaml": "b/c.yaml\n",
        "m/b/d.yaml": "b/d.yaml\n",
    }
    put(tmp_path / "m", "b/e.yaml")
    assert len(tree(tmp_path)) == 4


def test_nothing_to_write_makes_nothing(tmp_path: Path) -> None:
    put(tmp_path / "m")
    assert tree(tmp_path) == {}


@pytest.mark.parametrize("there", ["file", "folder", "link to nothing", "link out"])
def test_what_is_there_is_never_written_over(tmp_path: Path, there: str) -> None:
    folder = tmp_path / "m"
    (folder / "b").mkdir(parents=True)
    (tmp_path / "mine").write_text("mine")
    place = folder / "b" / "c.yaml"
    if there == "file":
        place.write_text("mine")
    elif there == "folder":
        place.mkdir()
    else:
        place.symlink_to(tmp_path / ("mine" if there == "link out" else "nowhere"))
    before = tree(tmp_path)
    with pytest.raises(UsageError, match=r"b/c\.yaml is there already; nothing was written"):
        put(folder, "a.yaml", "b/a.yaml", "b/c.yaml")
    assert tree(tmp_path) == before


@pytest.mark.parametrize("there", ["file", "link to nothing", "link out", "link inside"])
def test_folders_below_are_folders_and_no_links(tmp_path: Path, there: str) -> None:
    folder, outside = tmp_path / "m", tmp_path / "outside"
    (folder / "inside").mkdir(parents=True)
    outside.mkdir()
    place = folder / "b"
    if there == "file":
        place.write_text("mine")
    else:
        leads: dict[str, str | Path] = {
            "link to nothing": "nowhere",
            "link out": outside,
            "link inside": "inside",
        }
        place.symlink_to(leads[there])
    before = tree(tmp_path)
    with pytest.raises(UsageError, match=r"m/b is no folder; move it away"):
        put(folder, "a.yaml", "b/c.yaml")
    assert tree(tmp_path) == before


def test_the_folder_that_was_named_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "m").symlink_to("real")
    put(tmp_path / "m", "b/c.yaml")
    assert (tmp_path / "real" / "b" / "c.yaml").exists()


@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failure_on_the_way_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: BaseException
) -> None:
    (tmp_path / "m" / "kept").mkdir(parents=True)
    before = tree(tmp_path)
    real, left = os.replace, [2]

    def replace(source: str, target: Path) -> None:
        if not left[0]:
            raise failure
        left[0] -= 1
        real(source, target)

    monkeypatch.setattr("os.replace", replace)
    expected = NotWritten if isinstance(failure, OSError) else KeyboardInterrupt
    with pytest.raises(expected):
        put(tmp_path / "m", "a.yaml", "b/c.yaml", "b/d.yaml")
    assert tree(tmp_path) == before
