"""The ORES service over HTTP: asked in one request a wiki, and each way in which it can fail ends in a clear line."""

from __future__ import annotations

import contextlib
import http.server
import itertools
import json
import re
import socket
import threading
import time
from urllib.parse import parse_qs, urlsplit

import pytest
from support import FIXTURES
from support.cli import driftcheck

from driftcheck.core.kept import Kept
from driftcheck.core.model import InputError
from driftcheck.statistics import answers
from driftcheck.statistics import http as client_module
from driftcheck.statistics.api import StatisticsService
from driftcheck.statistics.formula import Formula, parse
from driftcheck.statistics.http import ANSWERS, Client, FetchError, base_url
from driftcheck.statistics.solve import Infeasible, Question, Solved, Unchecked
from driftcheck.statistics.tables import Folder

STATISTICS = FIXTURES / "statistics-2017-11-20"
INCIDENT = ("--repo", str(FIXTURES / "mediawiki/incident"), "--extension-date", "2017-11-20")
QUESTION = Question("frwiki", "goodfaith", "false", Formula(True, "recall", "precision", True, 0.9))
LATER = Question("ruwiki", "goodfaith", "false", Formula(True, "recall", "precision", True, 0.45))
_INFO = re.compile(r'statistics\.thresholds\.(true|false)\."([^"]+)"')


def ores(path):
    """What the service says: each formula of model_info to each model, three digits, null where nothing holds."""
    parts = urlsplit(path)
    wiki = parts.path.removeprefix("/v3/scores/").rstrip("/")
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    models = {}
    for model in query["models"].split("|"):
        thresholds = {}
        for outcome, text in dict.fromkeys(_INFO.findall(query["model_info"])):
            question = Question(wiki, model, outcome, parse(text, "2018-01-01"))
            answer = Folder.at(str(STATISTICS)).answer([question]).to(question)
            if isinstance(answer, Unchecked):
                return 404, {"error": {"code": "not found", "message": f"no {wiki}.{model}"}}
            entry = None
            if isinstance(answer, Solved):
                rounded = {name: None if v is None else round(v, 3) for name, v in answer.statistics.items()}
                entry = {"threshold": answer.threshold, **rounded}
            thresholds.setdefault(outcome, []).append(entry)
        models[model] = {"statistics": {"thresholds": thresholds}}
    return 200, {wiki: {"models": models}}


class Handler(http.server.BaseHTTPRequestHandler):
    """Behaves as its server is told."""

    def do_GET(self):
        server = self.server
        with server.lock:
            server.paths.append(self.path)
            number = len(server.paths)
        with contextlib.suppress(BrokenPipeError, ConnectionError):
            server.behave(self, number)

    def answer(self, code, body, **headers):
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(code)
        for name, value in {"Content-Length": len(content), **headers}.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_):
        pass


@pytest.fixture
def serve(monkeypatch):
    """Starts servers; pauses between attempts are short here."""
    monkeypatch.setattr(client_module, "_PAUSE", 0.01)
    stop = threading.Event()
    running = []

    def start(behave=lambda handler, _: handler.answer(*ores(handler.path))):
        server = Server(("127.0.0.1", 0), Handler)
        server.behave, server.stop, server.lock = behave, stop, threading.Lock()
        server.paths = []
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        running.append(server)
        server.url = f"http://127.0.0.1:{server.server_address[1]}/"
        return server

    yield start
    stop.set()
    for server in running:
        server.shutdown()
        server.server_close()


def asked(server, *questions, timeout=5.0, kept=None):
    """The answers, had within a minute or not at all."""
    found = []
    service = StatisticsService(server.url, Client(timeout, kept))
    thread = threading.Thread(target=lambda: found.append(service.answer(questions)), daemon=True)
    thread.start()
    thread.join(60)
    assert found, "it hangs"
    return found[0]


# -- as it should be ---------------------------------------------------------------------------------------------------


