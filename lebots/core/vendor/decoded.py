"""A text as each usual encoding would have it read: what a reader could get out of it."""

import base64
import html
import re
import unicodedata
import zlib
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from urllib.parse import unquote_to_bytes

MOST = 16 * 1024
"""Characters that are looked at; an answer that means something is much shorter."""
_ROUNDS = 3
_MOST_READINGS = 400
_MOST_IN_ALL = 32 * MOST
_SHORTEST = 8

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{8,}")
_BASE32 = re.compile(r"[A-Za-z2-7]{13,}")
_BASE85 = re.compile(r"[!-u]{10,}"), re.compile(r"[0-9A-Za-z!#$%&()*+;<=>?@^_`{|}~-]{10,}")
_HEX = re.compile(r"(?:[0-9a-f]{2}[^0-9a-z]{0,3}){8,}", re.IGNORECASE)
_HEX_MARKS = re.compile(r"0x|\\x|u\+00|\\u00|&#x", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![0-9])[0-9]{2,3}(?![0-9])")
_BITS = re.compile(r"[01]{7,8}")
_BLANKS = re.compile(r"\s+|\\[nrt]|=\r?\n")
_TAGS = re.compile(r"<[^<>]{0,80}>")
_ESCAPE = re.compile(
    r"\\(?:u\{([0-9a-f]{1,6})\}|u([0-9a-f]{4})|U([0-9a-f]{8})|x([0-9a-f]{2})|(.))",
    re.IGNORECASE | re.DOTALL,
)
_OCTAL = re.compile(r"\\([0-3][0-7]{2})")
_CSS = re.compile(r"\\([0-9a-f]{1,6})\s?", re.IGNORECASE)
_PERCENT_U = re.compile(r"%u([0-9a-f]{4})", re.IGNORECASE)
_QUOTED_PRINTABLE = re.compile(r"=([0-9a-f]{2})", re.IGNORECASE)
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t"}
_UU = bytes.maketrans(
    bytes(range(32, 97)),
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/A",
)


class Readings:
    """Many texts in which many others are looked for."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = {text[at : at + _SHORTEST] for at in range(len(text) - _SHORTEST + 1)}

    def __contains__(self, form: str) -> bool:
        """Whether a text of at least eight characters stands in one of them."""
        return form[:_SHORTEST] in self._starts and form in self._text


@lru_cache(maxsize=8)
def readings(text: str) -> Readings:
    """The text in every reading: each without white space, and squeezed."""
    found = {text[:MOST]: None}
    latest = list(found)
    left = _MOST_IN_ALL
    for _ in range(_ROUNDS):
        new: dict[str, None] = {}
        for reading in (found_ for one in latest for decode in _DECODERS for found_ in decode(one)):
            if len(reading) >= _SHORTEST and reading not in found:
                new[reading] = None
                left -= len(reading)
            if left < 0 or len(found) + len(new) > _MOST_READINGS:
                break
        found |= new
        # What is mostly no text was encoded in another way.
        latest = [one for one in new if _is_text(one)]
    plain = (form for one in found for form in ("".join(one.split()), squeezed(one)))
    return Readings("\n".join(dict.fromkeys(plain)))


def squeezed(text: str) -> str:
    """Letters and digits alone: whatever stands between them, and their case, says nothing."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(sign for sign in plain if sign.isalnum())


def _is_text(text: str) -> bool:
    return sum(" " <= sign <= "~" for sign in text) * 10 >= len(text) * 9


def _as_text(data: bytes) -> Iterator[str]:
    yield data.decode("utf-8", "replace")
    yield data.decode("latin-1")


def _character(digits: str, base: int = 16) -> str:
    number = int(digits, base)
    return chr(number) if number < 0x110000 else ""


def _escapes(text: str) -> Iterator[str]:
    octal = _OCTAL.sub(lambda found: _character(found[1], 8), text)
    for one in dict.fromkeys((text, octal)):
        if "\\" in one:
            yield _ESCAPE.sub(_unescaped, one)
        yield one
    if "\\" in text:
        yield _CSS.sub(lambda found: _character(found[1]), text)


