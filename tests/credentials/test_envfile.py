"""The text of a credential file: what readers get out of it, and when it counts."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lebots.core.model.ports import Credential
from lebots.core.model.secret import Secret
from lebots.credentials.content.storable import Damaged, NotStorable
from lebots.credentials.files import envfile
from tests import not_run

law = settings(derandomize=True, database=None, deadline=None)
BASH = shutil.which("bash")

PLAIN = {
    "LP_ACCOUNT": "10000001",
    "LP_APPKEY": "0b2c7f3e-5a41-4a8e-9d0a-2f6f1f6f9a11",
    "LP_SECRET": "f00dfacecafe0123",
    "LP_ACCESSTOKEN": "dummy",
    "LP_ACCESSTOKENSECRET": "dummy",
}

# Alike for shells and dotenv readers.
PORTABLE = [
    "",
    "a",
    " outer blanks ",
    "a#b",
    "a #b",
    "a=b",
    "a;b|c&d>e<f(g)h*i?j[k]l~m!n",
    '"',
    '""',
    "'",
    "it's",
    "\\",
    "\\n",
    "\\\\",
    "trailing\\",
    'it\'s "both" \\ways\\',
    "$HOME",
    "$(touch never)",
    "`touch never`",
    'dollar $ and "quotes"',
    "żółć 🤖 \u202e",
    "-n",
    "%s%n",
    "!!",
    "export A=b",
]
STORABLE = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"])
# A dotenv reader has no form for these; a shell reads them right.
SHELL_ONLY = ["it's $HOME", "`it's`", "back\\slash $x", "'\"$`\\"]


def credential(**values: str | Secret) -> Credential:
    return Credential("10000001", "routing-bot", PLAIN["LP_APPKEY"], values or dict(PLAIN))


def test_the_file_is_easy_to_read() -> None:
    lines = envfile.text(credential()).decode().splitlines()
    assert lines[:-1] == [
        "# written by lebots for Key/routing-bot; do not edit",
        '# lebots-credential {"account": "10000001",'
        ' "id": "0b2c7f3e-5a41-4a8e-9d0a-2f6f1f6f9a11", "key": "routing-bot"}',
        "LP_ACCOUNT=10000001",
        "LP_APPKEY=0b2c7f3e-5a41-4a8e-9d0a-2f6f1f6f9a11",
        "LP_SECRET=f00dfacecafe0123",
        "LP_ACCESSTOKEN=dummy",
        "LP_ACCESSTOKENSECRET=dummy",
    ]
    assert re.fullmatch(r"# sha256 of the lines above: [0-9a-f]{64}", lines[-1])


def sourced(text: bytes, folder: Path) -> bytes:
    (folder / "bot.env").write_bytes(text)
    assert BASH
    done = subprocess.run(
        [BASH, "-c", "set -aeu; . ./bot.env; unset HOME; exec env -0"],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "HOME": "/nowhere"},
        capture_output=True,
        check=True,
    )
    assert done.stderr == b""
    return done.stdout


@pytest.mark.skipif(not BASH, reason=not_run.BASH)
@pytest.mark.parametrize("value", PORTABLE + SHELL_ONLY)
def test_a_shell_reads_the_same_value(value: str, tmp_path: Path) -> None:
    variables = sourced(envfile.text(credential(LP_SECRET=Secret(value))), tmp_path)
    assert f"LP_SECRET={value}".encode() in variables.split(b"\0")
    assert not (tmp_path / "never").exists()


def dotenv_value(text: bytes, name: str) -> str:
    """The rules of the common dotenv readers: three forms, escapes inside the quotes."""
    single, double, bare = r"'((?:\\'|[^'])*)'", r'"((?:\\"|\\\\|[^"\\])*)"', r"([^'\"\s#]+)"
    line = re.compile(rf"^{name}=(?:{single}|{double}|{bare})$", re.MULTILINE)
    found = line.search(text.decode())
    assert found
    if found[1] is not None:
        return re.sub(r"\\([\\'])", r"\1", found[1])
    if found[2] is not None:
        return re.sub(r'\\([\\"])', r"\1", found[2])
    return found[3]


@pytest.mark.parametrize("value", PORTABLE)
def test_a_dotenv_reader_reads_the_same_value(value: str) -> None:
    assert dotenv_value(envfile.text(credential(LP_SECRET=value)), "LP_SECRET") == value


@law
@given(st.dictionaries(st.sampled_from(["A", "B_2", "_c"]), st.text(STORABLE)))
def test_what_was_written_is_what_is_read(values: dict[str, str]) -> None:
    read = envfile.parse(envfile.text(Credential("1", "k", "i", values)))
    assert (read.account, read.key, read.id) == ("1", "k", "i")
    found = {n: v.reveal() for n, v in read.values.items() if isinstance(v, Secret)}
    assert found == values


@law
@given(st.text(), st.text(), st.text())
def test_any_name_fits_in_the_comment(account: str, key: str, number: str) -> None:
    text = envfile.text(Credential(account, key, number, {"A": "b"}))
    assert [line.startswith(b"#") for line in text.splitlines()] == [True, True, False, True]
    assert envfile.owner(text) == (account, key)
    assert envfile.parse(text).id == number


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"LP_SECRET": Secret("c4n4ry\0")}, "LP_SECRET holds a character"),
        ({"LP_SECRET": Secret("c4n4ry\ud800")}, "LP_SECRET holds a character"),
        ({"LP_SECRET": Secret("c4n4ry\nLP_ACCOUNT=1")}, "LP_SECRET holds a character"),
        ({"LP_ACCOUNT": "1\t"}, "LP_ACCOUNT holds a character"),
        ({"a-b": "c4n4ry"}, "a name that no environment variable can have"),
        ({"": "c4n4ry"}, "a name that no environment variable can have"),
        ({"A=b\nB": "c4n4ry"}, "a name that no environment variable can have"),
    ],
)
def test_what_no_environment_can_hold_is_refused(values: dict[str, str], words: str) -> None:
    with pytest.raises(NotStorable, match=words) as caught:
        envfile.text(credential(**values))
    assert "c4n4ry" not in str(caught.value)


def test_a_text_cut_at_any_byte_is_damaged() -> None:
    text = envfile.text(credential(A="it's", B="two words"))
    for length in range(len(text)):
        with pytest.raises(Damaged):
            envfile.parse(text[:length])


def test_a_text_with_any_byte_changed_is_damaged() -> None:
    text = envfile.text(credential())
    for at in range(len(text)):
        for bit in range(8):
            changed = bytearray(text)
            changed[at] ^= 1 << bit
            with pytest.raises(Damaged):
                envfile.parse(bytes(changed))


@law
@given(st.binary() | st.text().map(str.encode))
def test_foreign_text_is_damaged_and_nobodys(text: bytes) -> None:
    assert envfile.owner(text) is None
    with pytest.raises(Damaged):
        envfile.parse(text)
