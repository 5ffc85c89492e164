"""Foreign words in messages: short, escaped, and withheld where a secret is in them."""

import base64
import codecs
import gzip
import html
import json
import quopri
import subprocess
import sys
import time
from binascii import b2a_uu
from collections.abc import Mapping
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lebots.core.model.secret import REGISTRY, Secret
from lebots.core.vendor.redact import MAX_SHOWN, WITHHELD, contains_secret, safe_excerpt

SECRET = 'c4n4ry/+"ü 0f-4-s3cr3t'
SECRETS = [SECRET, "8f14e45fceea167a5a36dedd4bea2543", "Tr0ub4dor&3-horse_battery~staple"]


def hexed(secret: str) -> str:
    return secret.encode().hex()


def each(secret: str, form: str, between: str = "") -> str:
    return between.join(form.format(byte) for byte in secret.encode())


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def spread(text: str, sign: str, every: int) -> str:
    return sign.join(text[at : at + every] for at in range(0, len(text), every))


def encodings(secret: str) -> Mapping[str, str]:
    raw = secret.encode()
    jsoned = json.dumps(secret)
    return {
        "raw": secret,
        "upper": secret.upper(),
        "lower": secret.lower(),
        "swapped case": secret.swapcase(),
        "reversed": secret[::-1],
        "cut off": secret[:-4],
        "json": jsoned,
        "json twice": json.dumps(jsoned),
        "json all escaped": "".join(f"\\u{ord(sign):04x}" for sign in secret),
        "percent": quote(secret, safe=""),
        "percent, all": each(secret, "%{:02x}"),
        "percent twice": quote(quote(secret, safe=""), safe=""),
        "form": quote_plus(secret),
        "base64": b64(raw),
        "base64 without padding": b64(raw).rstrip("="),
        "base64 at 1": b64(b"u" + raw + b"!"),
        "base64 at 2": b64(b"u:" + raw + b"!"),
        "base64 in lines": base64.encodebytes(raw * 3).decode(),
        "base64 in short lines": spread(b64(raw), "\r\n", 5),
        "base64 url-safe": base64.urlsafe_b64encode(b"xy" + raw).decode(),
        "base64 twice": b64(b64(raw).encode()),
        "base64 of utf-16": b64(secret.encode("utf-16")),
        "base64 of gzip": b64(gzip.compress(raw)),
        "base64 of hex": b64(raw.hex().encode()),
        "basic authentication": f"Basic {b64(b'user:' + raw)}",
        "hex": hexed(secret),
        "hex, upper": hexed(secret).upper(),
        "hex with colons": each(secret, "{:02x}", ":"),
        "hex with 0x": each(secret, "0x{:02x}", ", "),
        "hex escapes": each(secret, "\\x{:02x}"),
        "hex of base64": b64(raw).encode().hex(),
        "octal escapes": each(secret, "\\{:03o}"),
        "decimal codes": each(secret, "{}", ", "),
        "bits": each(secret, "{:08b}", " "),
        "base32": base64.b32encode(raw).decode(),
        "base85": base64.b85encode(raw).decode(),
        "ascii85": base64.a85encode(raw).decode(),
        "uuencode": "begin 644 x\n"
        + "\n".join(b2a_uu(raw[at : at + 45]).decode().rstrip() for at in range(0, len(raw), 45)),
        "html": html.escape(secret),
        "html entities": "".join(f"&#{ord(sign)};" for sign in secret),
        "html entities in hex": "".join(f"&#x{ord(sign):x};" for sign in secret),
        "between tags": spread(secret, "<wbr>", 4),
        "quoted-printable": quopri.encodestring(raw).decode(),
        "quoted-printable, all": each(secret, "={:02X}"),
        "utf-16": secret.encode("utf-16-le").decode("latin-1"),
        "spaces": " ".join(secret),
        "lines": spread(secret, "\n", 6),
        "escaped lines": spread(secret, "\\n", 6),
        "dashes": "-".join(secret),
        "quotes and plus": spread(secret, '" + "', 5),
        "zero width": "\u200b".join(secret),
        "full width": "".join(
            chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in secret
        ),
        "rot13": codecs.encode(secret, "rot13"),
        "rot47": "".join(
            chr(33 + (ord(sign) + 14) % 94) if "!" <= sign <= "~" else sign for sign in secret
        ),
        "css escapes": "".join(f"\\{ord(sign):x} " for sign in secret),
        "code points": " ".join(f"U+{ord(sign):04X}" for sign in secret),
        "repr of bytes": repr(raw),
    }


