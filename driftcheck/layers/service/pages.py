"""The rules about an ORES service, each with its page."""

from __future__ import annotations

from driftcheck.core.finding import Example, Rule
from driftcheck.core.severity import Severity

_PATH = "config/00-main.yaml"
_OVERLAY = "etc/ores/99-main.yaml"


def _service(
    models: str = "damaging: enwiki_damaging, goodfaith: enwiki_goodfaith",
    host: str = "en.wikipedia.org",
    precache: str = "damaging",
    goodfaith: str = "models/enwiki.goodfaith.gradient_boosting.model",
    more: str = "",
) -> tuple[tuple[str, str], ...]:
    text = f"""\
scoring_systems:
  defaults:
    scoring_contexts: [enwiki]
scoring_contexts:
  enwiki:
    extractor: enwiki_api
    scorer_models: {{{models}}}
    precache: {{{precache}: {{"on": [edit]}}}}
extractors:
  enwiki_api:
    host: https://{host}
scorer_models:
  enwiki_damaging:
    model_file: models/enwiki.damaging.gradient_boosting.model
  enwiki_goodfaith:
    model_file: {goodfaith}
{more}"""
    return ((_PATH, text),)


def _rowiki(model: str) -> tuple[tuple[str, str], ...]:
    text = f"""\
scoring_systems: {{defaults: {{scoring_contexts: [enwiki, rowiki]}}}}
scoring_contexts: {{rowiki: {{scorer_models: {{damaging: {model}}}}}}}
scorer_models: {{rowiki_damaging: {{model_file: models/rowiki.damaging.gradient_boosting.model}}}}
"""
    return (*_service(), ("config/01-rowiki.yaml", text))


_GOOD = Example(files=_service())
_ON = "'wmgUseORES' => [ 'default' => true ],\n"
_MODELS = "'wgOresModels' => [ 'default' => [ 'damaging' => true, 'goodfaith' => {}, 'reverted' => false, 'wp10' => false ] ],"
_ENWIKI = ("enwiki",)

MODEL_MISSING = Rule(
    "service-model-missing",
    Severity.ERROR,
    "a model that the extension enables for a wiki and the service does not serve",
    "The extension asks for all enabled models at once, and the service answers the whole request with an error. "
    "The jobs fail, and no edit of the wiki is scored. It happened on beta in 2017, when goodfaith was enabled for "
    "wikis that ask as testwiki.",
    "Turn the model off for the wiki, name another wiki in wgOresWikiId, or add the model to the service first.",
    bad=Example(
        _ON + _MODELS.format("true"),
        wikis=_ENWIKI,
        beta_wikis=_ENWIKI,
        files=_service("damaging: enwiki_damaging"),
    ),
    good=Example(
        _ON + _MODELS.format("false"),
        wikis=_ENWIKI,
        beta_wikis=_ENWIKI,
        files=_service("damaging: enwiki_damaging"),
    ),
    layers=("service", "liftwing"),
    needs=("schema",),
)
SERVICE_DRIFT = Rule(
    "service-drift",
    Severity.WARNING,
    "contexts, models or model files that differ between the service configurations of production and beta",
    "A test in beta then tests something else than production runs: a threshold that one model reaches may be out "
    "of reach for another, and beta never requests a model that it does not serve.",
    "Configure the same models in both, or add a waiver that says why they differ.",
    bad=Example(files=_service(), files_beta=_service(goodfaith="models/enwiki.goodfaith.rf.model")),
    good=Example(files=_service(), files_beta=_service(host="en.wikipedia.org:443")),
    layers=("service",),
    compares=True,
)
SWAPPED = Rule(
    "service-model-swapped",
    Severity.ERROR,
    "a model name that is bound to the model file of another model",
    "The service answers with the wrong probabilities, and nothing fails. For six weeks of 2017 goodfaith and "
    "damaging were swapped on plwiki.",
    "Bind each name to the model of that name.",
    bad=Example(files=_service("damaging: enwiki_goodfaith, goodfaith: enwiki_damaging")),
    good=_GOOD,
    layers=("service",),
)
EXTRACTOR_HOST = Rule(
    "service-extractor-host",
    Severity.WARNING,
    "an extractor that reads from the host of another wiki, or from a host that only redirects to the wiki",
    "The features of an edit are read from the wrong wiki, where the revision does not exist or is another edit. "
    "tawiki asked tr.wikipedia.org for three years.",
    "Name the wiki's own host.",
    bad=Example(files=_service(host="tr.wikipedia.org")),
    good=_GOOD,
    layers=("service",),
)
PRECACHE = Rule(
    "service-precache-undefined",
    Severity.WARNING,
    "a precache entry for a model that the context does not have",
    "The service tries to compute a missing model's score after every edit, and does not precompute the scores of "
    "the model that replaced it.",
    "Name the models that the context has.",
    bad=Example(files=_service(precache="reverted")),
    good=_GOOD,
    layers=("service",),
)
DANGLING = Rule(
    "service-dangling-reference",
    Severity.ERROR,
    "a context, extractor or model that is referenced and not defined",
    "ORES looks up every name when it starts, and fails to start.",
    "Define the name, or delete the reference.",
    bad=Example(files=_service("damaging: enwiki_damaging, goodfaith: enwiki_good_faith")),
    good=_GOOD,
    layers=("service",),
)
FILE_ORDER = Rule(
    "service-file-order",
    Severity.WARNING,
    "two files of the same base name, one in the repository and one in an overlay, whose order decides a value",
    "ORES sorts files by base name and then by path, and /etc/ores comes before config. So the repository's file "
    "overrides the machine's, which is the opposite of what an overlay is for.",
    "Rename the overlay's file so that it sorts after the repository's.",
    bad=Example(
        files=(
            *_service(),
            ("config/99-main.yaml", "score_caches: {ores_redis: {host: localhost}}\n"),
            (_OVERLAY, "score_caches: {ores_redis: {host: ores-redis-02}}\n"),
        )
    ),
    good=Example(
        files=(
            *_service(),
            ("config/98-main.yaml", "score_caches: {ores_redis: {host: localhost}}\n"),
            (_OVERLAY, "score_caches: {ores_redis: {host: ores-redis-02}}\n"),
        )
    ),
    layers=("service",),
)

