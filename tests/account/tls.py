"""A server with a certificate of our choice on loopback, which notes what reaches it."""

import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Reply = Callable[[bytes], bytes]
"""A request to the bytes of the answer; none: the connection is closed."""

_SOON = 5.0


class Server:
    """Answers one request per connection."""

    def __init__(self, tls: ssl.SSLContext | None, reply: Reply) -> None:
        self.reply = reply
        self.connections = 0
        self.requests: list[bytes] = []
        """What came after each handshake that succeeded."""
        self.versions: list[str | None] = []
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def authority(self) -> str:
        return f"localhost:{self.port}"

    def close(self) -> None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), _SOON):
            self._tls, self.reply = None, lambda head: b""
            self._listener.close()
        self._thread.join(_SOON)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            connection.settimeout(_SOON)
            with connection, suppress(OSError):
                self._talk(connection)

    def _talk(self, plain: socket.socket) -> None:
        if self._tls is None:
            self._answer(plain)
            return
        with self._tls.wrap_socket(plain, server_side=True) as encrypted:
            self.versions.append(encrypted.version())
            self._answer(encrypted)

    def _answer(self, connection: socket.socket) -> None:
        request = b""
        while not _whole(request):
            part = connection.recv(65536)
            if not part:
                break
            request += part
        self.requests.append(request)
        connection.sendall(self.reply(request))


def _whole(request: bytes) -> bool:
    """Whether nothing more is to come: head and body, or something else than HTTP."""
    head, ended, body = request.partition(b"\r\n\r\n")
    announced = re.search(rb"(?i)\r\ncontent-length: *([0-9]+)", head)
    if ended:
        return len(body) >= int(announced[1] if announced else 0)
    return bool(request) and not request[:1].isalpha()


@contextmanager
def serving(tls: ssl.SSLContext | None, reply: Reply) -> Iterator[Server]:
    """A server until the end of the block."""
    server = Server(tls, reply)
    try:
        yield server
    finally:
        server.close()


def http(body: bytes, status: str = "200 OK", **headers: str) -> bytes:
    """An answer, whole; with ``headers`` in place of the usual ones."""
    sent = {"Content-Length": str(len(body)), "Connection": "close"}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items() if value)
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + body
