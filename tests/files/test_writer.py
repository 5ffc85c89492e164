"""Writing YAML: in the style of people, and the reader gives the same value back."""

import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lebots.errors import UsageError
from lebots.files.characters import refused
from lebots.files.reader import read
from lebots.files.writer import Tall, write, write_file

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
    manifest = {
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
@settings(max_examples=400)
def test_what_is_written_reads_back_the_same(value: dict[str, object]) -> None:
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


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    with pytest.raises(UsageError, match=r"a/b\.yaml cannot be written"):
        write_file(tmp_path / "a" / "b.yaml", "one\n")
    (tmp_path / "folder").mkdir()
    with pytest.raises(UsageError, match="folder cannot be written"):
        write_file(tmp_path / "folder", "one\n")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["a", "folder"]
