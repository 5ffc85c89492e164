"""Which files are read: those that were named, those below folders, and nothing outside of them."""

import errno
import os
import sys
from pathlib import Path

import pytest

from lebots.core.model.finding import Finding
from lebots.files import walk
from lebots.files.walk import EMPTY, find, holds_manifests, read_bytes
from tests import not_run


@pytest.fixture(autouse=True)
def _inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m").mkdir()


def put(*names: str) -> None:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text("")


def found(*paths: str) -> list[str]:
    files, findings = find([Path(path) for path in paths])
    assert findings == []
    return [file.as_posix() for file in files]


def refused(*paths: str) -> list[str]:
    return [str(finding) for finding in find([Path(path) for path in paths])[1]]


def test_a_folder_gives_its_manifests_sorted_at_any_depth() -> None:
    put("m/b.yaml", "m/a.yml", "m/c/d/e.yaml", "m/B.yaml", "m/readme.md", "m/f.yaml.orig")
    assert found("m") == ["m/B.yaml", "m/a.yml", "m/b.yaml", "m/c/d/e.yaml"]


def test_hidden_files_and_project_files_are_passed_over() -> None:
    put("m/.hidden.yaml", "m/.git/x.yaml", "m/lebots.yaml", "m/a.yaml")
    assert found("m") == ["m/a.yaml"]


def test_a_file_that_is_named_is_read_whatever_its_name() -> None:
    put("m/.hidden.yaml", "m/plan.json")
    assert found("m/.hidden.yaml", "m/plan.json") == ["m/.hidden.yaml", "m/plan.json"]


def test_a_file_is_read_once_however_often_it_is_named() -> None:
    put("m/a.yaml", "m/b.yaml")
    assert found("m/b.yaml", "m", "./m/a.yaml") == ["m/b.yaml", "m/a.yaml"]


def test_names_stay_as_the_user_gave_them(tmp_path: Path) -> None:
    put("m/a.yaml")
    assert found(str(tmp_path / "m")) == [f"{tmp_path.as_posix()}/m/a.yaml"]
    assert found("m/../m") == ["m/../m/a.yaml"]


def test_links_to_files_inside_the_folder_are_followed_as_in_a_config_map() -> None:
    put("m/..data/a.yaml", "m/b.yaml")
    Path("m/a.yaml").symlink_to("..data/a.yaml")
    Path("m/same.yaml").symlink_to("b.yaml")
    assert found("m") == ["m/a.yaml", "m/b.yaml"]


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("../outside.yaml", "leads out of the folder"),
        ("/etc/passwd", "leads out of the folder"),
        ("/proc/self/environ", "leads out of the folder"),
        ("nowhere.yaml", "leads nowhere"),
        ("link.yaml", "leads nowhere"),
        ("../elsewhere", "a link to a folder is not followed"),
        (".", "a link to a folder is not followed"),
    ],
)
def test_other_links_are_refused(target: str, words: str) -> None:
    put("outside.yaml", "elsewhere/x.yaml", "m/a.yaml")
    Path("m/link.yaml").symlink_to(target)
    files, findings = find([Path("m")])
    assert [file.as_posix() for file in files] == ["m/a.yaml"]
    assert [str(finding).startswith("m/link.yaml:1:1: ") for finding in findings] == [True]
    assert words in findings[0].message


def test_a_link_that_was_named_itself_is_followed() -> None:
    put("outside.yaml", "elsewhere/x.yaml")
    Path("m/link.yaml").symlink_to("../outside.yaml")
    Path("folder").symlink_to("elsewhere")
    assert found("m/link.yaml", "folder") == ["m/link.yaml", "folder/x.yaml"]


def test_an_empty_folder_is_an_accident() -> None:
    put("m/readme.md")
    assert refused("m") == [
        "m:1:1: holds no manifest (*.yaml, *.yml); `lebots init` writes a first one"
    ]


