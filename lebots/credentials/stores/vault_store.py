"""Documents in a KV engine, version 2, through hvac; imported only when a vault sink is used."""

import logging
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import certifi
import hvac
import requests
from hvac.exceptions import InvalidPath, InvalidRequest, VaultError
from requests.adapters import HTTPAdapter
from urllib3.exceptions import MaxRetryError, NewConnectionError

from lebots.core.manifest.sink_type import Settings
from lebots.core.model.secret import Secret
from lebots.core.vendor.redact import safe_excerpt
from lebots.credentials.content.document import Document
from lebots.credentials.stores.versioned import New, Stale, Stored
from lebots.errors import SinkError, SinkOutcomeUnknown, SinkRefused, SinkUnavailable
from lebots.files import authorities

CONNECT_SECONDS, READ_SECONDS, TOTAL_SECONDS = 5.0, 15.0, 30.0
MAX_SIZE = 1024 * 1024
"""Bytes an answer may hold; a credential holds a few hundred."""

_CHUNK = 16 * 1024
# At level DEBUG they would log addresses and what servers answer (T18).
_TALKATIVE = ("hvac", "requests", "urllib3")
_ADVICE = {
    400: "is the mount a KV engine of version 2, and the token complete?",
    403: "does the policy of the token allow it? docs/sinks.md has one",
    404: "is the mount right?",
    429: "wait a little, and run again",
    503: "is the server sealed, or starting?",
}


class VaultStore:
    """One KV engine behind one token."""

    def __init__(self, settings: Settings, token: Secret) -> None:
        for name in _TALKATIVE:
            logging.getLogger(name).setLevel(logging.WARNING)
        if not token.reveal().isascii():
            raise SinkUnavailable("its token holds a character outside ASCII")
        self._mount = settings["mount"]
        # Everything is said here, since hvac takes what is left out from the environment.
        client = hvac.Client(
            url=settings["address"],
            token=token.reveal(),
            cert=(),
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            allow_redirects=False,
            session=_session(settings),
            namespace=settings["namespace"],
        )
        self._kv = client.secrets.kv.v2

    def read(self, path: str) -> Stored:
        """The newest version; one that was deleted has a number but no content."""
        with self._classified(writes=False):
            try:
                data = self._kv.read_secret_version(
                    path, mount_point=self._mount, raise_on_deleted_version=True
                )["data"]
            except InvalidPath as missing:
                said = missing.json or {}
                if said.get("errors") == []:
                    return Stored()
                if "data" not in said:
                    raise
                data = said["data"]
            return Stored(str(int(data["metadata"]["version"])), data["data"])
        raise AssertionError("an answer is returned or refused")

    def write(self, path: str, new: New, before: Stored) -> str:
        """Stores a version by check-and-set: only where ``before`` is still the newest."""
        return self._set(path, new.content, before, delivers=new.delivers)

    def clear(self, path: str, before: Stored) -> None:
        """Stores an empty version by check-and-set; that needs no right to remove anything."""
        self._set(path, {}, before)

    def _set(self, path: str, content: Document, before: Stored, *, delivers: bool = False) -> str:
        cas = int(before.version or 0)
        with self._classified(writes=True, delivers=delivers):
            try:
                answer = self._kv.create_or_update_secret(
                    path, content, cas=cas, mount_point=self._mount
                )
            except InvalidRequest as refused:
                if any("check-and-set" in str(words) for words in refused.errors or ()):
                    raise Stale from None
                raise
            return str(int(answer["data"]["version"]))
        raise AssertionError("an answer is returned or refused")

    def remove(self, path: str) -> None:
        """Removes the metadata, and with it all versions."""
        with self._classified(writes=True):
            self._kv.delete_metadata_and_all_versions(path, mount_point=self._mount)

    @contextmanager
    def _classified(self, *, writes: bool, delivers: bool = False) -> Iterator[None]:
        """What went wrong as one of our errors, without the words of the libraries."""
        try:
            yield
        except VaultError as error:
            self._refuse(error, writes, delivers)
        except requests.RequestException as error:
            words = _words(error)
            if _not_sent(error):
                raise SinkUnavailable(f"not sent: {words}") from None
            self._lost(f"no answer: {words}", writes)
        except (AttributeError, KeyError, TypeError, ValueError):
            # A redirect, a page of a proxy, or another engine than KV 2.
            self._lost("the answer is not one of a KV engine of version 2", writes)

    def _refuse(self, error: VaultError, writes: bool, delivers: bool) -> NoReturn:
        status = _STATUS.get(type(error), 0)
        words = f"the server answers {status or 'something unusual'}"
        if error.errors and not delivers:
            words += f": {safe_excerpt(', '.join(map(str, error.errors)))}"
        if status in _ADVICE:
            words += f"; {_ADVICE[status]}"
        # The server refuses before it writes, but what stands in front of it may not.
        if 400 <= status < 500 and error.json is not None:
            raise SinkRefused(words) from None
        self._lost(words, writes)

    def _lost(self, words: str, writes: bool) -> NoReturn:
        if writes:
            raise SinkOutcomeUnknown(f"{words}; it may or may not be written") from None
        raise SinkError(words) from None


_STATUS = {
    type(VaultError.from_status(status)): status
    for status in (400, 401, 403, 404, 429, 500, 501, 502, 503)
}


class _Patience(HTTPAdapter):
    """TLS by our own rules, and an end to answers that are endless or drip."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__()

    def init_poolmanager(self, *args: Any, **named: Any) -> None:
        super().init_poolmanager(*args, ssl_context=self._context, **named)

    def send(
        self, request: requests.PreparedRequest, stream: bool = False, *args: Any, **named: Any
    ) -> requests.Response:
        ends = time.monotonic() + TOTAL_SECONDS
        response = super().send(request, True, *args, **named)
        content = b""
        for part in response.iter_content(_CHUNK):
            content += part
            if len(content) > MAX_SIZE or time.monotonic() > ends:
                response.close()
                raise requests.exceptions.ReadTimeout("the answer is too long or too slow")
        response._content = content
        return response


def _session(settings: Settings) -> requests.Session:
    """A session that takes no proxy, certificate or login from the environment."""
    try:
        context = authorities.context(settings["ca"])
    except ValueError as error:
        raise SinkUnavailable(str(error)) from None
    session = requests.Session()
    session.trust_env = False
    # hvac takes this one, and requests would trust its own certificates beside ours without it.
    session.verify = str(settings["ca"] or certifi.where())
    session.headers["Connection"] = "close"
    session.mount("https://", _Patience(context))
    session.mount("http://", _Patience(context))
    return session


def _not_sent(error: requests.RequestException) -> bool:
    """Whether the request certainly never left: no connection was made, or none that is trusted."""
    return (
        isinstance(error, requests.exceptions.ConnectTimeout)
        or isinstance(_cause(error), NewConnectionError)
        or _untrusted(error)
    )


def _untrusted(error: requests.RequestException) -> bool:
    is_tls = isinstance(error, requests.exceptions.SSLError)
    return is_tls and "verify failed" in str(_cause(error))


def _cause(error: requests.RequestException) -> object:
    reason = error.args[0] if error.args else None
    return reason.reason if isinstance(reason, MaxRetryError) else None


def _words(error: requests.RequestException) -> str:
    # The text of an exception can quote what was sent; the classes alone tell enough.
    if _untrusted(error):
        return "the certificate of the server is not trusted; name its CA in the sink's ca"
    return ", ".join(type(one).__name__ for one in (error, _cause(error)) if one is not None)
