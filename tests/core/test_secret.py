"""A Secret gives its text to ``reveal`` and to nothing else."""

import copy
import dataclasses
import io
import json
import logging
import pickle
import pprint
import string
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import pytest

from lebots.core.model.secret import Secret, SecretBytes

TEXT = "c4n4ry-0f-4-s3cr3t"


@dataclass(frozen=True, slots=True)
class Holder:
    name: str
    secret: Secret


def logged(secret: Secret) -> str:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(message)s %(extra)s"))
    logger = logging.Logger("test", logging.DEBUG)
    logger.addHandler(handler)
    logger.error("%s %r %s", secret, secret, {"key": [secret]}, extra={"extra": secret})
    return stream.getvalue()


def traced(secret: Secret) -> str:
    try:
        raise ValueError(secret, f"{secret}")
    except ValueError as error:
        found = traceback.TracebackException.from_exception(error, capture_locals=True)
        return "".join(found.format())


def traced_bytes(content: SecretBytes) -> str:
    try:
        return content.decode() and str(1 // 0)
    except ZeroDivisionError as error:
        found = traceback.TracebackException.from_exception(error, capture_locals=True)
        return "".join(found.format())


@pytest.mark.parametrize(
    "show",
    [
        repr,
        str,
        ascii,
        format,
        lambda secret: f"{secret}",
        lambda secret: f"{secret!r:>40}",
        lambda secret: f"{secret:>40}",
        lambda secret: f"{secret=}",
        lambda secret: "%s %r" % (secret, secret),  # noqa: UP031 - the old way is the point
        lambda secret: "{} {!r}".format(secret, secret),  # noqa: UP032
        lambda secret: "{0.__class__} {0!s}".format(secret),  # noqa: UP032
        lambda secret: string.Template("$a").substitute(a=secret),
        lambda secret: repr([secret, {"a": (secret,)}]),
        lambda secret: pprint.pformat({"a": secret}),
        lambda secret: repr(Holder("a", secret)),
        lambda secret: str(dataclasses.replace(Holder("a", secret), name="b")),
        lambda secret: json.dumps({"a": secret}, default=str),
        lambda secret: str(KeyError(secret)),
        logged,
        traced,
    ],
)
def test_showing_gives_a_mask(show: Callable[[Secret], str]) -> None:
    shown = show(Secret(TEXT))
    assert TEXT not in shown
    assert "********" in shown


@pytest.mark.parametrize("length", [0, 1, 8, 500])
def test_the_mask_does_not_tell_the_length(length: int) -> None:
    assert repr(Secret("x" * length)) == "********"


@pytest.mark.parametrize(
    "take",
    [
        *(lambda secret, p=p: pickle.dumps(secret, p) for p in range(pickle.HIGHEST_PROTOCOL + 1)),
        copy.copy,
        copy.deepcopy,
        json.dumps,
        lambda secret: dataclasses.asdict(Holder("a", secret)),
        vars,
        len,
        list,
        bytes,
        lambda secret: secret + "",
        lambda secret: "".join([secret]),
        lambda secret: secret[0],
        lambda secret: TEXT in secret,
        lambda secret: sorted([secret, Secret("b")]),
    ],
)
def test_taking_the_text_any_other_way_fails(take: Callable[[Any], object]) -> None:
    with pytest.raises(TypeError) as caught:
        take(Secret(TEXT))
    assert TEXT not in str(caught.value)


def test_only_reveal_gives_the_text() -> None:
    assert Secret(TEXT).reveal() == TEXT


def test_comparing_tells_nothing_about_the_text() -> None:
    assert Secret(TEXT) != Secret(TEXT)
    assert cast(object, Secret(TEXT)) != TEXT
    secret = Secret(TEXT)
    assert {secret: 1}[secret] == 1


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("", False),
        ("-", False),
        ("*****", True),
        ("xxxx", True),
        ("••••", True),
        ("a*", False),
        (TEXT, False),
    ],
)
def test_a_mask_sent_by_the_vendor_is_recognised(text: str, masked: bool) -> None:
    assert Secret(text).masked is masked


@pytest.mark.parametrize("show", [repr, str, ascii, format, traced_bytes, "{0!s} {0!r}".format])
def test_bytes_show_only_how_many_they_are(show: Callable[[Any], str]) -> None:
    content = SecretBytes(TEXT.encode())
    assert "<18 bytes>" in show(content)
    assert TEXT not in show(content)
    assert content == TEXT.encode()
