"""Reads answers of an account with a limit of size and of time."""

from collections.abc import Callable, Iterator

import httpx

from lebots.core.model.secret import SecretBytes

LARGEST = 64 * 1024 * 1024
"""Bytes of an answer after decompression; 18,000 users take about a quarter of it."""

LARGEST_TOKEN = 1024 * 1024
"""Bytes of an answer to a login or a request for a token."""

LONGEST = 180.0
"""Seconds an answer may take as a whole; httpx's timeouts hold for each read of a socket alone."""

ENCODINGS = ("gzip", "deflate")
"""What is unpacked. httpx would also unpack one encoding within another, all at once: a few bytes
to more than memory holds, before one of them could be counted."""


class TooMuch(httpx.ReadError):
    """An answer that is too large or takes too long; to be treated as one that broke off."""


def read(
    response: httpx.Response,
    clock: Callable[[], float],
    most: int = LARGEST,
    longest: float = LONGEST,
) -> SecretBytes:
    """The whole body after decompression; raises TooMuch past the limits."""
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in ("", "identity", *ENCODINGS):
        raise httpx.DecodingError("an encoding nobody asked for", request=response.request)
    chunks: list[bytes] = []
    left = most
    ends = clock() + longest
    for chunk in response.iter_bytes():
        left -= len(chunk)
        if left < 0 or clock() > ends:
            raise TooMuch("the answer is too large or takes too long", request=response.request)
        chunks.append(chunk)
    return SecretBytes(b"".join(chunks))


def bound(response: httpx.Response, clock: Callable[[], float]) -> None:
    """Makes sure that httpx, which reads answers within a login by itself, reads no endless one.

    Such answers are small and not compressed; one that is arrives here as unreadable text.
    """
    response.headers.pop("Content-Encoding", None)
    if isinstance(response.stream, httpx.SyncByteStream):
        response.stream = _Bounded(response.stream, LARGEST_TOKEN, clock)


class _Bounded(httpx.SyncByteStream):
    def __init__(self, stream: httpx.SyncByteStream, most: int, clock: Callable[[], float]) -> None:
        self._stream, self._left, self._clock = stream, most, clock
        self._ends = clock() + LONGEST

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._stream:
            self._left -= len(chunk)
            if self._left < 0 or self._clock() > self._ends:
                raise TooMuch("the answer is too large or takes too long")
            yield chunk

    def close(self) -> None:
        self._stream.close()
