"""From settings to one document a wiki, so that two spellings of one thing compare equal.

The JSON schema of a profile says which setting stands behind each property (``x-setting``) and what makes its
spellings equal (``x-coerce``). Values keep their provenance; each coercion adds a COERCE step and replaces nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftcheck.core import reach
from driftcheck.core.model import MISSING, InputError, Op, Step, Unknown, Value, is_loading

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from driftcheck.core.model import Array, Key, Missing, Result

SETTINGS = "settings"
"""The property under which settings without one of their own stand, by name."""

# Extension:ORES 8244c85e renamed wp10; 2e0fb0bc stopped reading `types`; both dates are those of the commits.
ARTICLEQUALITY_SINCE = "2018-08-29"
TYPES_UNTIL = "2025-11-16"
DRAFTQUALITY_NS_UNTIL = "2018-03-22"
_RC_SOURCES = {0: "mw.edit", 1: "mw.new", 3: "mw.log", 5: "mw.external", 6: "mw.categorize"}
_LEVEL_ALIASES = {"good": "likelygood", "bad": "likelybad"}
_SENSITIVITY_LEVELS = {"hard": "maybebad", "soft": "likelybad", "softest": "verylikelybad"}
SENSITIVITY_LEVELS = _SENSITIVITY_LEVELS
"""Which level of the damaging model a default sensitivity means."""


class Normalizer:
    """Makes the documents of one profile on one day; equal inputs give one and the same object."""

    def __init__(self, schema: dict[str, Any], date: str) -> None:
        self._fields = list(_fields(schema["properties"]))
        for path, _, coercion in self._fields:
            if coercion and coercion not in (*_COERCIONS, "wiki-id"):
                raise InputError(
                    f"{'.'.join(path)}: no such x-coerce: {coercion}; there are {', '.join(_COERCIONS)} and wiki-id"
                )
        self._date = date
        self._memo: dict[tuple[str, int], tuple[Result, Result | Missing]] = {}
        self.settings = {setting: path for path, setting, _ in self._fields}

    def document(self, columns: Mapping[str, Result | Missing], dbname: str) -> Value:
        """The document of one wiki: a map of its properties, nested as the schema nests them, absent ones left out."""
        document: Array = {}
        for path, setting, coercion in self._fields:
            configured = columns.get(setting, MISSING)
            if coercion == "wiki-id":
                value: Result | Missing = Value(dbname) if configured is MISSING else configured
            elif configured is MISSING:
                continue
            else:
                value = self._coerced(setting, configured, coercion)
            if value is not MISSING:
                _put(document, path, value)
        self._fold_draftquality(document, columns)
        self._fold_damaging(document, columns)
        rest: Array = {
            name: value
            for name, value in sorted(columns.items())
            if value is not MISSING and name not in self.settings and not is_loading(name) and name not in _FOLDED
        }
        if rest:
            document[SETTINGS] = Value(rest)
        return Value(document)

    def _coerced(self, setting: str, configured: Result, coercion: str) -> Result | Missing:
        known = self._memo.get((setting, id(configured)))
        if known is None:
            coerce = _COERCIONS.get(coercion)
            value = configured if coerce is None or isinstance(configured, Unknown) else coerce(configured, self._date)
            # The input is kept beside the outcome: its id must not be given to another object.
            known = self._memo[setting, id(configured)] = (configured, value)
        return known[1]

    def _fold_draftquality(self, document: Array, columns: Mapping[str, Result | Missing]) -> None:
        """WgOresDraftQualityNS was the namespaces of one model before models had options."""
        spaces, models = columns.get("wgOresDraftQualityNS", MISSING), document.get("models")
        model = reach.array(models).get("draftquality")
        if self._date >= DRAFTQUALITY_NS_UNTIL or not isinstance(spaces, Value) or not isinstance(models, Value):
            return
        if reach.is_array(model) and "namespaces" not in reach.array(model):
            model = reach.put(model, "namespaces", _namespaces(spaces, self._date))
            document["models"] = reach.put(models, "draftquality", model)

    def _fold_damaging(self, document: Array, columns: Mapping[str, Result | Missing]) -> None:
        """WgOresDamagingThresholds of 2016: a probability by sensitivity."""
        by_sensitivity = columns.get("wgOresDamagingThresholds", MISSING)
        if not reach.is_array(by_sensitivity) or "thresholds" in document:
            return
        levels: Array = {
            _SENSITIVITY_LEVELS[str(name)]: item.with_data({"min": item, "max": Value(1)}, _step("thresholds of 2016"))
            for name, item in reach.array(by_sensitivity).items()
            if isinstance(item, Value) and str(name) in _SENSITIVITY_LEVELS
        }
        document["thresholds"] = by_sensitivity.with_data({"damaging": by_sensitivity.with_data(levels)})


_FOLDED = {"wgOresDraftQualityNS", "wgOresDamagingThresholds", "wmgUseORES"}


def _fields(properties: dict[str, Any], prefix: tuple[str, ...] = ()) -> Any:  # noqa: ANN401 - JSON
    for name, part in properties.items():
        if "x-setting" in part:
            yield (*prefix, name), part["x-setting"], part.get("x-coerce", "")
        elif name != SETTINGS and "properties" in part:
            yield from _fields(part["properties"], (*prefix, name))


def _put(document: Array, path: tuple[str, ...], value: Result) -> None:
    """Write a property, in the maps that its path names."""
    first, *rest = path
    if rest:
        inner = dict(reach.array(document.get(first)))
        _put(inner, tuple(rest), value)
        value = Value(inner)
    document[first] = value


def _step(why: str) -> Step:
    return Step(Op.COERCE, why, None)


def _models(models: Value, date: str) -> Result:
    """List and bool forms become maps, wp10 is articlequality, namespaces and sources are sorted lists."""
    if not isinstance(models.data, dict):
        return models
    out: Array = {}
    for name, item in models.data.items():
        if isinstance(name, int):
            # The list form of 2016: the names are the values.
            if isinstance(item, Value) and isinstance(item.data, str):
                enabled = item.with_data(True, _step("a list of models"))
                out[item.data] = item.with_data({"enabled": enabled})
            else:
                out[name] = item
            continue
        new = _model(item, date)
        renamed = name == "wp10" and date >= ARTICLEQUALITY_SINCE and "articlequality" not in models.data
        out["articlequality" if renamed else name] = new.after(_step("wp10 is articlequality")) if renamed else new
    return models.with_data(out)


def _model(item: Result, date: str) -> Result:
    if isinstance(item, Unknown):
        return item
    if not isinstance(item.data, dict):
        enabled = item.with_data(item.data is True, *([] if item.data is True else [_step("a model as a bool")]))
        return item.with_data({"enabled": enabled})
    out: Array = dict(item.data)
    if "types" in out and "sources" not in out and date < TYPES_UNTIL:
        types = out.pop("types")
        out["sources"] = _sources_of_types(types)
    if isinstance(spaces := out.get("namespaces"), Value):
        out["namespaces"] = _namespaces(spaces, date)
    if isinstance(sources := out.get("sources"), Value):
        out["sources"] = _sorted(sources)
    if isinstance(switch := out.get("enabled"), Value) and not isinstance(switch.data, bool):
        # Only true enables: RecentChangeSaveHookHandler::checkModel compares with ===.
        out["enabled"] = switch.with_data(False, _step("enabled counts only if it is true"))
    return item.with_data(out)


def _sources_of_types(types: Result) -> Result:
    if not reach.is_array(types):
        return types
    names = [item.with_data(_RC_SOURCES[item.data], _step("types are sources"))
             for item in reach.array(types).values()
             if isinstance(item, Value) and isinstance(item.data, int) and item.data in _RC_SOURCES]  # fmt: skip
    return _sorted(types.with_data(dict(enumerate(names))))


def _sorted(listed: Value) -> Value:
    """A list of scalars in an order of its own; any other array as it is."""
    items = list(reach.array(listed).values())
    scalars = [item for item in items if isinstance(item, Value) and not isinstance(item.data, dict)]
    if not items or len(scalars) != len(items):
        return listed
    ordered: list[Result] = [*sorted(scalars, key=_order)]
    return listed.with_data(dict(enumerate(ordered)))


def _order(item: Value) -> tuple[str, str | float]:
    data = item.data
    return (type(data).__name__, data if isinstance(data, (int, float, str)) else "")


def _namespaces(spaces: Value, date: str) -> Result:  # noqa: ARG001 - one signature for all coercions
    """``[ 0 => true, 120 => true ]`` and ``[ 0, 120 ]`` are the sorted list of what is on."""
    if not isinstance(spaces.data, dict):
        return spaces
    if spaces.data and all(isinstance(item, Value) and isinstance(item.data, bool) for item in spaces.data.values()):
        keys: list[tuple[Key, Value]] = [(k, i) for k, i in spaces.data.items() if isinstance(i, Value) and i.data]
        keys.sort(key=lambda pair: (isinstance(pair[0], str), pair[0]))
        listed = [item.with_data(key, _step("a map of namespaces")) for key, item in keys]
        return spaces.with_data(dict(enumerate(listed)))
    return _sorted(spaces)


def _thresholds(by_model: Value, date: str) -> Result:  # noqa: ARG001 - one signature for all coercions
    """Level names of 2017, and bounds that are numbers in strings."""
    if not isinstance(by_model.data, dict):
        return by_model
    return by_model.with_data({model: _levels(levels) for model, levels in by_model.data.items()})


def _levels(levels: Result) -> Result:
    if not reach.is_array(levels):
        return levels
    out: Array = {}
    for name, item in reach.array(levels).items():
        alias = _LEVEL_ALIASES.get(str(name))
        if alias is not None and alias in reach.array(levels):
            continue
        out[alias or name] = _bounds(item.after(_step(f"{name} is {alias}")) if alias else item)
    return levels.with_data(out)


def _bounds(level: Result) -> Result:
    if not reach.is_array(level):
        return level
    return level.with_data({name: _number(item) for name, item in reach.array(level).items()})


def _number(bound: Result) -> Result:
    if isinstance(bound, Value) and isinstance(bound.data, str):
        try:
            number = float(bound.data)
        except ValueError:
            return bound
        return bound.with_data(int(number) if number.is_integer() else number, _step("a number in a string"))
    if isinstance(bound, Value) and isinstance(bound.data, float) and bound.data.is_integer():
        return bound.with_data(int(bound.data), _step("1.0 is 1"))
    return bound


_COERCIONS: dict[str, Callable[[Value, str], Result]] = {
    "models": _models,
    "namespaces": _namespaces,
    "thresholds": _thresholds,
}
