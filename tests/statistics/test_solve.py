"""Operating points: the solver against a brute force that was written apart from it, and what a table may look like."""

from __future__ import annotations

import json
import math
import os
from fractions import Fraction

import jsonschema_rs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support import FIXTURES
from support.cli import driftcheck

from driftcheck.core import resources
from driftcheck.core.model import InputError
from driftcheck.statistics.formula import STATISTICS, Formula
from driftcheck.statistics.solve import Infeasible, Question, Row, Solved, Table, Unchecked, bound_value
from driftcheck.statistics.tables import MAX_BYTES, Folder

SMALL = st.integers(0, 6)


@st.composite
def tables(draw):
    """Rows under rising thresholds. Counts are small, so that statistics are equal, zero or nothing often."""
    thresholds = sorted(draw(st.sets(st.integers(0, 20), max_size=8)))
    return [Row(number / 20, *(float(draw(SMALL)) for _ in range(4))) for number in thresholds]


NUMBERS = st.sampled_from([0.0, 0.2, 1 / 3, 0.5, 0.6, 2 / 3, 0.75, 0.9, 1.0])
FORMULAS = st.builds(
    Formula, st.booleans(), st.sampled_from(STATISTICS), st.sampled_from(STATISTICS), st.booleans(), NUMBERS
)


def exact(name, row):
    """A statistic by its definition, in exact numbers; None where it is not defined."""
    tp, fp, tn, fn = (Fraction(value) for value in row[1:])
    if name.startswith("!"):
        name, tp, fp, tn, fn = name[1:], tn, fn, tp, fp
    matched, real, everything = tp + fp, tp + fn, tp + fp + tn + fn
    if name == "f1":
        parts = exact("precision", row_of(tp, fp, tn, fn)), exact("recall", row_of(tp, fp, tn, fn))
        return None if None in parts or sum(parts) == 0 else 2 * parts[0] * parts[1] / sum(parts)
    part, whole = {
        "precision": (tp, matched),
        "recall": (tp, real),
        "match_rate": (matched, everything),
        "filter_rate": (everything - matched, everything),
        "accuracy": (tp + tn, everything),
        "fpr": (fp, fp + tn),
    }[name]
    return None if whole == 0 else part / whole


def row_of(*counts):
    return Row(0.0, *counts)


def brute(asked, rows):
    """Every row is looked at and compared with every other: (threshold, how many hold), or the best of the condition."""
    close = Fraction(1, 10**12)
    number = Fraction(asked.number)
    known = [
        (row, exact(asked.condition, row), exact(asked.target, row))
        for row in rows
        if exact(asked.condition, row) is not None and exact(asked.target, row) is not None
    ]
    holding = [held for held in known if (held[1] >= number - close if asked.greater else held[1] <= number + close)]
    if not holding:
        values = [condition for _, condition, _ in known]
        return None, (max(values) if asked.greater else min(values)) if values else None
    sign = 1 if asked.maximize else -1
    for row, _, target in holding:
        beaten = [
            other
            for other, _, theirs in holding
            if sign * theirs > sign * target or (theirs == target and sign * other.threshold > sign * row.threshold)
        ]
        if not beaten:
            return row.threshold, len(holding)
    raise AssertionError


@given(tables(), FORMULAS)
@example([Row(0.1, 1.0, 0.0, 1.0, 1.0), Row(0.2, 1.0, 0.0, 1.0, 1.0)], Formula(True, "recall", "precision", True, 0.9))
@example([Row(0.1, 1.0, 0.0, 1.0, 1.0), Row(0.2, 1.0, 0.0, 1.0, 1.0)], Formula(False, "fpr", "recall", True, 0.5))
@example([Row(0.5, 0.0, 0.0, 3.0, 2.0)], Formula(True, "f1", "!precision", True, 0.1))
def test_the_solver_finds_what_brute_force_finds(rows, asked):
    answer = Table.of(rows).solve(asked)
    where, what = brute(asked, rows)
    if where is None:
        assert isinstance(answer, Infeasible)
        assert (answer.best is None) == (what is None)
        assert what is None or math.isclose(answer.best, what, abs_tol=1e-12)
        return
    # A binary fraction may miss a third by a hair: there the number's neighbours decide, here and in the service.
    assert isinstance(answer, Solved)
    assert answer.rows == what or any(_is_near(asked, row) for row in rows)
    if not any(_is_near(asked, row) for row in rows) and not _hair(asked, rows):
        assert answer.threshold == where
    chosen = next(row for row in rows if row.threshold == answer.threshold)
    for name in STATISTICS:
        wanted, told = exact(name, chosen), answer.statistics[name]
        assert (wanted is None) == (told is None)
        assert wanted is None or math.isclose(wanted, told, abs_tol=1e-12)


