"""The guard over YAML: it hands on a document event by event, and refuses what a reader does not take.

It speaks before anything is built, and before the library does: a library may limit nesting too, in words and at a
depth of its own, and may look far ahead before it answers with the first event.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from driftcheck.core.model import IncompleteError, InputError


class Limits(NamedTuple):
    """What a reader takes of a document.

    ``size`` counts bytes, ``depth`` lists and maps inside one another, ``values`` the values in them (keys
    are not counted). ``tags`` are the tags that it knows. Without ``anchors`` it takes neither anchors nor aliases; with them, what an alias stands for
    counts towards depth and values as often as it is named. ``refusal`` is the error that it raises.
    """

    size: int
    depth: int
    values: int
    tags: frozenset[str]
    anchors: bool
    refusal: type[InputError | IncompleteError]


def loader() -> Any:  # noqa: ANN401 - yaml's loaders are untyped
    """Libyaml's loader, or the one in Python where PyYAML was built without libyaml."""
    import yaml

    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def check_size(name: str, content: bytes, limits: Limits) -> None:
    """Check that a file is no longer than it may be. Raises the reader's refusal for one that is longer."""
    if len(content) > limits.size:
        raise limits.refusal(f"{name}: {len(content)} bytes is too large for such a file; the limit is {limits.size}")


def events(name: str, content: bytes, limits: Limits) -> Iterator[Any]:
    """PyYAML's events of one document in UTF-8, each after it kept the limits.

    Raises the reader's refusal, with the file and the line, where the document breaks a limit or is not YAML.
    """
    import yaml

    try:
        yield from _watched(name, content, limits)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        if mark is not None:
            _speak_first(name, content.decode()[: mark.index].encode(), limits)
        place = f"{name}:{mark.line + 1}" if mark is not None else name
        said = str(getattr(error, "problem", None) or "not YAML").replace("\n", " ")
        raise limits.refusal(f"{place}: {said}; correct the YAML") from None


def _watched(name: str, content: bytes, limits: Limits) -> Iterator[Any]:
    import yaml

    watch = _Watch(name, limits)
    for event in yaml.parse(content, Loader=loader()):
        check = _CHECKS.get(type(event).__name__)
        if check is not None:
            check(watch, event)
        yield event


def _speak_first(name: str, before: bytes, limits: Limits) -> None:
    """Refuse what stands before the place that the library complained of, where it breaks a limit.

    The library reads ahead: of 1,000 brackets in a line it refuses the last one before it tells of the first.
    """
    import yaml

    try:
        for _ in _watched(name, before, limits):
            pass
    except yaml.YAMLError:
        return


class _Frame:
    """A list or map that is open: how many values it holds so far, and how deep they go; aliases counted.

    ``key`` says whether a map waits for a key or for its value; it is None in a list.
    """

    __slots__ = ("anchor", "depth", "key", "size")

    def __init__(self, anchor: str | None, key: bool | None) -> None:
        self.anchor, self.key = anchor, key
        self.size = self.depth = 1


class _Watch:
    """Holds events against the limits, one by one."""

    def __init__(self, name: str, limits: Limits) -> None:
        self.name, self.limits = name, limits
        self._documents = 0
        self._open: list[_Frame] = []
        # The size and depth of what an anchor names; None while it is open.
        self._anchors: dict[str, tuple[int, int] | None] = {}

    def start_document(self, event: Any) -> None:  # noqa: ANN401 - yaml's events are untyped
        """A second document is one too many."""
        self._documents += 1
        if self._documents > 1:
            self._refuse(event, "a second document in one file; keep one")

    def start_list(self, event: Any) -> None:  # noqa: ANN401
        """A list begins."""
        self._start(event, None)

    def start_map(self, event: Any) -> None:  # noqa: ANN401
        """A map begins."""
        self._start(event, key=True)

    def _start(self, event: Any, key: bool | None) -> None:  # noqa: ANN401
        self._check_marks(event)
        self._check_depth(event, 1)
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        self._open.append(_Frame(event.anchor, key))

    def end(self, event: Any) -> None:  # noqa: ANN401
        """The innermost list or map ends."""
        ended = self._open.pop()
        self._count(event, ended.size, ended.depth, ended.anchor)

    def scalar(self, event: Any) -> None:  # noqa: ANN401
        """A key, or a value."""
        self._check_marks(event)
        self._count(event, 1, 0, event.anchor)

    def alias(self, event: Any) -> None:  # noqa: ANN401
        """What an anchor named before."""
        name = event.anchor
        if not self.limits.anchors:
            self._refuse(event, "anchors and aliases are not supported here; write the value out")
        if name not in self._anchors:
            self._refuse(event, f"an alias without anchor: {name[:40]}; write the value out")
        known = self._anchors[name]
        if known is None:
            self._refuse(event, f"an alias inside the value that it names: {name[:40]}; write the value out")
        self._count(event, *known, None)

    def _check_marks(self, event: Any) -> None:  # noqa: ANN401
        """Hold the anchor and the tag of a node against the limits."""
        if event.anchor is not None and not self.limits.anchors:
            self._refuse(event, "anchors and aliases are not supported here; write the value out")
        if event.tag is not None and event.tag not in self.limits.tags:
            self._refuse(event, f"the tag {event.tag[:60]} is not read; leave it out")

    def _check_depth(self, event: Any, depth: int) -> None:  # noqa: ANN401
        if len(self._open) + depth > self.limits.depth:
            self._refuse(event, f"nested more than {self.limits.depth} levels deep{self._counted}; flatten it")

    def _count(self, event: Any, size: int, depth: int, anchor: str | None) -> None:  # noqa: ANN401
        """Add a value that is whole to the list or map that it stands in."""
        if anchor is not None:
            self._anchors[anchor] = size, depth
        if not self._open:
            return
        self._check_depth(event, depth)
        top = self._open[-1]
        if top.key is not None:
            top.key = not top.key
            if not top.key:
                return
        top.size, top.depth = top.size + size, max(top.depth, depth + 1)
        if top.size > self.limits.values:
            self._refuse(event, f"more than {self.limits.values} values{self._counted}; write less")

    @property
    def _counted(self) -> str:
        return ", aliases counted" if self.limits.anchors else ""

    def _refuse(self, event: Any, why: str) -> NoReturn:  # noqa: ANN401
        raise self.limits.refusal(f"{self.name}:{event.start_mark.line + 1}: {why}")


_CHECKS: dict[str, Callable[[_Watch, Any], None]] = {
    "DocumentStartEvent": _Watch.start_document,
    "MappingStartEvent": _Watch.start_map,
    "MappingEndEvent": _Watch.end,
    "SequenceStartEvent": _Watch.start_list,
    "SequenceEndEvent": _Watch.end,
    "AliasEvent": _Watch.alias,
    "ScalarEvent": _Watch.scalar,
}
