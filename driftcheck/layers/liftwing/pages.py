"""The pages of the rules about Lift Wing."""

from __future__ import annotations

from driftcheck.core.finding import Example, Rule, Severity
from driftcheck.layers.liftwing.read import ROOT

_GOODFAITH = f"{ROOT}/revscoring-editquality-goodfaith"
_REVISION = f"{ROOT}/revision-models"
_SHARED = """\
inference:
  s3_storage_base_uri: "s3://wmf-ml-models"
  model: "goodfaith"
  predictor:
    image: "machinelearning-liftwing-inference-services-revscoring"
    version: "{}"
revscoring_inference_services:
"""
_ENWIKI = '  - wiki: "enwiki"\n    version: "{}"\n'
_JAWIKI = '  - wiki: "jawiki"\n    version: "20220214192229"\n'
_IMAGE = 'inference:\n  predictor:\n    version: "{}"\n'
_RISK = """\
inference_services:
  reference-risk:
    predictor:
      image: "machinelearning-liftwing-inference-services-reference-quality"
      image_version: "2025-01-30-110123-publish"
      container:
        resources:
          limits:
            memory: 6Gi
"""
_NEW, _OLD = "2026-06-23-094330-publish", "2025-11-24-164414-publish"


def _goodfaith(production: str, staging: str) -> Example:
    return Example(
        files=((f"{_GOODFAITH}/values.yaml", production), (f"{_GOODFAITH}/values-ml-staging-codfw.yaml", staging))
    )


def _revision(staging: str) -> Example:
    return Example(files=((f"{_REVISION}/values.yaml", _RISK), (f"{_REVISION}/values-ml-staging-codfw.yaml", staging)))


_BOTH = _goodfaith(
    _SHARED.format(_NEW) + _ENWIKI.format("202105140814"),
    "revscoring_inference_services:\n" + _ENWIKI.format("202105140814"),
)

PRODUCTION_AHEAD = Rule(
    "liftwing-production-ahead",
    Severity.WARNING,
    "production runs a newer image than staging",
    "Staging is where an image is tried first; an image that staging never ran was tried on readers. Staging ahead is a "
    "canary, and silent.",
    "Deploy production's image to staging, or delete the image from staging's values so that it follows production.",
    bad=_goodfaith(
        _SHARED.format(_NEW) + _ENWIKI.format("202105140814"),
        _IMAGE.format(_OLD) + "revscoring_inference_services:\n" + _ENWIKI.format("202105140814"),
    ),
    good=_goodfaith(
        _SHARED.format(_OLD) + _ENWIKI.format("202105140814"),
        _IMAGE.format(_NEW) + "revscoring_inference_services:\n" + _ENWIKI.format("202105140814"),
    ),
    layers=("liftwing",),
)
MODEL_DRIFT = Rule(
    "liftwing-model-drift",
    Severity.WARNING,
    "the same service has another model in staging, or another model or image in one of production's clusters",
    "What staging shows of a model is not what production answers; and where production's clusters differ, the answer "
    "depends on where the request lands.",
    "Write one version and one storage location in every environment, or delete the override.",
    bad=_goodfaith(
        _SHARED.format(_NEW) + _ENWIKI.format("202105140814"),
        "revscoring_inference_services:\n" + _ENWIKI.format("20220214192144"),
    ),
    good=_BOTH,
    layers=("liftwing",),
)
VERSION_MISSING = Rule(
    "liftwing-version-missing",
    Severity.ERROR,
    "a service of a wiki without the version of its model",
    "The chart puts the version into the path of the model's file; without it the path leads nowhere, and the service does not start.",
    "Write the version of the model that was uploaded for the wiki.",
    bad=_goodfaith(
        _SHARED.format(_NEW) + '  - wiki: "enwiki"\n    host: "en.wikipedia.org"\n',
        "revscoring_inference_services:\n" + _ENWIKI.format("202105140814"),
    ),
    good=_BOTH,
    layers=("liftwing",),
)
NULL_OVERRIDE = Rule(
    "liftwing-null-override",
    Severity.WARNING,
    "a key without a value deletes a map that an earlier values file has",
    "A key whose lines were all removed, or commented out, is null, and null deletes: the service or the limits below it are gone.",
    "Delete the key as well, so that the earlier file's map is kept; to keep it deleted on purpose, sign for it.",
    bad=_revision("inference_services:\n  reference-risk:\n    predictor:\n      container:\n"),
    good=_revision("inference_services:\n  reference-risk:\n    predictor:\n      container: {}\n"),
    layers=("liftwing",),
)
NOT_IN_STAGING = Rule(
    "liftwing-not-in-staging",
    Severity.NOTE,
    "services of a namespace run in production and not in staging",
    "A fault of these services cannot be seen in staging first. Staging holds few wikis on purpose (T361117), so this is "
    "said once for a namespace.",
    "Nothing, if staging shows enough of the namespace; otherwise add the service to staging's values.",
    bad=_goodfaith(
        _SHARED.format(_NEW) + _ENWIKI.format("202105140814") + _JAWIKI,
        "revscoring_inference_services:\n" + _ENWIKI.format("202105140814"),
    ),
    good=_BOTH,
    layers=("liftwing",),
)
