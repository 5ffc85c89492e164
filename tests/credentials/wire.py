"""A line to a server that fails when told: before the server sees a request, or after."""

import http.client
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.credentials.conftest import Server


@dataclass
class Wire:
    """Passes requests on to ``target``; each fault in ``faults`` is for one write, in order.

    A fault is a status to answer with (``"403"``), ``"lost"`` (done, but no answer), ``"gone"``
    (nothing done, no answer), ``"hang"``, ``"page"`` (a page of a proxy), ``"redirect"``, or
    ``"500 after"`` (done, answered with an error); ``"pass"`` is none.
    """

    target: Server
    port: int = 0
    faults: list[str] = field(default_factory=list)
    always: str = ""
    """A fault for every request once ``faults`` are used up, reads too."""
    between: Callable[[], None] | None = None
    """Done once, after a write came in and before it is passed on."""
    requests: list[str] = field(default_factory=list)
    ends: threading.Event = field(default_factory=threading.Event)

    @property
    def server(self) -> Server:
        return Server(self.port)

    @property
    def writes(self) -> int:
        return self.requests.count("write")

    def fault(self, writes: bool) -> str:
        self.requests.append("write" if writes else "read")
        if writes and self.faults:
            return self.faults.pop(0)
        return "pass" if self.faults else self.always or "pass"

    def passed_on(
        self, method: str, path: str, headers: Any, body: bytes
    ) -> tuple[int, Any, bytes]:
        if self.target.ca:
            context = ssl.create_default_context(cafile=self.target.ca)
            there = http.client.HTTPSConnection("127.0.0.1", self.target.port, context=context)
        else:
            there = http.client.HTTPConnection("127.0.0.1", self.target.port)  # type: ignore[assignment]
        try:
            there.request(method, path, body, dict(headers))
            answer = there.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            there.close()


class _Handler(BaseHTTPRequestHandler):
    wire: Wire

    def handle_one(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        name = self.headers.get("X-Amz-Target", "")
        writes = "GetSecretValue" not in name if name else self.command != "GET"
        fault = self.wire.fault(writes)
        self.close_connection = True
        if fault == "gone":
            return
        if fault == "hang":
            self.wire.ends.wait(10)
            return
        if fault == "page":
            self.answer(200, {"Content-Type": "text/html"}, b"<html>log in</html>")
        elif fault == "redirect":
            self.answer(307, {"Location": f"http://127.0.0.1:{self.wire.port}/trap"}, b"")
        elif fault.isdigit():
            said = b'{"errors": ["no, c4n4ry-0f-4-s3cr3t"], "__type": "AccessDeniedException", '
            said += b'"message": "no, c4n4ry-0f-4-s3cr3t"}'
            self.answer(int(fault), {"Content-Type": "application/json"}, said)
        else:
            if writes and self.wire.between:
                between, self.wire.between = self.wire.between, None
                between()
            answer = self.wire.passed_on(self.command, self.path, self.headers, body)
            if fault == "500 after":
                self.answer(500, {"Content-Type": "application/json"}, b"{}")
            elif fault != "lost":
                self.answer(*answer)

    def answer(self, status: int, headers: Any, body: bytes) -> None:
        self.send_response_only(status)
        for name in ("Content-Type", "Location", "x-amzn-RequestId"):
            if name in headers:
                self.send_header(name, headers[name])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = handle_one  # noqa: N815 - names of the library

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as in the library
        """Nothing is said."""


@contextmanager
def wire_to(target: Server) -> Iterator[Wire]:
    wire = Wire(target)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"wire": wire}))
    wire.port = server.server_address[1]
    thread = threading.Thread(target=lambda: server.serve_forever(0.01))
    thread.start()
    try:
        yield wire
    finally:
        wire.ends.set()
        server.shutdown()
        thread.join()
        server.server_close()
