"""service-value-unknown: what the service's own code does not know."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from driftcheck.core import reach
from driftcheck.core.finding import Draft
from driftcheck.core.model import Value
from driftcheck.core.nearest import nearest
from driftcheck.layers.service.pages import VALUE_UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftcheck.core.model import Realm, Result
    from driftcheck.layers.service.read import ServiceConfig
    from driftcheck.layers.service.requires import Version

LEVELS = ("CRITICAL", "FATAL", "ERROR", "WARNING", "WARN", "INFO", "DEBUG", "NOTSET")
"""Names of levels that Python's logging knows."""

EVENTS = (
    "edit",
    "main_edit",
    "bot_edit",
    "nonbot_edit",
    "main_creation",
    "page_creation",
    "bot_page_creation",
    "nonbot_page_creation",
)
"""Events on which ORES computes scores ahead: AVAILABLE_EVENTS of ores/wsgi/util.py."""


class Gone(NamedTuple):
    """The version of a package that has a class no longer, and what replaced the class."""

    package: str
    since: Version
    now: str


GONE = {
    "revscoring.extractors.APIExtractor": Gone("revscoring", (1, 0), "revscoring.extractors.api.Extractor"),
    "revscoring.scorer_models.MLScorerModel": Gone("revscoring", (2, 0), "revscoring.Model"),
    "ores.score_processors.Timeout": Gone("ores", (0, 8), "ores.scoring_systems.ProcessPool"),
    "ores.score_processors.Celery": Gone("ores", (0, 8), "ores.scoring_systems.CeleryQueue"),
    "ores.scorer_models.RevIdScorer": Gone("ores", (1, 0), "ores.scoring.models.RevIdScorer"),
}
"""Classes that a configuration named and later versions do not have, from the histories of ores and revscoring."""

CLASSES = (
    *GONE,
    *(gone.now for gone in GONE.values()),
    "revscoring.extractors.OfflineExtractor",
    "ores.scoring_systems.SingleThread",
    "ores.score_caches.Empty",
    "ores.score_caches.LRU",
    "ores.score_caches.Redis",
    "ores.score_caches.RedisSentinel",
    "ores.metrics_collectors.Logger",
    "ores.metrics_collectors.Null",
    "ores.metrics_collectors.Statsd",
    "ores.lock_manager.PoolCounter",
    "ores.task_tracker.InMemoryTaskTracker",
    "ores.task_tracker.NullTaskTracker",
    "ores.task_tracker.RedisTaskTracker",
)
"""Classes of ORES that a configuration can name."""

_GROUPS = ("extractors", "scorer_models", "scoring_systems", "score_processors", "score_caches", "metrics_collectors")


def unknown_values(config: ServiceConfig, realm: Realm) -> Iterator[Draft]:
    """Levels of logging, classes, and events of precaching."""
    yield from _levels(config, realm)
    yield from _classes(config, realm)
    yield from _events(config, realm)


def _levels(config: ServiceConfig, realm: Realm) -> Iterator[Draft]:
    logging = config.group("logging")
    named = {"root": logging.get("root")}
    for group in ("loggers", "handlers"):
        named |= {f"{group}.{name}": item for name, item in reach.fields(logging.get(group)).items()}
    for name, item in named.items():
        level = reach.fields(item).get("level")
        said = reach.string(level)
        if level is not None and said is not None and said not in LEVELS:
            message = f"Python's logging has no level {said}{nearest(said.upper(), LEVELS)}"
            yield Draft.one_sided(realm, VALUE_UNKNOWN, f"logging.{name}", "level", "", message, level)


def _classes(config: ServiceConfig, realm: Realm) -> Iterator[Draft]:
    seen: set[int] = set()
    for group in _GROUPS:
        for name, item in config.group(group).items():
            value = reach.fields(item).get("class")
            said = reach.string(value)
            if not isinstance(value, Value) or said is None or (name != "defaults" and value.where in seen):
                continue
            seen.add(value.where)  # what defaults say is copied into each item of the group
            if wrong := _wrong_class(config, said):
                yield Draft.one_sided(realm, VALUE_UNKNOWN, f"{group}.{name}", "class", "", wrong, value)


def _wrong_class(config: ServiceConfig, name: str) -> str:
    """What is wrong with the name of a class; empty where nothing is, or where the tree does not say which version runs."""
    gone = GONE.get(name)
    if gone is None:
        close = nearest(name, CLASSES) if name not in CLASSES and name.startswith(("ores.", "revscoring.")) else ""
        return f"no version of ORES has a class {name}{close}" if close else ""
    asked = config.requires.get(gone.package)
    if asked is None or asked.version < gone.since:
        return ""
    since = ".".join(map(str, gone.since))
    return (
        f"{gone.package} has no class {name} since version {since}, and {asked.span} asks for {asked}; "
        f"it is {gone.now} now"
    )


def _events(config: ServiceConfig, realm: Realm) -> Iterator[Draft]:
    for wiki, context in config.contexts.items():
        for model, entry in reach.fields(reach.get(context, "precache")).items():
            listed = reach.fields(entry).get("on")
            unknown = {key: item for key, item in reach.array(listed).items() if _no_event(item)}
            if unknown and isinstance(listed, Value):
                names = " and ".join(reach.text(item) for item in unknown.values())
                message = f"ORES has no event {names}: {model} is not computed ahead on it"
                setting, value = f"contexts.{wiki}.precache", listed.with_data(unknown)
                yield Draft.one_sided(realm, VALUE_UNKNOWN, setting, str(model), wiki, message, value)


def _no_event(item: Result) -> bool:
    said = reach.string(item)
    return said is not None and said not in EVENTS