def test_the_service_says_what_the_tables_say(serve):
    server = serve()
    questions = [
        Question("frwiki", "goodfaith", outcome, Formula(True, "recall", "precision", True, number))
        for outcome in ("true", "false")
        for number in (0.15, 0.6, 0.9)
    ]
    said, known = asked(server, *questions), Folder.at(str(STATISTICS)).answer(questions)
    assert said.holes == ()
    for question in questions:
        mine, theirs = said.to(question), known.to(question)
        assert type(mine) is type(theirs)
        assert mine.threshold == theirs.threshold
        if isinstance(mine, Solved):
            assert mine.margin == pytest.approx(theirs.margin, abs=0.001)
        else:
            assert mine.best == round(theirs.best, 3)
    assert len(server.paths) == 1, "one request a wiki"


def test_all_models_of_a_wiki_are_asked_in_one_request(serve):
    server = serve()
    questions = [Question("ruwiki", model, "true", QUESTION.formula) for model in ("damaging", "goodfaith")]
    assert asked(server, *questions, LATER).holes == ()
    assert [parse_qs(urlsplit(path).query)["models"] for path in server.paths] == [["damaging|goodfaith"]]


def test_an_address_that_would_be_too_long_is_split_and_nothing_is_lost(serve):
    server = serve()
    questions = [
        Question("ruwiki", model, outcome, Formula(True, target, "precision", True, number / 100))
        for model in ("damaging", "goodfaith")
        for outcome in ("true", "false")
        for target in ("recall", "filter_rate")
        for number in range(1, 30)
    ]
    said, known = asked(server, *questions), Folder.at(str(STATISTICS)).answer(questions)
    assert said.holes == ()
    assert len(server.paths) > 1
    assert max(len(server.url + path) for path in server.paths) <= answers.LONGEST_URL
    for question in questions:
        assert said.to(question).threshold == known.to(question).threshold
        assert said.to(question).margin is not None


def test_no_question_is_asked_twice(serve):
    server = serve()
    service = StatisticsService(server.url, Client(5.0))
    assert service.answer([QUESTION]).to(QUESTION) == service.answer([QUESTION, QUESTION]).to(QUESTION)
    assert len(server.paths) == 1


def test_at_most_four_connections_are_open(serve):
    barrier, waiting, most = threading.Event(), [], []

    def behave(handler, number):
        waiting.append(number)
        if number >= client_module.CONNECTIONS:
            barrier.set()
        barrier.wait(10)
        time.sleep(0.02)
        most.append(len(waiting))
        waiting.remove(number)  # before the answer: after it the client may open the next
        handler.answer(503, b"")

    server = serve(behave)
    asked(server, *(QUESTION._replace(wiki=f"{letter}wiki") for letter in "abcdefghijkl"))
    assert max(most) == client_module.CONNECTIONS


# -- faults ------------------------------------------------------------------------------------------------------------


def once(first):
    """First this, then as it should be."""

    def behave(handler, number):
        if number == 1:
            first(handler, number)
        else:
            handler.answer(*ores(handler.path))

    return behave


def status(code, **headers):
    return lambda handler, _: handler.answer(code, {"error": {"code": "x", "message": "y"}}, **headers)


def says(body, **headers):
    return lambda handler, _: handler.answer(200, body, **headers)


def drip_head(handler, _):
    with contextlib.suppress(OSError):
        for byte in itertools.chain(b"HTTP/1.1 200 OK\r\n", itertools.cycle(b"X-A: b\r\n")):
            handler.connection.sendall(bytes([byte]))
            if handler.server.stop.wait(0.05):
                return


def drip_body(handler, _):
    handler.send_response(200)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    with contextlib.suppress(OSError):
        while not handler.server.stop.wait(0.05):
            handler.connection.sendall(b" ")


def never(handler, _):
    handler.server.stop.wait(60)


def close(handler, _):
    handler.connection.shutdown(socket.SHUT_RDWR)


def cut(handler, _):
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"frwiki"')
    handler.close_connection = True


