"""The pages of the rules about Lift Wing."""

from __future__ import annotations

from driftcheck.core.finding import Example, Rule
from driftcheck.core.severity import Severity
from driftcheck.layers.liftwing import FOLDER

_GOODFAITH = f"{FOLDER}/revscoring-editquality-goodfaith"
_REVISION = f"{FOLDER}/revision-models"
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
_ENV = """\
inference_services:
  reference-risk:
    predictor:
      custom_env:
        - name: FORCE_HTTP
          value: "true"
"""
_QUALITY = """\
inference_services:
  articlequality:
    predictor:
      custom_env:
        - name: STORAGE_URI
          value: "s3://wmf-ml-models/articlequality/{}/"
"""
_NEW, _OLD = "2026-06-23-094330-publish", "2025-11-24-164414-publish"


def _goodfaith(production: str, staging: str) -> Example:
    return Example(
        files=((f"{_GOODFAITH}/values.yaml", production), (f"{_GOODFAITH}/values-ml-staging-codfw.yaml", staging))
    )


def _revision(staging: str) -> Example:
    return Example(files=((f"{_REVISION}/values.yaml", _RISK), (f"{_REVISION}/values-ml-staging-codfw.yaml", staging)))


def _split(version: str) -> Example:
    """Staging's article models beside a namespace for experiments, which has the model of 2025."""
    return Example(
        files=tuple(
            (f"{FOLDER}/{namespace}/values-ml-staging-codfw.yaml", _QUALITY.format(held))
            for namespace, held in (("article-models", version), ("experimental", "20250425125943"))
        )
    )


_BOTH = _goodfaith(
    _SHARED.format(_NEW) + _ENWIKI.format("202105140814"),
    "revscoring_inference_services:\n" + _ENWIKI.format("202105140814"),
)

PRODUCTION_AHEAD = Rule(
    "liftwing-production-ahead",
    Severity.WARNING,
    "a service whose image is newer in production than in staging",
    "An image is meant to be tried in staging first. One that staging never ran was tried on readers. A newer image "
    "in staging is a trial, and is not reported.",
    "Deploy production's image to staging, or delete the image from staging's values so that staging follows "
    "production.",
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
    "a service whose model differs in staging, or whose model or image differs between production's clusters",
    "A model that is tried in staging is then not the one that production runs. Where production's clusters differ, "
    "the answer depends on the cluster that gets the request.",
    "Write the same version and storage location in every environment, or delete the override.",
    bad=_goodfaith(
        _SHARED.format(_NEW) + _ENWIKI.format("202105140814"),
        "revscoring_inference_services:\n" + _ENWIKI.format("20220214192144"),
    ),
    good=_BOTH,
    layers=("liftwing",),
)
MODEL_SPLIT = Rule(
    "liftwing-model-split",
    Severity.WARNING,
    "a service that two namespaces of an environment run with different models",
    "A namespace for experiments runs a service that another namespace has too. When one of them gets a new model and the "
    "other keeps the old one, the answer depends on the namespace that is asked, and a trial of the new image runs with "
    "the old model.",
    "Write the storage location of the newer model in both namespaces, or delete the service from the one that is no "
    "longer needed.",
    bad=_split("20240801111508"),
    good=_split("20250425125943"),
    layers=("liftwing",),
)
VERSION_MISSING = Rule(
    "liftwing-version-missing",
    Severity.ERROR,
    "an inference service of a wiki that has no model version",
    "The chart makes the path of the model's file from the version. Without a version the file is not found, and "
    "the service does not start.",
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
    "a key without a value, or with a list, that deletes a map of an earlier values file",
    "A key whose lines were all removed or commented out has the value null, and Helm deletes what an earlier file "
    "has there: the services or limits below the key are gone. A list or a scalar where the earlier file has a map "
    "replaces all of it; a list of elements that have names is what a chart takes in place of a map.",
    "Delete the key too, or write a map, so that the earlier file's map is kept. If the map is meant to be deleted, add a waiver "
    "that says why.",
    bad=_revision("inference_services:\n  reference-risk:\n    predictor:\n      container:\n"),
    good=_revision("inference_services:\n  reference-risk:\n    predictor:\n      container: {}\n"),
    layers=("liftwing",),
)
NOT_IN_STAGING = Rule(
    "liftwing-not-in-staging",
    Severity.NOTE,
    "services that run in production and not in staging, once for each namespace",
    "Staging cannot show a fault of these services. Staging has few wikis on purpose (T361117), so driftcheck "
    "reports a namespace once.",
    "Add the services to staging's values if staging should cover them; otherwise add a waiver.",
    bad=_goodfaith(
        _SHARED.format(_NEW) + _ENWIKI.format("202105140814") + _JAWIKI,
        "revscoring_inference_services:\n" + _ENWIKI.format("202105140814"),
    ),
    good=_BOTH,
    layers=("liftwing",),
)

ENVIRONMENT_DRIFT = Rule(
    "liftwing-environment-drift",
    Severity.WARNING,
    "an environment variable that a service has in production or in staging only, or with another value",
    "The variables switch parts of a service on and off, so staging tries a program that production does not run. "
    "Hosts, event streams and numbers of workers are meant to differ, and are not reported. Nor is the model, which "
    "liftwing-model-drift has.",
    "Write the same variables in both, or add a waiver that says why they differ.",
    bad=_revision(_ENV),
    good=Example(
        files=(
            (f"{_REVISION}/values.yaml", _RISK + _ENV.partition("reference-risk:\n    predictor:\n")[2]),
            (f"{_REVISION}/values-ml-staging-codfw.yaml", _ENV),
        )
    ),
    layers=("liftwing",),
    compares=True,
)

RULES = (
    PRODUCTION_AHEAD,
    MODEL_DRIFT,
    MODEL_SPLIT,
    VERSION_MISSING,
    NULL_OVERRIDE,
    NOT_IN_STAGING,
    ENVIRONMENT_DRIFT,
)