def _is_near(asked, row):
    """Whether a row's condition is the number itself, so that the last bit decides."""
    value = exact(asked.condition, row)
    return value is not None and 0 < abs(value - Fraction(asked.number)) < Fraction(1, 10**12)


def _hair(asked, rows):
    """Whether targets that are equal in exact numbers differ in the last bit."""
    values = {}
    for row, told in zip(rows, Table.of(rows).column(asked.target), strict=True):
        values.setdefault(exact(asked.target, row), set()).add(told)
    return any(len(told) > 1 for told in values.values())


@given(tables(), FORMULAS, NUMBERS)
def test_a_stricter_number_never_makes_more_possible(rows, asked, number):
    table = Table.of(rows)
    lax, strict = sorted((asked.number, number), reverse=not asked.greater)
    first, second = (
        table.solve(Formula(asked.maximize, asked.target, asked.condition, asked.greater, held))
        for held in (lax, strict)
    )
    if isinstance(first, Infeasible):
        assert second == first
    elif isinstance(second, Solved):
        assert second.rows <= first.rows
        mine, theirs = first.statistics[asked.target], second.statistics[asked.target]
        assert mine >= theirs if asked.maximize else mine <= theirs
        assert math.isclose(abs(first.margin - second.margin), abs(strict - lax), abs_tol=1e-9)
    else:
        assert (second.best < strict) if asked.greater else (second.best > strict)


@given(tables())
def test_both_outcomes_mirror_each_other(rows):
    """What holds of a class holds of the other under the name with a mark."""
    turned = [Row(row.threshold, row.tn, row.fn, row.tp, row.fp) for row in rows]
    for name in ("precision", "recall", "f1"):
        assert Table.of(rows).column(f"!{name}") == Table.of(turned).column(name)


def test_a_bound_of_outcome_false_is_turned_round_without_a_tail():
    assert bound_value("min", 0.915) == 0.915
    assert bound_value("max", 0.915) == 0.085
    assert repr(bound_value("max", 0.9)) == "0.1"


# -- files -------------------------------------------------------------------------------------------------------------

FORMULA = Formula(True, "recall", "precision", True, 0.9)
QUESTION = Question("frwiki", "goodfaith", "false", FORMULA)
TABLE = {
    "meta": {"model": "frwiki.goodfaith"},
    "columns": ["threshold", "tp", "fp", "tn", "fn"],
    "thresholds": {"false": [[0.1, 2, 2, 0, 0], [0.5, 1, 0, 2, 1]], "true": []},
}
ROWS = TABLE["thresholds"]["false"]


def folder(**files):
    """A folder in memory; names with a dot are written with two underscores."""
    named = {f"{name.replace('__', '.')}.json": text for name, text in files.items()}
    packed = {name: text if isinstance(text, bytes) else json.dumps(text).encode() for name, text in named.items()}
    return Folder("statistics", packed, packed.__getitem__)


def with_rows(rows):
    return TABLE | {"thresholds": {"false": rows}}


SOUND = {
    "the table as it is": TABLE,
    "no rows at all": with_rows([]),
    "no meta": {key: value for key, value in TABLE.items() if key != "meta"},
    "a note and more": TABLE | {"note": "x", "more": 1},
    "whole numbers": with_rows([[0, 1, 1, 1, 1], [1, 1, 1, 1, 1]]),
}
BROKEN = {
    "an empty map": {},
    "no outcomes": TABLE | {"thresholds": []},
    "columns in another order": TABLE | {"columns": ["tp", "fp", "tn", "fn", "threshold"]},
    "no columns": TABLE | {"columns": None},
    "an outcome that is a map": with_rows({}),
    "a row that is a map": with_rows([{}]),
    "a short row": with_rows([[0.1, 1, 1, 1]]),
    "a long row": with_rows([[0.1, 1, 1, 1, 1, 1]]),
    "a text in a row": with_rows([[0.1, "1", 1, 1, 1]]),
    "a boolean in a row": with_rows([[0.1, True, 1, 1, 1]]),
    "a null in a row": with_rows([[None, 1, 1, 1, 1]]),
    "a negative count": with_rows([[0.1, -1, 1, 1, 1]]),
    "a number beyond counting": with_rows([[0.1, 10**400, 1, 1, 1]]),
    "a threshold above one": with_rows([[1.5, 1, 1, 1, 1]]),
}
BROKEN_IN_WAYS_OF_ITS_OWN = {
    "another model's table": TABLE | {"meta": {"model": "ruwiki.goodfaith"}},
    "thresholds that fall": with_rows([[0.5, 1, 1, 1, 1], [0.1, 1, 1, 1, 1]]),
    "a threshold twice": with_rows([[0.5, 1, 1, 1, 1], [0.5, 1, 1, 1, 1]]),
    "no map": [],
    "not JSON": b"{",
    "not text": b"\xff\xfe\x00",
    "nothing": b"",
    "NaN": b'{"thresholds": {"false": [[NaN, 1, 1, 1, 1]]}}',
    "a number that is infinite": json.dumps(TABLE).replace("0.5, 1", "0.5, 1e999").encode(),
    "a tower of lists": b"[" * 200_000,
    "a name that could be obeyed": TABLE | {"meta": {"model": "\x1b]0;x\x07\n::error::x"}},
}


