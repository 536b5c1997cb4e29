"""Filter thresholds, as they are after the extension's defaults are merged in: can they be read, and do they make sense."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from driftcheck.core import reach
from driftcheck.core.finding import Draft, Rule
from driftcheck.core.model import MISSING, Op, Realm, Value, first_place, pack
from driftcheck.core.severity import Severity
from driftcheck.layers.extension.comparison import is_on
from driftcheck.layers.extension.normalize import SENSITIVITY_LEVELS
from driftcheck.layers.extension.pages.thresholds import (
    DISABLED_MODEL,
    MISSING_BOUND,
    NESTING,
    ORIENTATION,
    RANGE,
    SENSITIVITY,
    SYNTAX,
)
from driftcheck.statistics.formula import Fault, Formula, orientation, parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftcheck.core.model import Missing, Result, Span
    from driftcheck.layers.extension.comparison import Comparison
    from driftcheck.layers.extension.effective import Effective

SETTING = "wgOresFiltersThresholds"
BOUNDS = ("min", "max")


_STRICTER = ("maybebad", "likelybad", "verylikelybad")
# Of these questions, a higher number gives a stricter level (1), or a looser one (-1).
_DIRECTIONS = {("recall", "precision"): 1, ("filter_rate", "recall"): -1}


# Since 2025-06-03 (Extension:ORES ca1bcfdf) abuse filters read these thresholds, whether the model is on or not.
_READ_ANYWAY = {"revertrisklanguageagnostic": "wgORESRevertRiskAbuseFilterIntegrationEnabled"}


def thresholds(context: Comparison, side: Effective, dbname: str) -> Result | Missing:
    """The effective thresholds of a wiki, by model; what wgOresDamagingThresholds of 2016 said is none of them."""
    if context.value(side, SETTING, dbname) is MISSING:
        return MISSING
    path = context.properties.get(SETTING)
    return side.property(dbname, *path) if path else MISSING


def levels(context: Comparison, side: Effective, dbname: str) -> dict[str, dict[str, Result]]:
    """The effective levels of the models that are on, by model and level."""
    by_model = thresholds(context, side, dbname)
    on = context.enabled_models(side, dbname) if by_model is not MISSING else {}
    found = {name: reach.get(by_model, name) for name in on}
    return {
        name: {str(level): item for level, item in reach.array(model).items()}
        for name, model in found.items()
        if reach.is_array(model)
    }


def check(context: Comparison) -> Iterator[Draft]:
    """threshold-syntax, -missing-bound, -orientation, -nesting and -range, for the models that are on."""
    for side in context.sides:
        for dbname in context.on(side):
            for model, found in levels(context, side, dbname).items():
                for rule, path, message, value in _model(model, found, context.date):
                    own = not context.defaults.said(value)
                    origin = "the configuration's own line" if own else f"the extension's default, {value.span}"
                    yield Draft.one_sided(
                        side.realm, rule, SETTING, f"{model}.{path}", dbname, f"{message} ({origin})", value
                    )


_Fault = tuple[Rule, str, str, "Result"]


def _model(model: str, found: dict[str, Result], date: str) -> Iterator[_Fault]:
    read: dict[str, dict[str, float | Formula]] = {}
    for level, value in found.items():
        if not reach.is_array(value):
            continue
        bounds = read[level] = {}
        for bound in BOUNDS:
            item = reach.array(value).get(bound)
            if item is None:
                yield MISSING_BOUND, f"{level}.{bound}", f"{model}.{level} has no {bound}", value
            elif isinstance(item, Value) and isinstance(item.data, str):
                parsed = parse(item.data, date)
                if isinstance(parsed, Fault):
                    yield SYNTAX, f"{level}.{bound}", f"{item.data!r}: {parsed.message}", _pointed(item, parsed)
                    continue
                bounds[bound] = parsed
                used = orientation(model, level)
                if used not in (None, bound):
                    message = f"the formula of {model}.{level} stands on {bound}, and the level needs it on {used}"
                    yield ORIENTATION, f"{level}.{bound}", message, item
            elif isinstance(item, Value) and isinstance(item.data, (int, float)) and not isinstance(item.data, bool):
                bounds[bound] = item.data
        yield from _range(f"{model}.{level}", level, value, bounds)
    yield from _nesting(model, found, read)


def _pointed(text: Value, fault: Fault) -> Value:
    """A text whose place begins at the character that is wrong, where the source spells it as it is."""
    assert isinstance(text.data, str)
    start, end = text.where >> 32, text.where & 0xFFFFFFFF
    literal = text.data.encode()
    if text.source is None or text.source.text[start + 1 : end - 1] != literal:
        return text
    wrong = start + 1 + len(text.data[: fault.position].encode())
    return Value(text.data, text.source, pack(min(wrong, end - 1), end - 1), text.steps)


def _range(named: str, level: str, value: Value, bounds: dict[str, float | Formula]) -> Iterator[_Fault]:
    for bound, formula in bounds.items():
        if isinstance(formula, Formula) and (formula.number > 1 if formula.greater else formula.number < 0):
            message = f"{named}.{bound}: a statistic is never {'above 1' if formula.greater else 'below 0'}"
            yield RANGE._replace(severity=Severity.ERROR), f"{level}.{bound}", message, reach.get(value, bound)  # type: ignore[misc]
    low, high = (bounds.get(bound) for bound in BOUNDS)
    if not isinstance(low, (int, float)) or not isinstance(high, (int, float)):
        return
    if low > high or low > 1 or high < 0:
        message = f"{named} matches no edit: min is {low:g} and max is {high:g}"
        yield RANGE._replace(severity=Severity.ERROR), level, message, value
    elif low == high:
        yield RANGE, level, f"{named} matches the probability {low:g} only", value
    elif low <= 0 and high >= 1:
        yield RANGE, level, f"{named} matches every edit: min is {low:g} and max is {high:g}", value


def _nesting(model: str, found: dict[str, Result], read: dict[str, dict[str, float | Formula]]) -> Iterator[_Fault]:
    """Each level against the next stricter one that is on and can be compared with it."""
    bound = orientation(model, _STRICTER[0])
    if bound is None:
        return
    ordered = [(level, read[level][bound]) for level in _STRICTER if bound in read.get(level, {})]
    for (loose, wide), (strict, narrow) in pairwise(ordered):
        left, right = _strictness(wide, bound), _strictness(narrow, bound)
        if left[0] == right[0] and left[1] > right[1]:
            message = f"{model}.{loose} does not include {strict}: its {bound} is {_shown(wide)}, and {strict} has {_shown(narrow)}"
            yield NESTING, f"{strict}.{bound}", message, reach.get(found[strict], bound)  # type: ignore[misc]


def _strictness(asked: float | Formula, bound: str) -> tuple[object, float]:
    """What may be compared, and how strict it is: numbers with numbers, formulas with those of their form."""
    if not isinstance(asked, Formula):
        return "number", asked if bound == "min" else -asked
    form = asked.target, asked.condition
    if not (asked.maximize and asked.greater) or form not in _DIRECTIONS:
        return asked, 0
    return form, asked.number * _DIRECTIONS[form]


def _shown(bound: float | Formula) -> str:
    return f"'{bound}'" if isinstance(bound, Formula) else f"{bound:g}"


def disabled(context: Comparison) -> Iterator[Draft]:
    """threshold-for-disabled-model: what somebody wrote, where no wiki of the realm uses the line."""
    for side in context.sides:
        by_wiki = {name: thresholds(context, side, name) for name in context.on(side)}
        used = {
            _literal(own)
            for dbname, by_model in by_wiki.items()
            for name, own in reach.items(by_model).items()
            if context.is_on(side, dbname, str(name)) is not False
        }
        for dbname, by_model in by_wiki.items():
            models = context.models(side, dbname)
            if models is None:
                continue
            for name, own in reach.array(by_model).items():
                model = reach.get(models, str(name))
                reader = context.value(side, _READ_ANYWAY.get(str(name), ""), dbname)
                off = is_on(model) is False and reach.is_true(reader) is False
                if off and _literal(own) not in used and not context.defaults.said(own):
                    yield _off(context, side, dbname, str(name), own, model)


def _off(context: Comparison, side: Effective, dbname: str, name: str, own: Result, model: Result | Missing) -> Draft:
    """In beta, where production has the model, the line that turns it off is what is wrong: model-off-in-beta tells of it."""
    written_for_beta = any(step.op is Op.OVERRIDE for step in own.steps)
    used = side.realm is Realm.BETA and context.is_on(context.production, dbname, name) is True
    if not used or written_for_beta:
        message = f"thresholds of {name} are configured, and the model is off"
        return Draft.one_sided(side.realm, DISABLED_MODEL, SETTING, name, dbname, message, own)
    switch = reach.get(model, "enabled")
    message = f"beta has {name} off, so production's thresholds of it have no effect there"
    return Draft.one_sided(
        side.realm, _CONSEQUENCE, SETTING, name, dbname, message, own if switch is MISSING else switch
    )


_CONSEQUENCE = DISABLED_MODEL._replace(
    severity=Severity.NOTE,
    fix="Enable the model in beta, as model-off-in-beta says. Production uses the thresholds: leave them.",
)
"""What follows from one edit is no second error, and needs no waiver of its own."""


_USER_OPTIONS = ("oresDamagingPref", "rcOresDamagingPref")


def _literal(value: Result) -> object:
    """What stands for the literal that a value was written as; None where it has none."""
    return (value.source, value.where) if value.source is not None else None


def sensitivity(context: Comparison) -> Iterator[Draft]:
    """sensitivity-level-disabled."""
    for side in context.sides:
        for dbname in context.on(side):
            found = levels(context, side, dbname).get("damaging", {})
            for chosen, at in _sensitivities(context, side, dbname).items():
                level = SENSITIVITY_LEVELS.get(chosen, "")
                value = found.get(level)
                if isinstance(value, Value) and value.data is False:
                    message = f"the default sensitivity {chosen} uses the level {level}, which is off"
                    draft = Draft.one_sided(
                        side.realm, SENSITIVITY, SETTING, f"damaging.{level}", dbname, message, value
                    )
                    yield draft._replace(related=(at,) if at is not None else ())


def _sensitivities(context: Comparison, side: Effective, dbname: str) -> dict[str, Span | None]:
    """The default sensitivities of a wiki, each with its place: the setting's, and those that are users' options."""
    options = (context.value(side, f"wgDefaultUserOptions.{name}", dbname) for name in _USER_OPTIONS)
    out: dict[str, Span | None] = {}
    for value in (side.property(dbname, "defaultSensitivity"), *options):
        chosen = reach.string(value)
        if chosen is not None:
            out.setdefault(chosen, first_place(value))
    return out


CHECKS = (check, disabled, sensitivity)
