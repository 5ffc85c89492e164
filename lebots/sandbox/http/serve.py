"""The account over HTTP or HTTPS, for clients in other processes."""

from __future__ import annotations

import re
import socket
import ssl
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from lebots.sandbox.account import Sandbox
from lebots.sandbox.errors import ConnectionLost, SandboxError
from lebots.sandbox.http.answers import IN_CLEAR, SERVED
from lebots.sandbox.http.certificates import loopback
from lebots.sandbox.http.forms import without_secrets

Log = Callable[[str], None]

_BACKLOG = 128
_LAST_PORT = 65_535
_SILENCE = 60.0  # seconds after which a client that says nothing is dropped
_HANDSHAKE = 10.0  # seconds for the first byte of a client, and for each step of its handshake
_TLS_HANDSHAKE = b"\x16"  # how every TLS connection begins (RFC 8446, 5.1), and no HTTP request
_POLL = 0.05
_UNSEEN = re.compile(r"[^\x21-\x7e]")


class Server:
    """An account that is served. It listens from the start and answers from `start` on."""

    def __init__(self, listener: _Listener, url: str, ca: Path | None) -> None:
        self._listener = listener
        self._thread: threading.Thread | None = None
        self.url = url
        """Where it answers: scheme, host and port."""
        self.ca = ca
        """The PEM file of the CA that clients must trust; None over plain HTTP."""

    def start(self) -> None:
        """Begins to answer, in a thread of its own."""
        loop = self._listener.serve_forever
        self._thread = threading.Thread(target=loop, args=(_POLL,), name="sandbox", daemon=True)
        self._thread.start()

    def stop(self, patience: float = 10.0) -> None:
        """Takes no new request and ends; a request in flight has `patience` seconds to finish."""
        if self._thread is not None:
            self._listener.shutdown()
            self._listener.drain(patience)
            self._thread.join()
            self._thread = None
        self._listener.server_close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def serve(
    sandbox: Sandbox,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    https: bool = False,
    certificates: Path | None = None,
    log: Log | None = None,
) -> Server:
    """Prepares to serve `sandbox` on `host` and `port` (0: any free one).

    With `https`, the certificate for loopback is made and kept in the folder `certificates`; over
    plain HTTP the same port then answers for the Domain API and refuses all else. `log` is called
    with one line per request: verb, path, status (or `reset`), milliseconds; and with one per
    failed TLS handshake. Raises `SandboxError` if the address cannot be listened on or the
    certificate cannot be made.
    """
    tls, ca = None, None
    if https:
        if certificates is None:
            raise SandboxError("https needs a folder to keep its certificates in")
        tls, ca = loopback(certificates)
    if not 0 <= port <= _LAST_PORT:
        raise SandboxError(f"cannot listen on {host} port {port}: ports go up to {_LAST_PORT}")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        opened = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        reason = error.strerror or error
        raise SandboxError(f"cannot listen on {host} port {port}: {reason}") from None
    with opened:
        listener = _Listener(host, opened, sandbox, tls, log or (lambda line: None))
    shown = f"[{host}]" if ":" in host else host
    return Server(listener, f"{'https' if https else 'http'}://{shown}:{listener.port}", ca)