def test_a_table_is_solved():
    answers = folder(frwiki__goodfaith=TABLE).answer([QUESTION])
    assert answers.to(QUESTION) == Solved(0.5, answers.to(QUESTION).statistics, 1, pytest.approx(0.1))
    assert answers.to(QUESTION).statistics["recall"] == 0.5
    assert answers.holes == ()


@pytest.mark.parametrize("document", SOUND.values(), ids=SOUND)
def test_a_sound_table_is_read_and_keeps_the_schema(document):
    assert not isinstance(folder(frwiki__goodfaith=document).answer([QUESTION]).to(QUESTION), Unchecked)
    assert jsonschema_rs.is_valid(resources.schema("threshold-table-v1"), document)


@pytest.mark.parametrize("document", BROKEN.values(), ids=BROKEN)
def test_what_breaks_the_schema_is_refused(document):
    assert not jsonschema_rs.is_valid(resources.schema("threshold-table-v1"), document)
    refused(document)


@pytest.mark.parametrize("document", BROKEN_IN_WAYS_OF_ITS_OWN.values(), ids=BROKEN_IN_WAYS_OF_ITS_OWN)
def test_what_no_schema_can_say_is_refused_too(document):
    refused(document)


def refused(document):
    with pytest.raises(InputError) as told:
        folder(frwiki__goodfaith=document).answer([QUESTION])
    message = str(told.value)
    assert message.startswith("statistics/frwiki.goodfaith.json")
    assert "\n" not in message.replace("\\n", "")
    assert len(message) < 300


def test_only_what_is_asked_for_is_read():
    answers = folder(frwiki__goodfaith=TABLE, ruwiki__damaging=b"{").answer([QUESTION])
    assert isinstance(answers.to(QUESTION), Solved)


def test_a_model_without_a_table_is_not_checked_and_neither_is_an_outcome_that_it_lacks():
    other = QUESTION._replace(model="damaging")
    answers = folder(frwiki__goodfaith=TABLE | {"thresholds": {"true": ROWS}}).answer([QUESTION, other])
    assert isinstance(answers.to(other), Unchecked)
    assert isinstance(answers.to(QUESTION), Unchecked)
    assert answers.missing([QUESTION, other])
    assert not answers.missing([])


def test_a_file_that_is_too_long_or_not_there_is_one_line(tmp_path):
    path = tmp_path / "frwiki.goodfaith.json"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(InputError, match=r"bytes is too large; the limit is 16777216; .*delete it"):
        Folder.at(str(tmp_path)).answer([QUESTION])
    path.unlink()
    with pytest.raises(InputError, match=r"no \*\.json in it"):
        Folder.at(str(tmp_path))
    with pytest.raises(InputError, match="No such file"):
        Folder.at(str(tmp_path / "gone"))


def test_the_identity_is_that_of_the_content():
    first, again = folder(a__b=TABLE), folder(a__b=TABLE)
    assert first.identity() == again.identity()
    assert first.identity() != folder(a__c=TABLE).identity()
    assert first.identity() != folder(a__b=with_rows([])).identity()


# -- saved answers -----------------------------------------------------------------------------------------------------


def entry(threshold, **statistics):
    return {name: statistics.get(name, 0.5) for name in STATISTICS} | {"threshold": threshold}


def raw(*entries):
    """An answer of the service."""
    return {"frwiki": {"models": {"goodfaith": {"statistics": {"thresholds": {"false": list(entries)}}}}}}


SECOND = QUESTION._replace(formula=Formula(True, "filter_rate", "recall", True, 0.9))


def test_saved_answers_are_in_the_order_of_the_formulas():
    answers = folder(frwiki=raw(None, entry(0.25, recall=0.9))).answer([QUESTION, SECOND])
    assert answers.to(QUESTION) == Infeasible()
    assert answers.to(SECOND).threshold == 0.25
    assert answers.to(SECOND).rows is None


def test_an_answer_that_does_not_satisfy_its_formula_belongs_to_another():
    answers = folder(frwiki=raw(entry(0.25, recall=0.9), None)).answer([QUESTION, SECOND])
    assert isinstance(answers.to(QUESTION), Unchecked)


def test_answers_to_another_number_of_formulas_are_nobodys():
    answers = folder(frwiki=raw(None, None, None)).answer([QUESTION, SECOND])
    assert {type(answers.to(question)) for question in (QUESTION, SECOND)} == {Unchecked}