def test_nothing_there_can_be_told_from_what_cannot_be_read() -> None:
    """The first may be meant, the second never is."""
    put("m/readme.md")
    assert [finding.code for finding in find([Path("m"), Path("x")])[1]] == [EMPTY, "file"]


def test_all_wrong_paths_are_told() -> None:
    assert refused("x", "m", "a\0b") == [
        "x:1:1: cannot be read (no such file or directory); name a file or folder of manifests",
        "m:1:1: holds no manifest (*.yaml, *.yml); `lebots init` writes a first one",
        "a\\u0000b:1:1: cannot be read (the path is not valid); name a file or folder of manifests",
    ]


def test_a_name_that_cannot_be_shown_is_refused_and_escaped() -> None:
    put("m/a\n::error::.yaml", "m/\u202ecod.yaml", "m/ok.yaml")
    files, findings = find([Path("m")])
    assert [file.name for file in files] == ["ok.yaml"]
    assert [str(f.source) for f in findings] == [
        "m/a\\n::error::.yaml:1:1",
        "m/\\u202ecod.yaml:1:1",
    ]


def test_a_name_that_is_not_utf8_is_refused() -> None:
    try:
        Path(os.fsdecode(b"m/\xff.yaml")).write_text("")
    except OSError:
        pytest.skip(not_run.NAMES)
    assert refused("m") == [
        "m/\\udcff.yaml:1:1: the file name holds a character that cannot be shown; rename it"
    ]


def test_a_tree_may_be_deeper_than_the_stack(tmp_path: Path) -> None:
    deep = "m" + "/a" * 400
    put(f"{deep}/x.yaml")
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(300)
    try:
        assert found("m") == [f"{deep}/x.yaml"]
    finally:
        sys.setrecursionlimit(limit)


def test_a_path_that_is_too_long_is_told() -> None:
    assert refused("m" + "/a" * 5000)[0].endswith(
        "cannot be read (file name too long); name a file or folder of manifests"
    )


def test_there_is_a_limit_on_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "MAX_FILES", 3)
    put(*(f"m/{number}.yaml" for number in range(5)))
    files, findings = find([Path("m")])
    assert len(files) == 3
    assert [f.message for f in findings] == ["more than 3 files; name a smaller folder"]


def test_pipes_devices_and_folders_are_refused_without_waiting() -> None:
    os.mkfifo("m/pipe.yaml")
    for path in ("m/pipe.yaml", "/dev/null"):
        finding = read_bytes(Path(path))
        assert isinstance(finding, Finding)
        assert finding.message == "cannot be read (not a regular file)"
    assert isinstance(read_bytes(Path("m")), Finding)


def test_a_file_that_vanished_is_a_finding() -> None:
    finding = read_bytes(Path("gone.yaml"))
    assert str(finding) == "gone.yaml:1:1: cannot be read (no such file or directory)"


def test_no_more_than_the_limit_is_read() -> None:
    with open("m/large.yaml", "wb") as file:
        file.truncate(20 * 1024 * 1024)
    data = read_bytes(Path("m/large.yaml"))
    assert isinstance(data, bytes)
    assert len(data) == 8 * 1024 * 1024 + 1


def test_what_may_not_be_read_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object) -> int:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    put("m/a.yaml")
    monkeypatch.setattr(os, "open", denied)
    monkeypatch.setattr(os, "listdir", denied)
    assert refused("m") == ["m:1:1: cannot be read (permission denied)"]
    assert str(read_bytes(Path("m/a.yaml"))) == "m/a.yaml:1:1: cannot be read (permission denied)"


@pytest.mark.parametrize(
    ("name", "holds"),
    [("a.yaml", True), ("b/c.yml", True), ("readme.md", False), (".a.yaml", False), ("", False)],
)
def test_whether_a_folder_holds_manifests(name: str, holds: bool) -> None:
    put(*([f"m/{name}"] if name else []))
    assert holds_manifests(Path("m")) is holds


def test_a_link_that_cannot_be_read_is_something_to_look_at() -> None:
    Path("m/a.yaml").symlink_to("nowhere")
    assert holds_manifests(Path("m"))