class _Listener(ThreadedWSGIServer):
    """One thread per connection, TLS included, so that nobody waits for a client that is slow."""

    def __init__(
        self,
        host: str,
        opened: socket.socket,
        sandbox: Sandbox,
        tls: ssl.SSLContext | None,
        log: Log,
    ) -> None:
        # The socket is bound already: Werkzeug itself ends the whole program if it cannot bind.
        super().__init__(
            host, opened.getsockname()[1], sandbox.app, handler=_Handler, fd=opened.fileno()
        )
        self.ssl_context = tls
        self.note = log
        self._idle: set[socket.socket] = set()
        self._busy: set[socket.socket] = set()
        self._changed = threading.Condition()

    def process_request(self, request: Any, client_address: Any) -> None:
        """A new connection: known from the first moment, so that `drain` finds it."""
        # Answers are small and written in parts: without this each waits for the client's receipt.
        request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._changed:
            self._idle.add(request)
        super().process_request(request, client_address)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """The life of a connection, in its own thread."""
        connection = request
        try:
            if self.ssl_context is not None and _begins_tls(request):
                connection = self._encrypted(request, self.ssl_context)
            with closing(connection):
                _shake_hands(connection)
                super().finish_request(connection, client_address)
        except ssl.SSLError:
            self.note("- handshake failed")  # the client does not trust the CA, or broke off
        except (ConnectionError, TimeoutError):
            pass  # the client has gone
        finally:
            with self._changed:
                self._idle.discard(connection)
                self._changed.notify_all()

    def _encrypted(self, plain: socket.socket, tls: ssl.SSLContext) -> ssl.SSLSocket:
        with self._changed:
            wrapped = tls.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
            self._idle.discard(plain)
            self._idle.add(wrapped)
        return wrapped

    @contextmanager
    def working(self, connection: socket.socket) -> Iterator[None]:
        """While a request of this connection is carried out and answered."""
        with self._changed:
            self._idle.discard(connection)
            self._busy.add(connection)
        try:
            yield
        finally:
            with self._changed:
                self._busy.discard(connection)
                self._idle.add(connection)
                self._changed.notify_all()

    def drain(self, patience: float) -> None:
        """Ends the connections: silent ones now, the others when their request is answered."""
        with self._changed:
            ends = time.monotonic() + patience
            while self._idle or self._busy:
                for connection in self._idle:
                    _hang_up(connection)
                left = ends - time.monotonic()
                if left <= 0:
                    break
                self._changed.wait(min(left, _POLL))
            for connection in self._busy:
                _hang_up(connection)

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - Werkzeug's own name
        """What Werkzeug reports of requests that fail in an unforeseen way."""
        if type == "error":
            self.note(message % args if args else message)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that failed in an unforeseen way."""
        kind, reason, _ = sys.exc_info()
        self.note(f"a connection failed: {kind.__name__ if kind else ''} {reason!r}")


class _Handler(WSGIRequestHandler):
    """One request: answered, and noted in one line."""

    timeout = _SILENCE
    server: _Listener
    _status = 0

    def make_environ(self) -> dict[str, Any]:
        """The request for the application, which is told where, and how, it came in."""
        environ: dict[str, Any] = super().make_environ() | {SERVED: True}
        if self.server.ssl_context is not None and not isinstance(self.connection, ssl.SSLSocket):
            environ |= {"wsgi.url_scheme": "http", IN_CLEAR: True}
        return environ

    def run_wsgi(self) -> None:
        """Answers; an injected reset breaks the connection instead."""
        started = time.perf_counter()
        with self.server.working(self.connection):
            super().run_wsgi()
        spent = (time.perf_counter() - started) * 1000
        path, _, query = self.path.partition("?")
        shown = _UNSEEN.sub(lambda found: quote(found[0]), without_secrets(path, query))
        self.server.note(f"{self.command} {shown} {self._status or 'reset'} {spent:.0f} ms")

    def connection_dropped(self, error: BaseException, environ: Any = None) -> None:
        """The client has gone, or a fault wants it to find the connection broken."""
        self.close_connection = True
        if isinstance(error, ConnectionLost):
            at_once = struct.pack("ii", 1, 0)
            with suppress(OSError):
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)

    def version_string(self) -> str:
        """What the Server header says."""
        return "lebots-sandbox"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Keeps the status for the line."""
        self._status = int(code)

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - Werkzeug's own name
        """Nothing: `run_wsgi` writes the only line."""


def _begins_tls(connection: socket.socket) -> bool:
    connection.settimeout(_HANDSHAKE)
    return connection.recv(1, socket.MSG_PEEK) == _TLS_HANDSHAKE


def _shake_hands(connection: socket.socket) -> None:
    """Does nothing over plain HTTP. Raises `SSLError`, also for a client that breaks off."""
    if not isinstance(connection, ssl.SSLSocket):
        return
    try:
        connection.do_handshake()
    except OSError as error:
        raise ssl.SSLError(*error.args) from error


def _hang_up(connection: socket.socket) -> None:
    with suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