def endless(handler, _):
    handler.send_response(200)
    handler.end_headers()
    with contextlib.suppress(OSError):
        while not handler.server.stop.is_set():
            handler.connection.sendall(b" " * 65536)


def garbled(handler, _):
    handler.connection.sendall(b"\x16\x03\x01 this is not HTTP\r\n\r\n")
    handler.connection.shutdown(socket.SHUT_RDWR)


def redirect(target):
    return lambda handler, _: handler.answer(302, b"", Location=target)


def thresholds(held):
    return says({"frwiki": {"models": {"goodfaith": {"statistics": {"thresholds": held}}}}})


def endless_redirect(handler, _):
    handler.send_response(302)
    handler.send_header("Location", "/again")
    handler.end_headers()
    with contextlib.suppress(OSError):
        while not handler.server.stop.is_set():
            handler.connection.sendall(b" " * 65536)


PASSING = {
    "an error of the server": status(500),
    "too many requests, with a time to wait": status(429, Retry_After="0"),
    "unavailable, with a date": status(503, Retry_After="Wed, 21 Oct 2015 07:28:00 GMT"),
    "a connection that is closed": close,
    "an answer that is cut": cut,
}
LASTING = {
    "an error of the server": (status(500), "HTTP status 500"),
    "unavailable": (status(503, Retry_After="0"), "HTTP status 503"),
    "not found": (status(404), "HTTP status 404"),
    "not modified, though nothing is kept": (status(304), "HTTP status 304"),
    "a redirect to itself": (redirect("/again"), "more than 3 redirects"),
    "a redirect to a file": (redirect("file:///etc/hostname"), "another scheme"),
    "a redirect to another host": (redirect("http://localhost:1/"), "another host"),
    "a redirect to FTP": (redirect("ftp://127.0.0.1/x"), "another scheme"),
    "a redirect with an endless body": (endless_redirect, "more than 3 redirects"),
    "a redirect to nowhere": (redirect("http://:1/"), "no address"),
    "garbage": (says(b"\x00\xff<html>"), "not JSON"),
    "a tower of lists": (says(b"[" * 200_000), "not JSON"),
    "an empty answer": (says(b""), "not JSON"),
    "a list": (says([]), "no frwiki"),
    "another wiki": (says({"enwiki": {"models": {}}}), "no frwiki"),
    "no models": (says({"frwiki": {"models": None}}), "not a map"),
    "without the model": (says({"frwiki": {"models": {}}}), "does not have the model"),
    "no statistics": (says({"frwiki": {"models": {"goodfaith": {"statistics": 1}}}}), "no statistics.thresholds"),
    "an error in place of the model": (says({"frwiki": {"models": {"goodfaith": {"error": {}}}}}), "have the model"),
    "without the outcome": (thresholds({}), "not a list"),
    "too few answers": (thresholds({"false": [None]}), "1 answers to 2 formulas"),
    "answers that are texts": (thresholds({"false": ["a", "b"]}), "neither null nor a map"),
    "a threshold that is none": (thresholds({"false": [{"threshold": "x"}, None]}), "not a number"),
    "a huge answer": (says(b" " * 3000), "longer than"),
    "an endless answer": (endless, "longer than"),
    "a head that drips": (drip_head, "no answer within"),
    "a body that drips": (drip_body, "no answer within"),
    "no answer": (never, "no answer within"),
    "a connection that is closed": (close, "connection"),
    "an answer that is cut": (cut, "before the end"),
    "no HTTP": (garbled, "connection"),
    "not text in the redirect": (redirect("http://127.0.0.1/\x7f\xe9"), "no address"),
}


@pytest.mark.parametrize("behave", PASSING.values(), ids=PASSING)
def test_what_passes_is_tried_again(serve, behave):
    server = serve(once(behave))
    said = asked(server, QUESTION)
    assert said.holes == ()
    assert said.to(QUESTION) == Infeasible(0.723, 0.846)
    assert len(server.paths) == 2