def test_the_whole_list_of_thresholds_is_a_table():
    rows = [entry(0.1, precision=0.5), entry(0.2, precision=0.95, recall=0.7), entry(0.3, precision=0.95, recall=0.2)]
    answers = folder(frwiki=raw(*rows)).answer([QUESTION])
    assert (answers.to(QUESTION).threshold, answers.to(QUESTION).rows) == (0.2, 2)


def test_answers_that_were_saved_with_their_formulas_are_known_by_them():
    held = {
        "version": 1,
        "asked": {"frwiki": {"goodfaith": {"false": [str(SECOND.formula), "maximum precision @ precision >= 0.0"]}}},
        "answers": raw(None, entry(0.9, precision=0.7234)),
    }
    answers = folder(frwiki=held).answer([QUESTION, SECOND])
    assert isinstance(answers.to(QUESTION), Unchecked)
    assert answers.to(SECOND) == Infeasible()
    held["asked"]["frwiki"]["goodfaith"]["false"][0] = str(FORMULA)
    assert folder(frwiki=held).answer([QUESTION]).to(QUESTION) == Infeasible(0.7234, 0.9)


MISSHAPEN = {
    "no models": {"frwiki": {}},
    "models that are a list": {"frwiki": {"models": []}},
    "statistics that are null": {"frwiki": {"models": {"goodfaith": {"statistics": None}}}},
    "no thresholds": {"frwiki": {"models": {"goodfaith": {"statistics": {}}}}},
    "an outcome that is a map": {
        "frwiki": {"models": {"goodfaith": {"statistics": {"thresholds": {"false": {"a": 1}}}}}}
    },
    "an entry that is a number": raw(0.5),
    "an entry without a threshold": raw({"precision": 1}),
    "a threshold that is a text": raw(entry("0.5")),
    "a statistic above one": raw(entry(0.5, precision=7)),
    "formulas that do not fit": {"asked": {"frwiki": {"goodfaith": {"false": []}}}, "answers": raw(None)},
    "formulas that are none": {"asked": {"frwiki": {"goodfaith": {"false": ["x"]}}}, "answers": raw(None)},
    "no answers": {"asked": {}},
}


@pytest.mark.parametrize("document", MISSHAPEN.values(), ids=MISSHAPEN)
def test_a_saved_answer_of_another_shape_is_refused(document):
    with pytest.raises(InputError, match=r"statistics/frwiki\.json"):
        folder(frwiki=document).answer([QUESTION])


# -- the day itself ----------------------------------------------------------------------------------------------------

REAL, TABLES = os.environ.get("DRIFTCHECK_MEDIAWIKI_CONFIG"), os.environ.get("DRIFTCHECK_MODEL_STATISTICS")


def solved(repo, statistics, *options):
    done = driftcheck("thresholds", "--repo", str(repo), "--statistics", str(statistics), "--format", "json", *options)
    assert done.code == 1
    return json.loads(done.out)


def infeasible(document):
    return {
        (held["wiki"], f"{held['model']}.{held['level']}.{held['bound']}"): round(held["best"], 4)
        for held in document["thresholds"]
        if held["state"] == "infeasible"
    }


THAT_DAY = {
    ("frwiki", "goodfaith.verylikelybad.max"): 0.7234,
    ("ruwiki", "goodfaith.verylikelybad.max"): 0.6087,
}


def test_two_formulas_of_that_day_are_infeasible():
    document = solved(
        FIXTURES / "mediawiki/incident", FIXTURES / "statistics-2017-11-20", "--extension-date", "2017-11-20"
    )
    assert infeasible(document) == THAT_DAY
    assert document["summary"]["solved"] > 10


@pytest.mark.skipif(
    not (REAL and TABLES), reason="DRIFTCHECK_MEDIAWIKI_CONFIG and DRIFTCHECK_MODEL_STATISTICS name them"
)
def test_the_real_configuration_of_that_day_with_the_real_statistics():
    document = solved(REAL, TABLES, "--rev", "16443313c5")
    assert infeasible(document) == THAT_DAY
    small = solved(
        FIXTURES / "mediawiki/incident", FIXTURES / "statistics-2017-11-20", "--extension-date", "2017-11-20"
    )
    values = [
        {(held["wiki"], held["model"], held["level"], held["bound"]): held.get("value") for held in found["thresholds"]}
        for found in (document, small)
    ]
    assert values[0].items() >= {key: value for key, value in values[1].items() if value is not None}.items()


@pytest.mark.parametrize(
    "path",
    sorted((FIXTURES / "statistics-2017-11-20").glob("*.json")),
    ids=lambda path: f"{path.name} keeps the schema",
)
def test_the_fixtures_keep_the_schema(path):
    assert jsonschema_rs.is_valid(resources.schema("threshold-table-v1"), json.loads(path.read_text("utf-8")))