def test_there_are_more_than_42_ways() -> None:
    assert len(encodings(SECRET)) > 42


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("way", encodings(SECRET))
def test_a_secret_is_not_shown_in_any_encoding(way: str, secret: str) -> None:
    form = encodings(secret)[way]
    before = f"cannot store {form} here"
    assert not contains_secret(before)
    Secret("another secret of the run")
    Secret(secret)
    assert safe_excerpt(before) == WITHHELD
    assert safe_excerpt(json.dumps({"message": form})) == WITHHELD
    assert safe_excerpt("cannot store it here") == '"cannot store it here"'


@pytest.mark.parametrize(
    "words",
    [
        "user routing-bot not found in account 12345678",
        "permission denied: path secret/data/bots/12345678/routing-bot, 1 error occurred",
        "<html><head><title>502 Bad Gateway</title></head><body>nginx/1.18.0</body></html>",
        "AccessDeniedException: arn:aws:sts::111122223333:assumed-role/ci/run is not authorized",
        "request 0f8fad5b-d9cb-469f-a165-70867728950e at 2026-11-30T12:00:00.000Z failed",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    ],
)
def test_words_without_a_secret_are_shown(words: str) -> None:
    for secret in SECRETS:
        Secret(secret)
    assert not contains_secret(words)


def test_a_secret_that_is_half_a_character_is_seen_too() -> None:
    secret = "\ud800" + SECRET
    Secret(secret)
    assert contains_secret(f"cannot store {secret} here")
    assert contains_secret(quote(secret, safe="", errors="surrogatepass"))


def test_a_secret_of_signs_is_seen_too() -> None:
    Secret("#!?%&/()=+*~")
    assert contains_secret("no #!?%&/()=+*~ here")
    assert contains_secret(b64(b"#!?%&/()=+*~"))


@pytest.mark.parametrize(
    ("secret", "seen"), [("dummy", False), ("7 chars", False), ("8 chars!", True)]
)
def test_what_is_shorter_than_eight_characters_is_a_word_like_any_other(
    secret: str, seen: bool
) -> None:
    Secret(secret)
    assert contains_secret(f"no {secret} here") is seen
    assert not contains_secret("nothing of it here")


def test_the_registry_knows_every_secret_but_masks_and_what_is_none() -> None:
    REGISTRY.clear()
    Secret("a secret of the run")
    Secret("12345678", known=False)
    Secret("********")
    assert list(REGISTRY) == ["a secret of the run"]


def test_a_large_hostile_text_is_looked_at_in_time() -> None:
    for number in range(200):
        Secret(f"secret number {number:012}")
    started = time.perf_counter()
    for text in ("%25" * 90_000, "\\" * 90_000, "A" * 90_000, "&amp;" * 20_000, "12 " * 30_000):
        contains_secret(text)
    assert time.perf_counter() - started < 10


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", '""'),
        ("  no\n", '"no"'),
        ("a\nb\x1b[31m\u202e", '"a\\nb\\u001b[31m\\u202e"'),
        ("x" * 400, f'"{"x" * MAX_SHOWN} ..."'),
    ],
)
def test_words_are_shown_on_one_line(text: str, shown: str) -> None:
    assert safe_excerpt(text) == shown


def test_a_secret_that_is_cut_withholds_the_words_too() -> None:
    Secret(SECRET)
    assert safe_excerpt("x" * (MAX_SHOWN - 4) + SECRET) == WITHHELD


@given(st.text(), st.text(min_size=8), st.text())
def test_nothing_of_it_gets_out(before: str, secret: str, after: str) -> None:
    if not Secret(secret).masked:
        assert safe_excerpt(before + secret + after) == WITHHELD


@given(st.text())
def test_what_is_shown_is_printable(text: str) -> None:
    assert safe_excerpt(text).isprintable()


def test_letters_of_any_language_are_shown_as_they_are() -> None:
    assert safe_excerpt("kein Schlüssel") == '"kein Schlüssel"'


LIMITED = "\\101\\40 " + " ".join(b64(f"{n} \\{n:03o} of many".encode()) for n in range(300))
"""More than is read: what is read first decides what is read at all."""
READ = """
import sys
from hashlib import sha256
from lebots.core.vendor import decoded
seen = []
def noting(decode):
    return lambda text: (seen.append(text), decode(text))[1]
decoded._DECODERS = [*map(noting, decoded._DECODERS)]
decoded.readings(sys.stdin.read())
print(sha256(repr(seen).encode()).hexdigest())
"""


def test_which_readings_are_looked_at_does_not_depend_on_the_order_of_a_set() -> None:
    printed = {
        subprocess.run(
            [sys.executable, "-c", READ],
            input=LIMITED,
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in "123456"
    }
    assert len(printed) == 1
