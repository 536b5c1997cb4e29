"""Rules on thresholds: what each level and bound may be, on the values that the extension would read."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.reports import findings_of, report_on
from support.trees import COMMON, ON, tree
from support.values import php

from driftcheck.core.severity import Severity
from driftcheck.layers.extension.rules import thresholds as module
from driftcheck.layers.registry import RULES

pytestmark = pytest.mark.unmeasured

FORMULA, CALL = "maximum recall @ precision >= {}", "recall_at_precision(min_precision={})"
IDS = {rule.id for rule in vars(module).values() if getattr(rule, "id", None) in RULES}
LATER = "2023-09-10"
MODELS = {"damaging": True, "goodfaith": True, "reverted": False, "wp10": False}
# The extension's own levels of goodfaith are out of order since 2023-08-31: no level is left to it.
OFF = {"goodfaith": dict.fromkeys(("likelygood", "maybebad", "likelybad", "verylikelybad"), False)}


def settings_of(thresholds, models=None, **more):
    rows = {"wgOresModels": {"default": MODELS | (models or {})}, "wgOresFiltersThresholds": thresholds, **more}
    return ON + "".join(f"{php(name)} => {php(held)},\n" for name, held in rows.items())


def found(thresholds, *, date="2017-11-20", beta="", models=None, **more):
    report = report_on(tree(settings_of(thresholds, models, **more), beta), date=date)
    return {(f.rule.id, f.path): f for f in report.findings if f.rule.id in IDS}


def on_french(model, **levels):
    return {"frwiki": {model: levels}}


def bounds(low, high):
    return {"min": low, "max": high}


def keys(model, levels, date="2017-11-20"):
    held = OFF | {model: levels} if date == LATER else {model: levels}
    return set(found({"frwiki": held}, date=date, models={"goodfaith": model == "goodfaith"}))


FIRES = [
    ("an operator turned round", "goodfaith", {"likelygood": bounds(FORMULA.format(0.9).replace(">=", "=>"), 1)}, "threshold-syntax", "likelygood.min"),
    ("a statistic misspelt", "damaging", {"likelygood": bounds(0, "maximum recal @ precision >= 0.9")}, "threshold-syntax", "likelygood.max"),
    ("a text for a number", "damaging", {"likelygood": bounds(0, "0,9")}, "threshold-syntax", "likelygood.max"),
    ("no max", "damaging", {"verylikelybad": {"min": CALL.format(0.75)}}, "threshold-missing-bound", "verylikelybad.max"),
    ("no min", "goodfaith", {"verylikelybad": {"max": CALL.format(0.75)}}, "threshold-missing-bound", "verylikelybad.min"),
    ("a formula on max of damaging", "damaging", {"verylikelybad": bounds(0, CALL.format(0.12))}, "threshold-orientation", "verylikelybad.max"),
    ("a formula on min of goodfaith", "goodfaith", {"likelybad": bounds(CALL.format(0.6), 1)}, "threshold-orientation", "likelybad.min"),
    ("damaging out of order", "damaging", {"maybebad": bounds(0.7, 1), "likelybad": bounds(0.3, 1)}, "threshold-nesting", "likelybad.min"),
    ("goodfaith not turned round", "goodfaith", {"maybebad": bounds(0, 0.075), "likelybad": bounds(0, 0.647)}, "threshold-nesting", "likelybad.max"),
    ("a level between is off", "damaging", {"maybebad": bounds(0.7, 1), "likelybad": False, "verylikelybad": bounds(0.3, 1)}, "threshold-nesting", "verylikelybad.min"),
    ("precisions out of order", "damaging", {"likelybad": bounds(CALL.format(0.9), 1), "verylikelybad": bounds(CALL.format(0.6), 1)}, "threshold-nesting", "verylikelybad.min"),
    ("min above max", "damaging", {"likelygood": bounds(0.9, 0.1)}, "threshold-range", "likelygood"),
    ("one probability", "goodfaith", {"likelygood": bounds("1.0", 1)}, "threshold-range", "likelygood"),
    ("everything", "goodfaith", {"maybebad": bounds(0, 1.0)}, "threshold-range", "maybebad"),
    ("a condition above 1", "damaging", {"likelygood": bounds(0, FORMULA.format(99.5))}, "threshold-range", "likelygood.max"),
]  # fmt: skip


@pytest.mark.parametrize(("model", "levels", "rule", "path"), [row[1:] for row in FIRES], ids=[row[0] for row in FIRES])
def test_a_rule_fires_alone_at_the_bound_and_names_the_wiki_s_own_line(model, levels, rule, path):
    ((key, finding),) = found(on_french(model, **levels)).items()
    assert key == (rule, f"{model}.{path}")
    assert (finding.setting, finding.wikis) == ("wgOresFiltersThresholds", ("frwiki",))
    assert "the configuration's own line" in finding.message
    assert finding.production.span is not None
    assert finding.beta.span is None, "beta inherits the line: it is production's"


SILENT = [
    ("numbers in texts", "damaging", {"likelygood": bounds("0", "0.4")}),
    ("a level that is off", "goodfaith", {"maybebad": False}),
    ("levels that are equal", "damaging", {"maybebad": bounds(0.5, 1), "likelybad": bounds(0.5, 1)}),
    ("questions that cannot be compared", "damaging", {"maybebad": bounds(CALL.format(0.9), 1), "likelybad": bounds(0.1, 1)}),
    ("a formula on both, where one is the level's", "articlequality", {"Stub": bounds(0.2, 0.4)}),
]  # fmt: skip


@pytest.mark.parametrize(("model", "levels"), [row[1:] for row in SILENT], ids=[row[0] for row in SILENT])
def test_what_is_in_order_is_silent(model, levels):
    assert found(on_french(model, **levels), models={model: True}) == {}


def test_the_place_of_a_misspelt_formula_begins_at_the_wrong_character():
    text = "maximum recall @ precision => 0.9"
    files = tree(settings_of(on_french("damaging", likelygood=bounds(0, text))))
    (finding,) = findings_of(report_on(files), "threshold-syntax")
    span = finding.production.span
    line = files[span.path].decode().split("\n")[span.line - 1]
    assert line[span.column - 1 :].startswith("=> 0.9'")
    assert line[: span.column - 1].endswith("@ precision ")


def test_a_fault_of_the_extension_s_default_says_so_and_is_one_finding():
    filter_typo = found({}, date="2018-03-24")["threshold-syntax", "goodfaith.maybebad.max"]
    assert filter_typo.wikis == ("enwiki", "frwiki")
    assert "the extension's default, extensions/ORES/extension.json:" in filter_typo.message
    # That file is not in the repository: the finding stands where the extension is loaded, which a waiver can stand beside.
    assert filter_typo.production.span.path == COMMON
    assert any(
        step.span is not None and step.span.path == "extensions/ORES/extension.json"
        for step in filter_typo.production.steps
    )
    assert set(found({}, date="2018-06-20")) == set()
    assert set(found({}, date=LATER)) == {("threshold-nesting", "goodfaith.likelybad.max")}


def test_formulas_are_numbers_since_lift_wing():
    held = on_french("damaging", likelygood=bounds(0, FORMULA.format(0.9)))
    assert found(held, date="2023-08-30", models={"goodfaith": False}) == {}
    assert set(found(held, date="2023-08-31", models={"goodfaith": False})) == {
        ("threshold-syntax", "damaging.likelygood.max")
    }


def test_a_minimum_above_the_maximum_is_an_error_and_a_point_is_a_warning():
    nothing = found(on_french("damaging", likelygood=bounds(0.9, 0.1)))["threshold-range", "damaging.likelygood"]
    point = found(on_french("damaging", likelygood=bounds(0.9, 0.9)))["threshold-range", "damaging.likelygood"]
    assert (nothing.severity, point.severity) == (Severity.ERROR, Severity.WARNING)


def test_thresholds_of_a_model_that_is_off_are_that_finding_and_no_other():
    held = on_french("goodfaith", likelybad={"max": "nonsense"})
    assert set(found(held, models={"goodfaith": False})) == {("threshold-for-disabled-model", "goodfaith")}


def test_a_default_or_a_line_that_serves_another_wiki_is_nobody_s_fault():
    assert found({}, models={"goodfaith": False}) == {}
    shared = {"default": {"goodfaith": {"likelybad": False}}}
    models = {"default": MODELS, "frwiki": MODELS | {"goodfaith": False}}
    rows = settings_of(shared).replace(php({"default": MODELS}), php(models))
    report = report_on(tree(rows))
    assert findings_of(report, "threshold-for-disabled-model") == []


def test_beta_that_turns_a_model_off_is_the_line_of_the_overlay():
    beta = f"'wgOresModels' => {php({'default': MODELS | {'goodfaith': False}})},"
    held = {"enwiki": {"goodfaith": {"likelybad": False}}, "frwiki": {"goodfaith": {"maybebad": False}}}
    ((key, finding),) = found(held, beta=beta).items()
    assert key == ("threshold-for-disabled-model", "goodfaith")
    assert finding.wikis == ("enwiki", "frwiki")
    assert finding.production.span is None
    assert finding.beta.span.path.endswith("-labs.php")


@pytest.mark.parametrize(("date", "read"), [("2025-06-02", False), ("2025-06-03", True)])
def test_abuse_filters_read_thresholds_of_revert_risk_without_the_model(date, read):
    held = {"frwiki": {"revertrisklanguageagnostic": {"revertrisk": bounds(0.8, 1)}}}
    fired = set(found(held, date=date, models={"goodfaith": False, "revertrisklanguageagnostic": False}))
    assert fired == (set() if read else {("threshold-for-disabled-model", "revertrisklanguageagnostic")})


@pytest.mark.parametrize(
    ("sensitivity", "level"), [("hard", "maybebad"), ("soft", "likelybad"), ("softest", "verylikelybad")]
)
def test_a_default_sensitivity_whose_level_is_off(sensitivity, level):
    held = on_french("damaging", **{level: False})
    default = {"wmgOresDefaultSensitivityLevel": {"default": sensitivity}}
    assert set(found(held, **default)) == {("sensitivity-level-disabled", f"damaging.{level}")}
    others = {"hard", "soft", "softest"} - {sensitivity}
    assert all(found(held, wmgOresDefaultSensitivityLevel={"default": other}) == {} for other in others)


def test_what_the_settings_of_2016_called_hard_is_not_a_level():
    rows = (
        ON
        + f"'wgOresModels' => {php({'default': MODELS})},\n'wgOresDamagingThresholds' => [ 'default' => [ 'hard' => 0.8, 'soft' => 0.7 ] ],"
    )
    assert [f for f in report_on(tree(rows), date="2016-05-12").findings if f.rule.id in IDS] == []


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0.01, 0.99), min_size=3, max_size=3), st.sampled_from(["damaging", "goodfaith"]))
def test_levels_are_out_of_order_exactly_if_they_do_not_contain_one_another(numbers, model):
    names = ("maybebad", "likelybad", "verylikelybad")
    held = {
        name: bounds(number, 1) if model == "damaging" else bounds(0, number)
        for name, number in zip(names, numbers, strict=True)
    }
    inner = [numbers[0] <= numbers[1], numbers[1] <= numbers[2]]
    if model == "goodfaith":
        inner = [numbers[0] >= numbers[1], numbers[1] >= numbers[2]]
    bound = "min" if model == "damaging" else "max"
    expected = {
        ("threshold-nesting", f"{model}.{name}.{bound}")
        for name, held_in in zip(names[1:], inner, strict=True)
        if not held_in
    }
    assert set(found({"frwiki": {model: held}})) == expected
