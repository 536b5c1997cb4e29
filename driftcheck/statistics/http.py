"""The only module that opens connections: GET over HTTP, bounded in time, in size, in number, and in what it follows.

A fault that may pass (a server's error, a connection that breaks) is tried again, later each time; one that will not
is told at once. Certificates are checked. What has an ETag is kept and asked for again with If-None-Match.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import random
import socket
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from driftcheck import __version__
from driftcheck.core.kept import Kind
from driftcheck.core.model import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftcheck.core.kept import Kept

MAX_BYTES = 8 * 1024 * 1024
CONNECTIONS = 4
ATTEMPTS = 3
_PAUSE, _LONGEST_PAUSE = 0.25, 10.0
ANSWERS = Kind("driftcheck-answers", r"[0-9a-f]{32}\.answer", newest=256, most=MAX_BYTES + 1000)
_REDIRECTS = 3
_MOVED = {301, 302, 303, 307, 308}
_PASSING = {429, 500, 502, 503, 504}
_BROKEN = (OSError, http.client.HTTPException, ValueError)


class FetchError(Exception):
    """Why there is no answer, in a few words."""

    def __init__(self, message: str, *, after: float | None = None, passing: bool = False) -> None:
        """``passing`` faults are tried again, ``after`` so many seconds if the server says so."""
        super().__init__(message)
        self.after = after
        self.passing = passing


def base_url(named: str) -> str:
    """An address below which the service answers, with a slash at its end.

    Raises InputError for what is no such address.
    """
    try:
        parts = urlsplit(named)
        usable = parts.scheme.lower() in ("http", "https") and parts.hostname and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable or not named.isascii() or not named.isprintable() or " " in named:
        shown = named if "@" not in named and "?" not in named else "the text given"
        raise InputError(f"{shown}: not an address; name the service as https://HOST/ with --statistics")
    if "@" in parts.netloc or parts.query or parts.fragment:
        bare = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"  # what is left out may be a secret
        raise InputError(f"{bare}: an address without user, query and fragment is expected with --statistics")
    return named if named.endswith("/") else f"{named}/"


class Client:
    """Fetches addresses, a few at a time. ``timeout`` is for one attempt; all together may take six times that."""

    def __init__(self, timeout: float, kept: Kept | None = None) -> None:
        """``kept`` has answers of earlier runs, and takes those of this one."""
        self._timeout = timeout
        self._kept = kept
        self._opener = _opener()

    def fetch(self, urls: Sequence[str]) -> list[bytes | FetchError]:
        """The body behind each address, or why there is none."""
        deadline = time.monotonic() + 6 * self._timeout
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            return list(pool.map(lambda url: self._one(url, deadline), urls))

    def _one(self, url: str, deadline: float) -> bytes | FetchError:
        attempt = 0
        while True:
            said = self._tried(url, deadline)
            attempt += 1
            if not isinstance(said, FetchError) or not said.passing or attempt == ATTEMPTS:
                return said
            pause = _PAUSE * 2**attempt * random.uniform(0.5, 1.5) if said.after is None else said.after  # noqa: S311
            pause = min(pause, _LONGEST_PAUSE)
            if time.monotonic() + pause >= deadline:
                return said
            time.sleep(pause)

    def _tried(self, url: str, deadline: float) -> bytes | FetchError:
        """One attempt, wherever it leads."""
        patience = min(self._timeout, deadline - time.monotonic())
        if patience <= 0:
            return FetchError("not asked: the time limit for all answers is reached")
        try:
            with _watched(patience) as watch:
                return self._get(url, watch, patience)
        except FetchError as fault:
            return fault
        except _BROKEN as error:
            return _fault(error, self._timeout)

    def _get(self, url: str, watch: _Watch, patience: float) -> bytes:
        kept, place = self._earlier(url), url
        headers = {"Accept": "application/json", "User-Agent": f"driftcheck/{__version__}"}
        if kept is not None:
            headers["If-None-Match"] = kept[0]
        for _ in range(_REDIRECTS + 1):
            try:
                with self._opener.open(_Request(place, headers, watch), timeout=patience) as response:
                    body, etag = _read(response), response.headers.get("ETag")
            except urllib.error.HTTPError as error:
                with error:  # what comes with it is not read, however much it is
                    if error.code == http.client.NOT_MODIFIED and kept is not None:
                        return kept[1]
                    place = _elsewhere(place, error)
                    continue
            if etag and len(etag) < 200 and etag.isascii() and etag.isprintable():
                self._keep(url, etag, body)
            return body
        raise FetchError(f"more than {_REDIRECTS} redirects")

    def _earlier(self, url: str) -> tuple[str, bytes] | None:
        """An answer of before: its ETag and its body."""
        held = self._kept.read(_name(url)) if self._kept is not None else None
        if held is None:
            return None
        etag, _, body = held.partition(b"\n")
        return etag.decode("ascii", "replace"), body

    def _keep(self, url: str, etag: str, body: bytes) -> None:
        if self._kept is not None:
            self._kept.write(_name(url), etag.encode("ascii") + b"\n" + body)


def _name(url: str) -> str:
    """The name of the file that keeps the answer of an address."""
    return f"{hashlib.sha256(url.encode()).hexdigest()[:32]}.answer"


def _read(response: Any) -> bytes:  # noqa: ANN401 - an http.client.HTTPResponse
    body: bytes = response.read(MAX_BYTES + 1)
    if len(body) > MAX_BYTES:
        raise FetchError(f"the answer is longer than {MAX_BYTES // 1024 // 1024} MB")
    if response.length:  # read() with a size does not say that the connection ended before its time
        raise FetchError("the connection was closed before the end of the answer", passing=True)
    return body


def _elsewhere(url: str, error: urllib.error.HTTPError) -> str:
    """Where an answer with an error's status leads; a FetchError where that is nowhere to go."""
    location = error.headers.get("Location")
    if error.code not in _MOVED or location is None:
        raise FetchError(f"HTTP status {error.code}", after=_after(error.headers), passing=error.code in _PASSING)
    target = urljoin(url, location)
    if urlsplit(target).scheme not in (urlsplit(url).scheme, "https"):
        raise FetchError(f"HTTP status {error.code}: a redirect to another scheme is not followed")
    try:
        base_url(urlsplit(target)._replace(query="").geturl())
    except InputError:
        raise FetchError(f"HTTP status {error.code}: a redirect to what is no address") from None
    if urlsplit(target).hostname != urlsplit(url).hostname:
        raise FetchError(f"HTTP status {error.code}: a redirect to another host is not followed")
    return target


