"""Serves the rating page on the loopback address, to who knows the page's secret address."""

import secrets
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from proofkit_core.errors import OutputPathError
from proofkit_eval.judging.rating.desk import Desk, Refused
from proofkit_eval.judging.rating.page import finished_page, rating_page

__all__ = ["RatingServer", "open_server"]

LOOPBACK = "127.0.0.1"
_MOST_BYTES = 64 * 1024
_STALLED_S = 10.0


class RatingServer:
    """The page of one desk; use it in `with`."""

    def __init__(self, server: ThreadingHTTPServer, token: str) -> None:
        """Take a server that listens.

        Args:
            server: Bound already.
            token: The secret part of the address.
        """
        self._server = server
        self.address = f"http://{LOOPBACK}:{server.server_address[1]}/{token}/"

    def serve(self) -> None:
        """Serve until `close` is called from another thread, or the program is interrupted."""
        self._server.serve_forever(poll_interval=0.2)

    def close(self) -> None:
        """Stop serving and let the port go."""
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Self:
        """Return the server."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the port go."""
        self._server.server_close()


def open_server(desk: Desk, *, port: int = 0, token: str | None = None) -> RatingServer:
    """Listen on the loopback address; nobody else in the network reaches it.

    Args:
        desk: What is rated.
        port: 0 for any free one.
        token: The secret part of the address; None for a new one.

    Raises:
        OutputPathError: The port is taken.
    """
    secret = token or secrets.token_urlsafe(16)
    try:
        server = ThreadingHTTPServer((LOOPBACK, port), partial(_Handler, desk, secret))
    except OSError as error:
        raise OutputPathError(
            f"Port {port} of this machine cannot be used: {error.strerror}. Expected a free one; leave it out, and one "
            "is chosen."
        ) from error
    server.daemon_threads = True
    return RatingServer(server, secret)


class _Handler(BaseHTTPRequestHandler):
    """Answers one request; the standard library makes one for each."""

    timeout = _STALLED_S
    server_version = "rating"
    sys_version = ""

    def __init__(self, desk: Desk, token: str, *request: Any) -> None:  # noqa: ANN401 - what the base class takes
        self._desk, self._token = desk, token
        super().__init__(*request)

    def do_GET(self) -> None:
        if self._is_ours():
            self._show()

    def do_POST(self) -> None:
        if not self._is_ours():
            return
        if not self._is_own_form():
            self.send_error(HTTPStatus.FORBIDDEN, "The form did not come from this page.")
            return
        form = self._form()
        if form is None:
            self.send_error(HTTPStatus.BAD_REQUEST, "Expected the form of this page.")
            return
        repeat = int(form["repeat"]) if form.get("repeat", "").isdecimal() else -1
        refused = self._desk.rate(form.get("alias", ""), repeat, form)
        if refused is not None:
            self._show(refused, form)
            return
        self.send_response(HTTPStatus.SEE_OTHER)
        self.send_header("Location", f"/{self._token}/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """Keep the terminal free for what the command says."""

    def _is_ours(self) -> bool:
        """Refuse other names for this machine, by which a strange page could reach it, and strange addresses."""
        host = self.headers.get("Host", "")
        path = urlsplit(self.path).path
        known = host.partition(":")[0] in {LOOPBACK, "localhost"}
        if known and secrets.compare_digest(path.encode(), f"/{self._token}/".encode()):
            return True
        self.send_error(HTTPStatus.NOT_FOUND, "Nothing is here. Take the address that the command told.")
        return False

    def _is_own_form(self) -> bool:
        origin = self.headers.get("Origin")
        return origin is None or urlsplit(origin).netloc == self.headers.get("Host", "")

    def _form(self) -> dict[str, str] | None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > _MOST_BYTES:
            return None
        try:
            fields = parse_qs(self.rfile.read(int(length)).decode("ascii"), max_num_fields=100)
        except ValueError:
            return None
        return {name: values[-1] for name, values in fields.items()}

    def _show(self, refused: Refused | None = None, form: dict[str, str] | None = None) -> None:
        nonce = secrets.token_urlsafe(16)
        turn = self._desk.next_turn()
        if turn is None:
            page = finished_page(self._desk.total, nonce)
        else:
            page = rating_page(
                turn, self._desk.rubric, action=f"/{self._token}/", nonce=nonce, refused=refused, chosen=form
            )
        status = HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK
        body = page.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Referrer-Policy", "same-origin")
        self.send_header("X-Content-Type-Options", "nosniff")
        policy = f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; form-action 'self'"
        self.send_header("Content-Security-Policy", f"{policy}; base-uri 'none'; frame-ancestors 'none'")
        self.end_headers()
        self.wfile.write(body)
