"""Functions of MediaWiki, and those of PHP that look at the world outside the program."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote_plus

from driftcheck.core.model import Unknown, Value
from driftcheck.mediawiki.eras import ROOT
from driftcheck.mediawiki.whole import versions
from driftcheck.mediawiki.whole.around import around
from driftcheck.php.run.expressions import known_data
from driftcheck.php.run.frames import Undecided
from driftcheck.php.values import NotEvaluated, decoded, to_str

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftcheck.core.model import Result, Source
    from driftcheck.php.run.library import Call


def _load(kind: str) -> Callable[[Call], Result]:
    def run(call: Call) -> Result:
        host = around(call)
        names = call.array(0).values() if call.name.endswith("s") else call.values[:1]
        if not call.values:
            raise NotEvaluated(f"{call.name}() of nothing")
        for name in names:
            if not isinstance(name, Value):
                raise Undecided("which extension is loaded is not known")
            host.note(call.frame.machine, f"{kind}:{to_str(known_data(name))}", call.result(True))
        return call.result(None)

    return run


def _getenv(call: Call) -> Result:
    return (
        _input(call, "env", call.text(0)) if call.values else call.code.unknown(call.node, "the environment as a whole")
    )


def _input(call: Call, kind: str, name: str) -> Result:
    """An input, or false where there is none, which is how PHP's functions say so."""
    held = around(call).inputs.get(kind, name)
    if isinstance(held, Unknown):
        return call.code.unknown(call.node, held.reason)
    return call.result(False if held is None else held.data)


def answered(call: Call) -> Result:
    """The answer of a function whose effect is outside the tree, as it is declared."""
    _ = call.values
    held = around(call).inputs.get("function", call.name)
    return (
        call.result(held.data)
        if isinstance(held, Value)
        else call.code.unknown(
            call.node, held.reason if held is not None else f"what {call.name}() answers is not known"
        )
    )


def _directive(call: Call) -> Result:
    """``ini_get``: one that is declared as absent is one that PHP does not have."""
    name = call.text(0)
    if not around(call).inputs.knows("ini", name):
        return call.code.unknown(call.node, f"the directive {name} of php.ini is not known")
    return _input(call, "ini", name)


def _process(name: str) -> Callable[[Call], Result]:
    return lambda call: _input(call, "process", name)


def _extension_loaded(call: Call) -> Result:
    return _input(call, "extension", call.text(0).lower())


def _snapshot(call: Call, number: int = 0) -> Source | None:
    host = around(call)
    path = host.normalised(call.text(number))
    return host.tree.snapshot.read(host.relative(path)) if path.startswith(ROOT + "/") else None


def _exists(call: Call) -> Result:
    host = around(call)
    path = host.normalised(call.text(0))
    inside = path.startswith(ROOT + "/") and host.tree.snapshot.names(host.relative(path))
    if inside:
        return call.result(True)  # a folder
    return call.result(_snapshot(call) is not None or host.inputs.get("file", call.text(0)) is not None)


def _contents(call: Call) -> Result:
    source = _snapshot(call)
    if source is None:
        return _input(call, "file", call.text(0))
    return call.result(decoded(source.text))


def _lines(call: Call) -> Result:
    source = _snapshot(call)
    if source is None:
        return call.result(False)
    flags = call.integer(1, 0)
    lines = decoded(source.text).split("\n")
    if lines and lines[-1] == "":
        lines.pop()
    rows = [line + ("" if flags & 2 else "\n") for line in lines]
    return call.result({n: Value(row, source, 0) for n, row in enumerate(row for row in rows if row or not flags & 4)})


def _append_query(call: Call) -> Result:
    url = call.text(0)
    query = call.data(1)
    if isinstance(query, dict):
        rows = [(key, item.data) for key, item in query.items()]
        if any(isinstance(item, dict) for _, item in rows):
            raise NotEvaluated("a query with an array in it")
        query = "&".join(
            f"{quote_plus(str(key))}={quote_plus(to_str(item))}"
            for key, item in rows
            if item is not None and item is not False
        )
    if query == "":
        return call.result(url)
    url, hash_, fragment = url.partition("#")
    return call.result(url + ("&" if "?" in url else "?") + to_str(query) + hash_ + fragment)


def _settings(call: Call) -> Result:
    return around(call).settings


def _clock(call: Call) -> Result:
    return call.code.unknown(call.node, "the clock is not known")


def _nothing(call: Call) -> Result:
    """A function of core that measures or logs, and gives nothing."""
    return call.result(None)


FUNCTIONS: dict[str, Callable[[Call], Result]] = {
    **versions.FUNCTIONS,
    "wmfgetvariantsettings": _settings,
    "wmfapplylabsoverridesettings": _settings,
    "ini_get": _directive,
    **dict.fromkeys(
        (
            "timezone_offset_get",
            "timezone_open",
            "date_create",
            "strtotime",
            "getdate",
            "microtime",
            "date",
            "mktime",
            "rand",
            "mt_rand",
            "getmypid",
            "uniqid",
        ),
        _clock,
    ),
    "wfloadextension": _load("extension"),
    "wfloadextensions": _load("extension"),
    "wfloadskin": _load("skin"),
    "wfloadskins": _load("skin"),
    "getenv": _getenv,
    **dict.fromkeys(("php_uname", "gethostname", "wfhostname"), _process("hostname")),
    "php_sapi_name": lambda call: _input(call, "constant", "PHP_SAPI"),
    "extension_loaded": _extension_loaded,
    "is_readable": _exists,
    "file_exists": _exists,
    "is_file": _exists,
    "is_dir": _exists,
    "file_get_contents": _contents,
    "file": _lines,
    "filemtime": lambda call: call.result(False) if _snapshot(call) is None else _input(call, "process", "filemtime"),
    "time": _process("time"),
    "wfappendquery": _append_query,
    **dict.fromkeys(("apcu_fetch", "fopen", "mkdir", "tempnam"), answered),
    **dict.fromkeys(("wfprofilein", "wfprofileout", "wfdebug", "wfsuppresswarnings", "wfrestorewarnings"), _nothing),
}