def _after(headers: Any) -> float | None:  # noqa: ANN401 - an email.message.Message
    """Retry-After in seconds; a date is not waited for."""
    held = (headers.get("Retry-After") or "").strip()
    return float(held) if held.isascii() and held.isdigit() and len(held) < 10 else None


def _fault(error: Exception, patience: float) -> FetchError:
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, FetchError):
        return reason
    if isinstance(reason, (TimeoutError, socket.timeout)):
        return FetchError(f"no answer within {patience:.3g} seconds", passing=True)
    import ssl

    if isinstance(reason, ssl.SSLCertVerificationError):
        return FetchError(f"the certificate is not trusted ({reason.verify_message})")
    said = reason.strerror if isinstance(reason, OSError) and reason.strerror else str(reason) or type(reason).__name__
    return FetchError(f"the connection failed ({' '.join(said[:120].split())})", passing=True)


# -- one attempt, with an end ------------------------------------------------------------------------------------------


class _Watch:
    """Cuts a connection when the time of its attempt is over: a server that drips never runs into a socket's timeout."""

    def __init__(self) -> None:
        self._held: list[socket.socket] = []
        self.over = False

    def add(self, held: socket.socket) -> socket.socket:
        """Watch over a connection. By a handle of its own: TLS takes the socket away while it shakes hands."""
        self._held.append(held.dup())
        return held

    def cut(self) -> None:
        self.over = True
        for held in self._held:
            with contextlib.suppress(OSError):
                held.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        for held in self._held:
            held.close()


@contextlib.contextmanager
def _watched(seconds: float) -> Iterator[_Watch]:
    watch = _Watch()
    timer = threading.Timer(seconds, watch.cut)
    timer.daemon = True
    timer.start()
    try:
        yield watch
    except _BROKEN as error:
        if watch.over:
            raise TimeoutError from error
        raise
    except FetchError as fault:
        if watch.over and fault.passing:
            raise TimeoutError from fault
        raise
    finally:
        timer.cancel()
        watch.close()


class _Request(urllib.request.Request):
    """A request that knows who watches it."""

    def __init__(self, url: str, headers: dict[str, str], watch: _Watch) -> None:
        super().__init__(url, headers=headers)
        self.watch = watch


def _connection(base: type[http.client.HTTPConnection], watch: _Watch) -> Any:  # noqa: ANN401 - as urllib wants it
    class Watched(base):  # type: ignore[misc, valid-type]
        def __init__(self, *arguments: Any, **keywords: Any) -> None:  # noqa: ANN401
            super().__init__(*arguments, **keywords)
            create: Any = self._create_connection  # type: ignore[has-type]
            self._create_connection = lambda *where: watch.add(create(*where))

    return Watched


class _Http(urllib.request.HTTPHandler):
    def http_open(self, req: Any) -> Any:  # noqa: ANN401
        return self.do_open(_connection(http.client.HTTPConnection, req.watch), req)


class _Https(urllib.request.HTTPSHandler):
    def https_open(self, req: Any) -> Any:  # noqa: ANN401
        import ssl

        held = _connection(http.client.HTTPSConnection, req.watch)
        return self.do_open(held, req, context=ssl.create_default_context())


def _opener() -> urllib.request.OpenerDirector:
    """Without the handlers for files, FTP and data that urllib brings along."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        _Http(),
        _Https(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener
