"""Edits of YAML: of Lift Wing's values, of a service's files, and of the file of waivers; of comments that are waivers, too."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from driftcheck.core.model import Realm
from driftcheck.repair.edits import Change, Removal
from driftcheck.repair.elements import offsets
from driftcheck.repair.proposals import Proposal
from driftcheck.yaml import guard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from driftcheck.core.finding import Finding
    from driftcheck.core.model import Source, Span
    from driftcheck.repair.proposals import Files

_OR_WRITE = re.compile(r"or write (\S+)\Z")
_NAMED = re.compile(r"(?:did you mean (\S+)\?|it is (\S+) now|and (\S+) is defined)\Z")
_SCHEME = re.compile(rb"\w+://")
_PLAIN = re.compile(rb"[\w./:@+-]+\Z|'[^']*'\Z|\"[^\"\\]*\"\Z")


def _source(files: Files, span: Span | None) -> Source | None:
    """The YAML that a place is in, if it is of this tree."""
    if span is None or not span.path.endswith((".yaml", ".yml")) or files.tree.blob_id(span.path) is None:
        return None
    return files.source(span.path)


def _composed(source: Source) -> Any:  # noqa: ANN401 - yaml's nodes are untyped
    """The document as nodes with their marks; what is read here was read before, and kept the guard's limits."""
    import yaml

    return yaml.compose(source.text, Loader=guard.loader())


def _pairs(node: Any) -> Iterator[tuple[Any, Any, Any]]:  # noqa: ANN401
    """Every map in a document with each of its keys and values, and every list with None and each item; each once."""
    pending, seen = [node], set()
    while pending:
        held = pending.pop()
        if held is None or id(held) in seen or isinstance(held.value, str):
            continue
        seen.add(id(held))
        for part in held.value:
            key, value = part if isinstance(part, tuple) else (None, part)
            yield held, key, value
            pending.append(value)


def _bytes(source: Source, index: int) -> int:
    """The byte of a character, which is what YAML counts."""
    return index if source.text.isascii() else len(source.text.decode()[:index].encode())


def _block(source: Source, first: Any, value: Any) -> Removal | None:  # noqa: ANN401
    """The removal of a key, or an item, with its value; None where it does not have its lines to itself."""
    start = _bytes(source, first.start_mark.index)
    end = max(_bytes(source, value.end_mark.index), start + 1)
    begin = source.text.rfind(b"\n", 0, start) + 1
    if source.text[begin:start].strip() not in (b"", b"-"):
        return None
    while end > start and source.text[end - 1 : end].isspace():
        end -= 1
    return Removal(source.path, begin, end)


def nulls(finding: Finding, files: Files) -> Iterator[Proposal]:
    """A key without a value goes, so that what the earlier file says holds."""
    side = finding.beta if finding.primary_realm is Realm.BETA else finding.production
    source = _source(files, side.span)
    if source is None or side.span is None:
        return
    for _, key, value in _pairs(_composed(source)):
        if (
            key is not None
            and value.start_mark.line + 1 == side.span.line
            and str(key.value) == finding.path.rpartition(".")[2]
        ):
            removal = _block(source, key, value)
            if removal is not None:
                told = f"delete the empty {finding.path}"
                yield Proposal(told, (removal,), (f"{finding.setting}.{finding.path}",))


def copied(finding: Finding, files: Files) -> Iterator[Proposal]:
    """Staging's scalar becomes production's."""
    ours, theirs = _source(files, finding.production.span), _source(files, finding.beta.span)
    if ours is None or theirs is None or finding.production.span is None or finding.beta.span is None:
        return
    start, end = offsets(ours, finding.production.span)
    new = ours.text[start:end]
    start, end = offsets(theirs, finding.beta.span)
    old = theirs.text[start:end]
    if "staging" in theirs.path and _PLAIN.match(new) and _PLAIN.match(old):
        change = Change(theirs.path, start, end, new)
        yield Proposal(
            f"copy production's {finding.path} to staging", (change,), (finding.setting,), (finding.beta.span,)
        )