CONTEXT_UNUSED = Rule(
    "service-context-unused",
    Severity.NOTE,
    "a context that no scoring system names, or a model that no context names",
    "The service does not load it. Either somebody forgot to enable it, as glwiki's context for two weeks of the winter of 2018, or it was "
    "left behind when its wiki or model went.",
    "Name the context in scoring_contexts of the scoring system, or the model in the context of its wiki; otherwise "
    "delete the definition.",
    bad=Example(files=_service("damaging: enwiki_damaging")),
    good=_GOOD,
    layers=("service",),
)
MODEL_FOREIGN = Rule(
    "service-model-foreign",
    Severity.ERROR,
    "a context that has the model of another wiki while the wiki's own model of that kind is defined",
    "The service scores the wiki's edits with a model that was trained on another language, and nothing fails. A typo "
    "bound rowiki to ruwiki's model in 2017.",
    "Bind the wiki's own model.",
    bad=Example(files=_rowiki("enwiki_damaging")),
    good=Example(files=_rowiki("rowiki_damaging")),
    layers=("service",),
)
HOST_MALFORMED = Rule(
    "service-host-malformed",
    Severity.ERROR,
    "a host, or a Host header, that is no host: it has a path, a scheme that does not belong there, or none that does",
    "The address that the service makes from it does not exist, or the proxy knows no host of that name, so no feature of "
    "an edit can be read. testwiki's Host header was https://test.wikipedia.org for a day of 2020.",
    "Write an extractor's host as https://HOST, and a Host header and the hosts of caches and metrics as HOST alone.",
    bad=Example(files=_service(host="en.wikipedia.org/")),
    good=_GOOD,
    layers=("service",),
)
VALUE_UNKNOWN = Rule(
    "service-value-unknown",
    Severity.WARNING,
    "a value that the service's own code does not know: a logging level, a class, an event of precaching",
    "ORES does not start with an unknown level or class, and ignores an unknown event, so the scores are not computed "
    "ahead. A class is compared with the versions of ores and revscoring that requirements.txt and "
    "frozen-requirements.txt ask for.",
    "Write a value that the service knows: the message names one where it can.",
    bad=Example(files=_service(more="logging: {loggers: {uwsgi: {level: ERRROR}}}\n")),
    good=Example(files=_service(more="logging: {loggers: {uwsgi: {level: ERROR}}}\n")),
    layers=("service",),
)

RULES = (
    MODEL_MISSING,
    SERVICE_DRIFT,
    SWAPPED,
    EXTRACTOR_HOST,
    PRECACHE,
    DANGLING,
    FILE_ORDER,
    CONTEXT_UNUSED,
    MODEL_FOREIGN,
    HOST_MALFORMED,
    VALUE_UNKNOWN,
)
