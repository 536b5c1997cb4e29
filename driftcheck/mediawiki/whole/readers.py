"""Where the files that run read inputs: by the name of a variable, of a constant, of a function, or by a text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.php.syntax import children, field, place, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tree_sitter import Node

    from driftcheck.core.model import Span
    from driftcheck.php.file import PhpFile

_PROCESS = {
    "php_uname": "hostname",
    "gethostname": "hostname",
    "wfhostname": "hostname",
    "filemtime": "filemtime",
    "time": "time",
    "getmodifiedindex": "modifiedIndex",
}
"""Functions and methods without a name of an input in them."""
_BY_TEXT = {"getenv": "env", "extension_loaded": "extension", "ini_get": "ini", "defined": "constant"}
"""Functions whose first argument is the name of an input, with its kind."""


def readers(files: Iterable[PhpFile], names: Iterable[str]) -> dict[str, list[Span]]:
    """The places that read each of these inputs, in the order of the files; an input that nothing reads has none."""
    wanted = set(names)
    ends = {name.rpartition("*")[2].rpartition(":")[2]: name for name in wanted if name.startswith("etcd:")}
    found: dict[str, list[Span]] = {name: [] for name in wanted}
    for file in files:
        for node, kind, name in _mentions(file.root):
            full = ends.get(name if name in ends else f"/{name.rpartition('/')[2]}", "") if kind == "text" else ""
            for input_name in (full or f"file:{name}",) if kind == "text" else (f"{kind}:{name}",):
                if input_name in wanted:
                    found[input_name].append(file.source.span(place(node)))
    return found


def _mentions(root: Node) -> Iterator[tuple[Node, str, str]]:
    """Each node that may read an input, with the kind and the name of the input."""
    pending = [root]
    while pending:
        node = pending.pop()
        read = _READS.get(node.type)
        if read is not None:
            for kind, name in read(node):
                yield node, kind, name
        pending.extend(reversed(node.named_children))


def _variable(node: Node) -> Iterator[tuple[str, str]]:
    name = text(node)[1:]
    for kind in ("base", "private", "request"):
        yield kind, name


def _element(node: Node) -> Iterator[tuple[str, str]]:
    parts = children(node)
    if len(parts) == 2 and parts[0].type == "variable_name":
        variable, key = text(parts[0]), _literal(parts[1])
        if variable == "$_SERVER":
            yield "server", key
        elif variable == "$GLOBALS":
            for kind in ("base", "private"):
                yield kind, key


def _call(node: Node) -> Iterator[tuple[str, str]]:
    name = text(field(node, "function") or field(node, "name")).lower().lstrip("\\")
    given = field(node, "arguments")
    first = children(given)[:1] if given is not None else []
    if name in _BY_TEXT and first:
        yield _BY_TEXT[name], _literal(children(first[0])[0] if children(first[0]) else first[0])
    yield "function", name
    if name in _PROCESS:
        yield ("etcd" if name == "getmodifiedindex" else "process"), _PROCESS[name]


def _constant(node: Node) -> Iterator[tuple[str, str]]:
    yield "constant", text(node).lstrip("\\")


def _text(node: Node) -> Iterator[tuple[str, str]]:
    yield "text", text(node)


def _literal(node: Node) -> str:
    """The text of a string without its quotes; empty for what is no plain string."""
    return text(node)[1:-1] if node.type in ("string", "encapsed_string") else ""


_READS: dict[str, Callable[[Node], Iterator[tuple[str, str]]]] = {
    "variable_name": _variable,
    "subscript_expression": _element,
    "function_call_expression": _call,
    "member_call_expression": _call,
    "name": _constant,
    "class_constant_access_expression": _constant,
    "string_content": _text,
}