def doubled(finding: Finding, files: Files) -> Iterator[Proposal]:
    """Of two equal keys the earlier goes: the last one counts."""
    for location in finding.locations:
        source = _source(files, location.span)
        if source is None:
            continue
        earlier: dict[tuple[int, str], tuple[Any, Any]] = {}
        for around, key, value in _pairs(_composed(source)):
            if key is None:
                continue
            name = id(around), str(key.value)
            if key.start_mark.line + 1 == location.span.line and name in earlier:
                removal = _block(source, *earlier[name])
                if removal is not None:
                    yield Proposal(f"delete the first {key.value}", (removal,))
            earlier[name] = key, value


def spelled(finding: Finding, files: Files) -> Iterator[Proposal]:
    """A word is written as what it is read as."""
    meant = _OR_WRITE.search(finding.message)
    edits = []
    for location in finding.locations:
        source = _source(files, location.span)
        if source is not None and meant is not None:
            start, end = offsets(source, location.span)
            edits.append(Change(source.path, start, end, meant[1].encode()))
    if edits and meant is not None:
        yield Proposal(f"write {meant[1]}", tuple(edits))


def named(finding: Finding, files: Files) -> Iterator[Proposal]:
    """A word becomes the one that the message names."""
    meant = _NAMED.search(finding.message)
    if meant is not None:
        new = next(filter(None, meant.groups())).encode()
        yield from _written(finding, files, lambda _: new)


def hosted(finding: Finding, files: Files) -> Iterator[Proposal]:
    """A host gets the scheme that it lacks, or loses the one that does not belong there."""
    if finding.message.endswith("has a scheme where only the host belongs"):
        yield from _written(finding, files, lambda old: _SCHEME.sub(b"", old, count=1))
    elif "has no scheme" in finding.message:
        yield from _written(finding, files, lambda old: b"https://" + old)


def _written(finding: Finding, files: Files, renewed: Callable[[bytes], bytes]) -> Iterator[Proposal]:
    """Another word in the place of the finding's value, in its quotes."""
    side = finding.beta if finding.primary_realm is Realm.BETA else finding.production
    source = _source(files, side.span)
    if source is None or side.span is None:
        return
    start, end = offsets(source, side.span)
    old = source.text[start:end]
    if _PLAIN.match(old):
        quote = old[:1] if old[:1] in (b"'", b'"') else b""
        new = renewed(old.strip(quote) if quote else old)
        change = Change(source.path, start, end, quote + new + quote)
        yield Proposal(f"write {new.decode()}", (change,), (finding.setting,), (side.span,))


def waivers(finding: Finding, files: Files) -> Iterator[Proposal]:
    """A waiver that does nothing goes: its item of the file, or its comment."""
    for location in finding.locations[:1]:
        span = location.span
        if files.tree.blob_id(span.path) is None:
            return
        source = _source(files, span)
        if source is None or b"waivers" not in source.text:
            yield Proposal("delete the comment", (_comment(files.source(span.path), span),))
            return
        for around, key, item in _pairs(_composed(source)):
            if key is None and around.value and item.start_mark.line + 1 == span.line:
                removal = _block(source, item, item)
                if removal is not None:
                    yield Proposal("delete the waiver", (removal,))


def _comment(source: Source, span: Span) -> Change:
    """The removal of a comment, with its line where it has one to itself."""
    start, end = offsets(source, span)
    begin = source.text.rfind(b"\n", 0, start) + 1
    if not source.text[begin:start].strip():
        return Change(source.path, begin, min(len(source.text), end + 1))
    while source.text[start - 1 : start] in (b" ", b"\t"):
        start -= 1
    if source.text[end - 1 : end] == b"\r":
        end -= 1
    return Change(source.path, start, end)


MAKERS: dict[str, Callable[[Finding, Files], Iterator[Proposal]]] = {
    "liftwing-null-override": nulls,
    "liftwing-model-drift": copied,
    "liftwing-production-ahead": copied,
    "liftwing-environment-drift": copied,
    "service-value-unknown": named,
    "service-model-foreign": named,
    "service-host-malformed": hosted,
    "yaml-duplicate-key": doubled,
    "yaml-ambiguous-scalar": spelled,
    "waiver-unused": waivers,
    "waiver-expired": waivers,
}
"""What is tried for each rule."""
