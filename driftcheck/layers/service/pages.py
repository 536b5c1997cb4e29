"""The rules about an ORES service, each with its page."""

from __future__ import annotations

from driftcheck.core.finding import Example, Rule, Severity

_PATH = "config/00-main.yaml"
_OVERLAY = "etc/ores/99-main.yaml"


def _service(
    models: str = "damaging: enwiki_damaging, goodfaith: enwiki_goodfaith",
    host: str = "en.wikipedia.org",
    precache: str = "damaging",
    goodfaith: str = "models/enwiki.goodfaith.gradient_boosting.model",
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
"""
    return ((_PATH, text),)


_GOOD = Example(files=_service())
_ON = "'wmgUseORES' => [ 'default' => true ],\n"
_MODELS = "'wgOresModels' => [ 'default' => [ 'damaging' => true, 'goodfaith' => {}, 'reverted' => false, 'wp10' => false ] ],"
_ENWIKI = ("enwiki",)

MODEL_MISSING = Rule(
    "service-model-missing",
    Severity.ERROR,
    "the extension enables a model for a wiki that the service does not serve",
    "The extension asks for every enabled model at once, and the service answers the whole request with an error: the "
    "jobs fail, and no edit of the wiki is scored. Beta had this in 2017 when goodfaith was enabled for wikis that ask "
    "as testwiki.",
    "Switch the model off for the wiki, name another wiki with wgOresWikiId, or add the model to the service first.",
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
)
SERVICE_DRIFT = Rule(
    "service-drift",
    Severity.WARNING,
    "contexts, models or model files differ between the two service configurations",
    "What is tried on beta is not what production runs: a threshold that one model reaches is out of reach of another, "
    "and a model that beta does not serve is never asked for before it goes live.",
    "Bring both configurations to the same models, or sign for the difference with a waiver.",
    bad=Example(files=_service(), files_beta=_service(goodfaith="models/enwiki.goodfaith.rf.model")),
    good=Example(files=_service(), files_beta=_service(host="en.wikipedia.org/")),
    layers=("service",),
)
SWAPPED = Rule(
    "service-model-swapped",
    Severity.ERROR,
    "the name of a model is bound to a model file of another name",
    "The service answers with the wrong probabilities and nothing fails: for six weeks of 2017 the good faith of plwiki "
    "was its damage, and the other way round.",
    "Bind each name to the model of that name.",
    bad=Example(files=_service("damaging: enwiki_goodfaith, goodfaith: enwiki_damaging")),
    good=_GOOD,
    layers=("service",),
)
EXTRACTOR_HOST = Rule(
    "service-extractor-host",
    Severity.WARNING,
    "the host of an extractor is that of another wiki",
    "The features of an edit are read from the wrong wiki: revisions are missing there, or, worse, are others. tawiki "
    "asked tr.wikipedia.org for three years.",
    "Name the wiki's own host.",
    bad=Example(files=_service(host="tr.wikipedia.org")),
    good=_GOOD,
    layers=("service",),
)
PRECACHE = Rule(
    "service-precache-undefined",
    Severity.WARNING,
    "precache names a model that the context does not have",
    "Every edit asks for a score that cannot be made, and the models that replaced it are not made ahead.",
    "Name the models that the context has.",
    bad=Example(files=_service(precache="reverted")),
    good=_GOOD,
    layers=("service",),
)
DANGLING = Rule(
    "service-dangling-reference",
    Severity.ERROR,
    "a context, extractor or model is named and not defined",
    "ORES looks every name up when it starts, and does not start.",
    "Define what is named, or take the name away.",
    bad=Example(files=_service("damaging: enwiki_damaging, goodfaith: enwiki_good_faith")),
    good=_GOOD,
    layers=("service",),
)
FILE_ORDER = Rule(
    "service-file-order",
    Severity.WARNING,
    "two files of one base name, in the repository and in an overlay, whose order decides a value",
    "ORES sorts files by base name and then by path, so that /etc/ores comes before config: the repository's file "
    "overrides the machine's, which is the opposite of what an overlay is for.",
    "Give the overlay's file a name of its own that sorts after the repository's.",
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