def _unescaped(found: re.Match[str]) -> str:
    digits = found[1] or found[2] or found[3] or found[4]
    return _character(digits) if digits else _CONTROLS.get(found[5], found[5])


def _bytes(text: str) -> Iterator[str]:
    if not text.isascii():
        yield text.encode("latin-1", "ignore").decode("utf-8", "replace")


def _percent(text: str) -> Iterator[str]:
    if "%" in text:
        text = _PERCENT_U.sub(lambda found: _character(found[1]), text)
        yield from _as_text(unquote_to_bytes(text.encode("utf-8", "surrogatepass")))


def _entities(text: str) -> Iterator[str]:
    if "&" in text:
        yield html.unescape(text)
    if "<" in text:
        yield _TAGS.sub("", text)


def _quoted_printable(text: str) -> Iterator[str]:
    if "=" in text:
        joined = re.sub(r"=\r?\n", "", text)
        raw = re.sub(_QUOTED_PRINTABLE, lambda found: _character(found[1]), joined)
        yield from _as_text(raw.encode("latin-1", "ignore"))


def _base64(text: str) -> Iterator[str]:
    for one in dict.fromkeys((text, _BLANKS.sub("", text))):
        for shift in range(4):
            yield from _joined(_BASE64, one, _from_base64, shift)


def _from_base64(token: str) -> bytes:
    token = token.replace("-", "+").replace("_", "/")
    data = base64.b64decode(token[: len(token) // 4 * 4] + _rest(token))
    return _inflated(data) or data


def _rest(token: str) -> str:
    left = token[len(token) // 4 * 4 :]
    return left + "=" * (4 - len(left)) if len(left) > 1 else ""


def _inflated(data: bytes) -> bytes:
    try:
        return zlib.decompressobj(47).decompress(data, MOST)
    except zlib.error:
        return b""


def _base32(text: str) -> Iterator[str]:
    for one in dict.fromkeys((text, _BLANKS.sub("", text))):
        for shift in range(8):
            yield from _joined(_BASE32, one, _from_base32, shift)


def _from_base32(token: str) -> bytes:
    whole = token.upper() + "A" * (-len(token) % 8)
    return base64.b32decode(whole)


def _base85(text: str) -> Iterator[str]:
    for pattern, decode in zip(_BASE85, (base64.a85decode, base64.b85decode), strict=True):
        for shift in range(5):
            yield from _joined(pattern, text, decode, shift)


def _uu(text: str) -> Iterator[str]:
    lines = (line[1:].encode("latin-1", "replace") for line in text.splitlines())
    data = b""
    for line in lines:
        whole = line.translate(_UU)[: len(line) // 4 * 4]
        try:
            data += base64.b64decode(whole, validate=True)
        except ValueError:
            continue
    yield from _as_text(data)


def _hexadecimal(text: str) -> Iterator[str]:
    plain = _HEX_MARKS.sub("", text)
    for shift in range(2):
        yield from _joined(_HEX, plain, _from_hex, shift)


def _from_hex(token: str) -> bytes:
    digits = "".join(sign for sign in token if sign.isalnum())
    return bytes.fromhex(digits[: len(digits) // 2 * 2])


def _numbers(text: str) -> Iterator[str]:
    found = _NUMBER.findall(text)
    if len(found) >= _SHORTEST:
        yield "".join(_character(one, 10) for one in found)
        yield "".join(_character(one, 8) for one in found if not set(one) & set("89"))
    if len(bits := _BITS.findall(text)) >= _SHORTEST:
        yield "".join(_character(one, 2) for one in bits)


def _joined(
    pattern: re.Pattern[str], text: str, decode: Callable[[str], bytes], shift: int
) -> Iterator[str]:
    """What the tokens decode to, each from this character on, one after the other."""
    data = b" ".join(_tried(decode, (token[shift:] for token in pattern.findall(text))))
    if data:
        yield from _as_text(data)


def _tried(decode: Callable[[str], bytes], tokens: Iterable[str]) -> Iterator[bytes]:
    for token in tokens:
        try:
            yield decode(token)
        except ValueError:
            continue


_DECODERS = (
    *(_bytes, _escapes, _percent, _entities, _quoted_printable, _hexadecimal, _base64),
    *(_base32, _base85, _uu, _numbers),
)
