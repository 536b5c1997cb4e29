"""What a service's configuration says that the service cannot use: hosts, levels, classes, events, what nothing names."""

from __future__ import annotations

from support.trees import MemoryTree

from driftcheck.core.causes import join
from driftcheck.core.model import Realm
from driftcheck.layers.service import read, rules

MAIN = "config/00-main.yaml"
BASE = "scoring_systems: {defaults: {scoring_contexts: [enwiki]}}\nscoring_contexts: {enwiki: {%s}}\n"


def found(text, rule, context="extractor: e", **files):
    config = read.load(MemoryTree({MAIN: BASE % context + text, **files}))
    drafts = rules.single(config, Realm.PRODUCTION)
    return [(f.setting, f.path, f.message) for f in join(drafts) if f.rule.id == f"service-{rule}"]


ADDRESSES = {
    "https://en.wikipedia.org": "",
    "http://localhost:6500": "",
    "https://[::1]:80": "",
    "https://en.wikipedia.org/": "has a path: only the host belongs here",
    "https://en.wikipedia.org/w/api.php": "has a path: only the host belongs here",
    "https://https://en.wikipedia.org": "has a scheme where only the host belongs",
    "en.wikipedia.org": "has no scheme: write https:// before the host",
    "https://": "is no host",
    "https:/en.wikipedia.org": "is no host",
    "https://en wikipedia.org": "is no host",
}
HOSTS = {
    "en.wikipedia.org": "",
    "ores-redis-01": "",
    "localhost:6379": "",
    "https://en.wikipedia.org": "has a scheme where only the host belongs",
    "en.wikipedia.org/": "has a path: only the host belongs here",
    "": "is no host",
}


def test_an_address_is_a_scheme_and_a_host_and_a_host_is_a_host_alone():
    for host, fault in ADDRESSES.items():
        said = [("extractors.e", "host", f"{host} {fault}")] if fault else []
        assert found(f"extractors: {{e: {{host: '{host}'}}}}", "host-malformed") == said, host
    for host, fault in HOSTS.items():
        for text, setting, path in (
            (f"extractors: {{e: {{headers: {{Host: '{host}'}}}}}}", "extractors.e", "headers.Host"),
            (f"score_caches: {{redis: {{host: '{host}'}}}}", "score_caches.redis", "host"),
            (f"metrics_collectors: {{statsd: {{host: '{host}'}}}}", "metrics_collectors.statsd", "host"),
        ):
            assert found(text, "host-malformed") == ([(setting, path, f"{host} {fault}")] if fault else []), text


def test_a_host_that_many_extractors_have_from_their_defaults_is_one_finding():
    text = "extractors: {defaults: {host: 'https://x/'}, e: {a: 1}, f: {a: 1}}"
    assert len(found(text, "host-malformed")) == 1


def test_levels_of_logging_are_those_of_python():
    for level, said in (
        ("ERROR", []),
        ("10", []),
        ("null", []),
        ("ERRROR", ["Python's logging has no level ERRROR; did you mean ERROR?"]),
        ("debug", ["Python's logging has no level debug; did you mean DEBUG?"]),
        ("zz", ["Python's logging has no level zz"]),
    ):
        for group, setting in (("loggers: {x: {level: %s}}", "loggers.x"), ("root: {level: %s}", "root")):
            expected = [(f"logging.{setting}", "level", message) for message in said]
            assert found(f"logging: {{{group % level}}}", "value-unknown") == expected, (level, group)


SCORER = "revscoring.scorer_models.MLScorerModel"


def test_a_class_is_gone_where_the_tree_asks_for_a_version_without_it():
    text = f"scorer_models: {{defaults: {{class: {SCORER}}}, a: {{b: 1}}, c: {{d: 1}}}}"
    gone = f"revscoring has no class {SCORER} since version 2.0, and requirements.txt:2 asks for 2.0.8; "
    for lines, frozen, said in (
        ("", "", []),
        ("ores >= 1.0\nrevscoring >= 1.3.6, < 1.3.999\n", "", []),
        ("ores >= 1.0\nrevscoring >= 2.0.8, < 2.0.999\n", "revscoring==1.3.10\n", [gone]),
        ("", "x==1\nrevscoring==2.0.8\n", [gone.replace("requirements", "frozen-requirements")]),
    ):
        files = {"requirements.txt": lines, "frozen-requirements.txt": frozen}
        expected = [("scorer_models.defaults", "class", f"{one}it is revscoring.Model now") for one in said]
        assert found(text, "value-unknown", **files) == expected, (lines, frozen)


def test_a_class_of_ores_that_no_version_has_is_told_with_the_nearest_one():
    for name, near in (
        ("ores.scoring_system.CeleryQueue", "ores.scoring_systems.CeleryQueue"),
        ("ores.scoring_systems.CeleryQueue", ""),
        ("ores.own.Thing_of_ours_that_nobody_else_has", ""),
        ("logging.StreamHandler", ""),
    ):
        said = found(f"scoring_systems: {{celery: {{class: {name}}}}}", "value-unknown")
        assert [near in message for _, _, message in said] == ([True] if near else []), name


def test_an_event_that_ores_does_not_have_is_told_with_its_model():
    context = "scorer_models: {damaging: d}, precache: {damaging: {'on': [edit, content_edit]}}"
    said = "ORES has no event content_edit: damaging is not computed ahead on it"
    assert found("scorer_models: {d: {a: 1}}", "value-unknown", context) == [
        ("contexts.enwiki.precache", "damaging", said)
    ]
    assert found("scorer_models: {d: {a: 1}}", "value-unknown", context.replace("content_edit", "main_edit")) == []


def test_what_any_scoring_system_or_any_context_names_is_used():
    text = "scorer_models: {defaults: {a: 1}, a: {b: 1}, c: {b: 1}}\nextractors: {}\n"
    more = {"config/01.yaml": "scoring_contexts: {frwiki: {scorer_models: {damaging: c}}}\n"}
    context = "scorer_models: {damaging: a}"
    settings = [setting for setting, _, _ in found(text, "context-unused", context, **more)]
    assert settings == ["contexts.frwiki"]
    more["config/02.yaml"] = "scoring_systems: {celery: {scoring_contexts: [frwiki]}}\n"
    assert found(text, "context-unused", context, **more) == []
    assert [s for s, _, _ in found(text, "context-unused", context)] == ["models.c"]
    assert found(text, "context-unused", "a: 1") == [], "without a model that is named, nothing is known of the names"


def test_a_model_of_another_wiki_is_told_where_the_own_one_is_defined():
    for bound, own, fires in (
        ("frwiki_wp10", "enwiki_articlequality", True),
        ("frwiki_wp10", "enwiki_damaging", False),
        ("enwiki_wp10", "enwiki_articlequality", False),
        ("fr_wp10", "enwiki_wp10", False),
    ):
        more = {"config/01.yaml": "scoring_contexts: {frwiki: {a: 1}, fr: {a: 1}}\n" if bound[:3] != "fr_" else "{}\n"}
        text = f"scorer_models: {{{bound}: {{a: 1}}, {own}: {{a: 1}}}}"
        said = found(text, "model-foreign", f"scorer_models: {{articlequality: {bound}}}", **more)
        assert bool(said) is fires, (bound, own)