@pytest.mark.parametrize(("behave", "message"), LASTING.values(), ids=LASTING)
def test_what_lasts_is_a_hole_and_not_an_answer(serve, monkeypatch, behave, message):
    monkeypatch.setattr(client_module, "MAX_BYTES", 2000 if "longer" in message else client_module.MAX_BYTES)
    server = serve(behave)
    said = asked(server, QUESTION, timeout=0.4 if "within" in message else 8)
    assert isinstance(said.to(QUESTION), Unchecked)
    (hole,) = said.holes
    assert message in hole.reason
    assert hole.reason.startswith(f"{server.url}: frwiki: ")
    assert "\n" not in hole.reason
    assert len(server.paths) <= 5


def test_nobody_at_the_address_is_a_hole(serve, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/"
    said = StatisticsService(url, Client(1.0)).answer([QUESTION])
    assert "connection failed" in said.holes[0].reason


def test_shaking_hands_takes_no_longer_than_anything_else():
    """A TLS record that is announced and then drips: no single read ever runs into the socket's time-out."""
    stop = threading.Event()

    def drip(listening):
        with contextlib.suppress(OSError):
            while not stop.is_set():
                connection, _ = listening.accept()
                with connection, contextlib.suppress(OSError):
                    connection.sendall(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc")
                    while not stop.wait(0.05):
                        connection.sendall(b"\x03")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=drip, args=(listening,), daemon=True).start()
        url = f"https://127.0.0.1:{listening.getsockname()[1]}/"
        found = []
        service = StatisticsService(url, Client(0.3))
        thread = threading.Thread(target=lambda: found.append(service.answer([QUESTION])), daemon=True)
        thread.start()
        thread.join(20)
        stop.set()
    assert "no answer within 0.3 seconds" in found[0].holes[0].reason


def test_a_certificate_that_nobody_vouches_for_is_not_trusted():
    import ssl

    error = ssl.SSLCertVerificationError(1, "self-signed certificate")
    error.verify_message = "self-signed certificate"
    assert "certificate is not trusted" in str(client_module._fault(error, 1.0))
    contexts = [ssl.create_default_context()]
    assert contexts[0].verify_mode is ssl.CERT_REQUIRED
    assert contexts[0].check_hostname


def test_a_server_that_asks_for_patience_gets_little(serve, monkeypatch):
    slept = []
    monkeypatch.setattr(client_module.time, "sleep", slept.append)
    asked(serve(status(503, Retry_After="7")), QUESTION)
    assert slept == [7.0, 7.0]
    slept.clear()
    asked(serve(status(503, Retry_After="86400")), QUESTION, timeout=60)
    assert slept == [client_module._LONGEST_PAUSE] * 2


def test_one_wiki_that_fails_takes_no_other_with_it(serve):
    def behave(handler, _):
        handler.answer(*(ores(handler.path) if "frwiki" in handler.path else (500, b"")))

    said = asked(serve(behave), QUESTION, LATER)
    assert isinstance(said.to(QUESTION), Infeasible)
    assert isinstance(said.to(LATER), Unchecked)
    assert [hole.reason.split(": ")[1] for hole in said.holes] == ["ruwiki"]


NO_ADDRESS = [
    "ftp://ores.example.org/",
    "file:///etc/passwd",
    "http://",
    "http:///v3",
    "https://user:secret@ores.example.org/",
    "https://ores.example.org/?x=1",
    "https://ores.example.org/#x",
    "https://ores.example.org:99999/",
    "https://[::1/",
    "https://ores.example.org/a b",
    "https://ores.example.org/\n",
]


@pytest.mark.parametrize("named", NO_ADDRESS)
def test_an_address_that_is_none_is_refused_before_anything_is_asked(named):
    with pytest.raises(InputError, match="--statistics"):
        base_url(named)


# -- what is kept ------------------------------------------------------------------------------------------------------


def revalidating(handler, _):
    if handler.headers.get("If-None-Match") == '"1"':
        handler.answer(304, b"")
    else:
        code, body = ores(handler.path)
        handler.answer(code, body, ETag='"1"')


def test_an_answer_with_a_tag_is_kept_and_asked_for_again_by_it(serve, tmp_path):
    codes = []

    def behave(handler, number):
        codes.append(304 if handler.headers.get("If-None-Match") else 200)
        revalidating(handler, number)

    server, kept = serve(behave), Kept(tmp_path, ANSWERS)
    first = asked(server, QUESTION, kept=kept)
    assert asked(server, QUESTION, kept=kept) == first
    assert first.holes == ()
    (path,) = (tmp_path / ANSWERS.folder).iterdir()
    path.write_bytes(path.read_bytes()[:-3])
    assert asked(server, QUESTION, kept=kept) == first, "a torn file is none"
    assert codes == [200, 304, 200]


def test_a_folder_that_is_gone_costs_nothing_but_the_cache(serve, tmp_path):
    kept = Kept(tmp_path, ANSWERS)
    (tmp_path / ANSWERS.folder).rmdir()
    (tmp_path / ANSWERS.folder).write_text("")
    assert asked(serve(revalidating), QUESTION, kept=kept).holes == ()


def test_a_fault_says_whether_it_passes():
    assert FetchError("x", passing=True).passing
    assert not FetchError("x").passing


# -- on the command line -----------------------------------------------------------------------------------------------


def test_a_run_against_the_service_reports_what_was_checked_and_ends_incomplete(serve):
    """Most wikis of the fixture have no statistics there: the service does not know them."""
    server = serve()
    done = driftcheck("thresholds", *INCIDENT, "--statistics", server.url, "--wiki", "frwiki", "--wiki", "ruwiki")
    assert done.code == 3
    assert "ruwiki        " not in done.err
    assert "infeasible: the best precision is 0.6090" in done.out
    assert re.search(
        r"^driftcheck: incomplete: http://127\.0\.0\.1:\d+/: frwiki: HTTP status 404$", done.err, re.MULTILINE
    )


def test_answers_are_saved_and_the_same_is_said_offline(serve, tmp_path):
    server = serve()
    folder = tmp_path / "today"
    run = ("thresholds", *INCIDENT, "--wiki", "ruwiki", "--format", "json")
    online = driftcheck(*run, "--statistics", server.url, "--save", str(folder))
    offline = driftcheck(*run, "--statistics", str(folder))
    assert (online.code, online.err, offline.code, offline.err) == (1, "", 1, "")
    first, second = json.loads(online.out), json.loads(offline.out)
    assert first["thresholds"] == second["thresholds"]
    assert [path.name for path in folder.iterdir()] == ["ruwiki.json"]
    changed = driftcheck(*run, "--statistics", str(STATISTICS), "--against", str(folder))
    assert json.loads(changed.out)["summary"]["changed"] == 0


def test_check_asks_the_service_and_keeps_no_report_of_it(serve, tmp_path):
    server = serve(lambda handler, _: handler.answer(500, b""))
    run = (
        "check",
        *INCIDENT,
        "--select",
        "threshold-infeasible",
        "--statistics",
        server.url,
        "--cache-dir",
        str(tmp_path),
    )
    first = driftcheck(*run)
    asked_then = len(server.paths)
    second = driftcheck(*run)
    assert (first.code, second.code) == (3, 3)
    assert "HTTP status 500" in first.err
    assert len(server.paths) == 2 * asked_then > 0


def test_a_name_from_the_configuration_does_not_lead_out_of_the_folder():
    service = StatisticsService("http://127.0.0.1/", Client(1.0))
    service.entries["../../x", "goodfaith", "false"] = {QUESTION.formula: None}
    assert list(service.snapshots()) == ["..%2F..%2Fx"]


def test_saving_needs_a_service(tmp_path):
    done = driftcheck("thresholds", *INCIDENT, "--statistics", str(STATISTICS), "--save", str(tmp_path / "x"))
    assert (done.code, done.out) == (2, "")
    assert "--save needs a service" in done.err
