"""A waiver hides only what it names, until its last day; what is wrong with waivers is told."""

from __future__ import annotations

import json
import time

import pytest
from support.reports import report_on
from support.trees import BETA_URL, COMMON_LABS, ON, OVERLAY, tree

from driftcheck.core.disposition import Waived
from driftcheck.core.model import InputError, Source
from driftcheck.judging import ratchet, signing, waivers
from driftcheck.layers.registry import RULES
from driftcheck.yaml import own

MODELS = "'wgOresModels' => [ 'default' => [ {} ] ],\n"
ON_BOTH = "'damaging' => true, 'goodfaith' => true, 'reverted' => false, 'wp10' => false"
OFF_BOTH = "'damaging' => false, 'goodfaith' => false, 'reverted' => false, 'wp10' => false"
TODAY = "2017-11-20"
SIGNED = "until 2017-12-31 (T181187, ores-team): trial"


def written(text, layer="extension", name=waivers.DEFAULT_FILE):
    """A file of waivers in the tree of a layer."""
    return None if text is None else waivers.Written(layer, Source(name, text.encode()))


def judged(beta, waiver_file=None, today=TODAY, wikis=("enwiki", "frwiki")):
    files = tree(ON + MODELS.format(ON_BOTH), beta, common_labs=BETA_URL, wikis=wikis, beta_wikis=wikis)
    report = report_on(files)
    sources = [
        waivers.Written("extension", Source(name, text if isinstance(text, bytes) else text.encode()))
        for name, text in files.items()
        if name in report.files
    ]
    signed = waivers.read(written(waiver_file), sources, RULES)
    return report._replace(findings=waivers.apply(report.findings, signed, today))


def told(report):
    return sorted(
        (f.rule.id, f.path if f.setting != "waivers" else "", f.wikis, f.disposition.state) for f in report.findings
    )


def beta(comment="", where="line", models=OFF_BOTH):
    rows = models.replace(", ", f", {comment}\n" if where == "end" else ",\n")
    above = f"\t{comment}\n" if where == "above" else ""
    return (
        "'wgOresModels' => [\n\t'default' => [\n"
        + above
        + rows.split("\n")[0]
        + "\n"
        + "\n".join(rows.split("\n")[1:])
        + " ] ],"
    )


DAMAGING = ("model-off-in-beta", "damaging.enabled", ("enwiki", "frwiki"))
GOODFAITH = ("model-off-in-beta", "goodfaith.enabled", ("enwiki", "frwiki"))


def one_line(comment, models=OFF_BOTH):
    """Both models are off on one line of beta's overlay."""
    return f"'wgOresModels' => [\n\t'default' => [ {models} ], {comment}\n],"


def one_off(comment):
    """One model is off on a line."""
    return one_line(comment, ON_BOTH.replace("'goodfaith' => true", "'goodfaith' => false"))


def test_an_inline_waiver_hides_the_finding_of_its_rule_on_its_line():
    line = one_off(f"// driftcheck: allow model-off-in-beta {SIGNED}")
    assert told(judged(line)) == [(*GOODFAITH, "waived")]


def test_a_second_drift_that_comes_to_the_line_is_not_hidden_by_a_waiver_that_names_neither():
    report = judged(one_line(f"// driftcheck: allow model-off-in-beta {SIGNED}"))
    assert told(report) == [(*DAMAGING, "active"), (*GOODFAITH, "active"), ("waiver-invalid", "", (), "active")]
    assert (
        "2 differences of this rule stand on its line; say which one: for SETTING.path" in report.findings[-3].message
    )


def test_a_finding_that_joins_several_differences_has_to_be_named():
    on = "'damaging' => [ 'enabled' => true, 'excludeBots' => true, 'keepForever' => true ]"
    off = "'damaging' => [ 'enabled' => true ]"
    rest = ", 'goodfaith' => true, 'reverted' => false, 'wp10' => false"

    def states(narrowed):
        comment = f"// driftcheck: allow model-option-drift {narrowed} {SIGNED}"
        overlay = f"'wgOresModels' => [\n\t'default' => [ {off}{rest} ], {comment}\n],"
        files = tree(ON + MODELS.format(on + rest), overlay, common_labs=BETA_URL)
        report = report_on(files, date="2026-01-01")
        sources = [waivers.Written("extension", Source(name, files[name])) for name in report.files]
        found = waivers.apply(report.findings, waivers.read(None, sources, RULES), TODAY)
        return sorted(
            (f.rule.id, f.disposition.state)
            for f in found
            if f.rule.id not in {"schema-violation", "threshold-nesting"}
        )

    assert states("") == [("model-option-drift", "active"), ("waiver-invalid", "active")]
    assert states("for wgOresModels.damaging") == [("model-option-drift", "waived")]


def test_a_waiver_keeps_reason_owner_task_and_day_with_the_finding():
    finding = judged(one_off(f"# driftcheck: allow model-off-in-beta {SIGNED}")).findings[0]
    assert isinstance(finding.disposition, Waived)
    waiver = finding.disposition.waiver
    assert (waiver.reason, waiver.owner, waiver.task, waiver.until) == ("trial", "ores-team", "T181187", "2017-12-31")
    assert waiver.span.path == OVERLAY


@pytest.mark.parametrize(
    "narrowed",
    ["for wgOresModels.goodfaith.enabled", "for wgOresModels.goodfaith.*", "for *.goodfaith.enabled"],
)
def test_a_second_drift_on_the_same_line_still_counts_when_the_waiver_names_a_path(narrowed):
    report = judged(one_line(f"// driftcheck: allow model-off-in-beta {narrowed} {SIGNED}"))
    assert told(report) == [(*DAMAGING, "active"), (*GOODFAITH, "waived")]


def test_another_rule_on_the_same_line_still_counts():
    models = f"{ON_BOTH}, 'draftquality' => true".replace("'goodfaith' => true", "'goodfaith' => false")
    report = judged(
        f"'wgOresModels' => [\n\t'default' => [ {models} ], // driftcheck: allow model-off-in-beta {SIGNED}\n],"
    )
    assert told(report) == [
        (*GOODFAITH, "waived"),
        ("model-only-in-beta", "draftquality.enabled", ("enwiki", "frwiki"), "active"),
    ]


def test_a_waiver_on_a_wiki_leaves_the_other_wikis_of_the_finding():
    report = judged(
        one_line(f"// driftcheck: allow model-off-in-beta on fr* for wgOresModels.goodfaith.enabled {SIGNED}")
    )
    assert told(report) == [
        (*DAMAGING, "active"),
        ("model-off-in-beta", "goodfaith.enabled", ("enwiki",), "active"),
        ("model-off-in-beta", "goodfaith.enabled", ("frwiki",), "waived"),
    ]


@pytest.mark.parametrize(
    ("value", "state"),
    [
        ("beta=false", "waived"),
        ("beta=true", "active"),
        ("production=true and beta=false", "waived"),
        ("beta=0", "active"),
    ],
)
def test_a_waiver_while_a_value_holds_stops_when_the_value_moves_on(value, state):
    report = judged(one_line(f"// driftcheck: allow model-off-in-beta for wgOresModels.* while {value} {SIGNED}"))
    assert {finding.disposition.state for finding in report.findings if finding.rule.id == "model-off-in-beta"} == {
        state
    }
    assert ("waiver-unused" in {finding.rule.id for finding in report.findings}) == (state == "active")


def test_a_waiver_above_the_line_stands_for_the_line_below_it_only():
    text = (
        f"'wgOresModels' => [\n\t'default' => [\n\t\t'damaging' => false,\n\t\t// driftcheck: allow model-off-in-beta {SIGNED}\n"
        "\t\t// more words\n\t\t'goodfaith' => false,\n\t\t'reverted' => false, 'wp10' => false,\n\t],\n],"
    )
    assert told(judged(text)) == [(*DAMAGING, "active"), (*GOODFAITH, "waived")]


def test_on_its_last_day_a_waiver_holds_and_the_day_after_it_does_not():
    line = one_off(f"// driftcheck: allow model-off-in-beta {SIGNED}")
    assert {f.disposition.state for f in judged(line, today="2017-12-31").findings} == {"waived"}
    assert told(judged(line, today="2018-01-01")) == [(*GOODFAITH, "active"), ("waiver-expired", "", (), "active")]


@pytest.mark.parametrize(
    "comment",
    [
        "allow model-off-in-beta",
        "allow model-off-in-beta until 2017-12-31: no owner",
        "allow model-off-in-beta until 2017-12-31 (owner):",
        "allow model-off-in-beta until 31.12.2017 (owner): reason",
        "allow model-off-in-beta until 2017-13-31 (owner): reason",
        "allow no-such-rule until 2017-12-31 (owner): reason",
        "allow model-off-in-beta somehow until 2017-12-31 (owner): reason",
        "please allow everything",
    ],
)
def test_an_inline_waiver_that_cannot_be_read_is_told_and_not_applied(comment):
    report = judged(one_line(f"// driftcheck: {comment}"))
    assert told(report) == [(*DAMAGING, "active"), (*GOODFAITH, "active"), ("waiver-invalid", "", (), "active")]


def test_a_waiver_that_matches_nothing_is_told():
    report = judged(f"// driftcheck: allow threshold-drift {SIGNED}\n" + one_line(""))
    assert ("waiver-unused", "", (), "active") in told(report)


ROW = {"rule": "model-off-in-beta", "reason": "trial", "owner": "ores-team", "until": "2017-12-31"}


def file_of(**more):
    row = {**ROW, **more}
    return "version: 1\nwaivers:\n  - " + "\n    ".join(
        f"{key}: {value if key == 'until' else json.dumps(value)}" for key, value in row.items() if value is not None
    )


@pytest.mark.parametrize(
    ("more", "hidden"),
    [
        ({}, {"damaging", "goodfaith"}),
        ({"path": "goodfaith.*"}, {"goodfaith"}),
        ({"setting": "wgOres*"}, {"damaging", "goodfaith"}),
        ({"setting": "wgOther"}, set()),
        ({"wikis": ["xxwiki"]}, set()),
        ({"beta": False}, {"damaging", "goodfaith"}),
        ({"beta": True}, set()),
        ({"production": True, "path": "damaging.enabled"}, {"damaging"}),
        ({"beta": "(absent)"}, set()),
        ({"fingerprint": "0123"}, set()),
    ],
)
def test_a_waiver_of_the_file_hides_what_it_names_and_no_more(more, hidden):
    report = judged(one_line(""), file_of(**more))
    waived = {finding.path.split(".")[0] for finding in report.findings if finding.disposition.state == "waived"}
    assert waived == hidden
    assert ("waiver-unused" in {finding.rule.id for finding in report.findings}) == (not hidden)


@pytest.mark.parametrize(
    "more", [{"reason": None}, {"owner": " "}, {"until": None}, {"rule": "nope"}, {"because": "x"}, {"until": "soon"}]
)
def test_a_row_of_the_file_that_cannot_be_read_is_told_and_not_applied(more):
    report = judged(one_line(""), file_of(**more))
    assert [f.rule.id for f in report.findings].count("waiver-invalid") == 1
    assert all(finding.active for finding in report.findings)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("waivers: [", "correct the YAML"),
        ("a: 1\na: 2\n", "the key 'a' is defined twice"),
        ("a: &x 1\nb: *x\n", "anchors and aliases"),
        (
            "a: !!python/object/apply:os.system [x]\n",
            "the tag tag:yaml.org,2002:python/object/apply:os.system is not read",
        ),
        ("? [a]\n: b\n", "a key must be a word"),
        ("[" * 100_000, "nested more than 20 levels deep; flatten it"),
        ("a: \0", "w.yaml"),
        ("a: 1\n---\nb: 2\n", "w.yaml:2: a second document in one file; keep one"),
    ],
    ids=["broken", "a key twice", "aliases", "a tag", "a key that is a list", "deep", "a control character", "two"],
)
def test_a_file_that_is_not_plain_yaml_is_refused_with_its_place(text, said):
    with pytest.raises(InputError) as refused:
        waivers.read(written(text, name="w.yaml"), [], RULES)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_no_word_of_yaml_is_taken_for_something_else():
    from driftcheck.yaml import own

    document = own.load("x", b"a: no\nb: 12:30\nc: 012\nd: 2017-01-01\ne: 'true'\nf: true\ng: 1.5\nh: ~\ni: on\n")
    assert document == {
        "a": "no",
        "b": "12:30",
        "c": "012",
        "d": "2017-01-01",
        "e": "true",
        "f": True,
        "g": 1.5,
        "h": None,
        "i": "on",
    }


def test_what_is_appended_keeps_the_file_and_waives_the_finding():
    finding = judged(one_line("")).findings[0]
    text = "# mine\nversion: 1\nwaivers:\n    # first\n    - rule: dead-config\n      reason: r\n      owner: o\n      until: 2017-12-31"
    out = signing.appended(
        "w",
        text.encode(),
        [finding],
        signing.Terms('a "b" \n: c', "o", "2018-01-01"),
    )
    assert out.startswith(text + "\n")
    report = judged(one_line(""), out)
    assert [f.path for f in report.findings if f.disposition.state == "waived"] == [finding.path]


APPENDED_TO = [
    ("an empty list", "version: 1\nwaivers: []\n", "version: 1\nwaivers:\n  - rule:"),
    ("one with a comment", "version: 1\r\nwaivers: [ ] # none\r\n", "version: 1\r\nwaivers: # none\r\n  - rule:"),
    (
        "a list in a row",
        "version: 1\nwaivers:\n- rule: x\n  wikis:\n      - a\n  reason: 'waivers:'",
        "'waivers:'\n- rule:",
    ),
    ("a list on one line", "version: 1\nwaivers: [ { rule: x } ]\n", None),
    ("everything on one line", "{ version: 1, waivers: [] }\n", None),
]


def test_a_waiver_is_appended_so_that_the_file_can_be_read_or_not_at_all():
    finding, terms = judged(one_line("")).findings[0], signing.Terms("r", "o", "2018-01-01")
    for name, text, expected in APPENDED_TO:
        if expected is None:
            with pytest.raises(InputError, match="no waiver can be added to the list as it is written"):
                signing.appended("w", text.encode(), [finding], terms)
            continue
        out = signing.appended("w", text.encode(), [finding], terms)
        assert expected in out, name
        assert own.load("w", out.encode())["waivers"][-1]["rule"] == finding.rule.id, name


def test_a_finding_about_maps_is_signed_for_by_its_fingerprint():
    rows = "'wgOresExcludeBots' => [ 'default' => [ 'a' => {} ] ],"

    def states(number, waiver_file=None):
        report = judged(rows.format(number), waiver_file)
        return [f for f in report.findings if f.rule.id == "setting-drift"]

    out = signing.appended("w", None, states(1)[:1], signing.Terms("r", "o", "2018-01-01"))
    assert f'fingerprint: "{states(1)[0].fingerprint}"' in out
    assert [finding.disposition.state for finding in states(1, out)] == ["waived"]
    assert [finding.disposition.state for finding in states(2, out)] == ["active"]


def test_what_was_there_before_does_not_count_and_what_is_new_does():
    before, now = judged(one_line("")), judged(one_line("").replace("'reverted' => false", "'reverted' => true"))
    marked = ratchet.since(now, before, "HEAD")
    assert {(f.path, f.disposition.state) for f in marked.findings} == {
        ("damaging.enabled", "preexisting"), ("goodfaith.enabled", "preexisting"), ("reverted.enabled", "active")
    }  # fmt: skip


def test_a_baseline_holds_no_line_no_wiki_and_no_time_and_pruning_adds_nothing():
    report = judged(one_line(""))
    written = ratchet.write(report)
    assert not {"line", "wikis", "time", "enwiki", "php"} & set(written.replace('"', " ").split())
    assert all(not finding.active for finding in ratchet.baselined(report, "b", written.encode()).findings)
    less = judged(
        one_line("")
        .replace("'damaging' => false", "'damaging' => true")
        .replace("'reverted' => false", "'reverted' => true")
    )
    pruned = json.loads(ratchet.write(less, ("b", written.encode())))
    assert [row["path"] for row in pruned["findings"]] == ["goodfaith.enabled"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b'{"version": 2, "findings": []}',
        b'{"version": 1, "findings": [1]}',
        b'{"version": 1, "findings": {}}',
        b"[" * 100_000,
    ],
)
def test_a_file_that_is_no_baseline_is_refused(content):
    with pytest.raises(InputError):
        ratchet.baselined(judged(""), "b", content)


def test_comments_of_commonsettings_count_too():
    files = tree(ON + MODELS.format(ON_BOTH), common_labs=f"$x = 1; // driftcheck: allow dead-config {SIGNED}\n")
    report = report_on(files)
    assert COMMON_LABS in report.files


@pytest.mark.parametrize(
    "comment",
    [
        "// driftcheck allow model-off-in-beta {}",
        "// Driftcheck: allow model-off-in-beta {}",
        "# DRIFTCHECK:allow model-off-in-beta {}",
        "/* drift-check: allow model-off-in-beta {} */",
        "// driftcheck : allow model-off-in-beta {}",
        "// driftcheck: Allow model-off-in-beta {}",
        "// see above; driftcheck allow model-off-in-beta",
    ],
)
def test_what_is_nearly_a_waiver_is_told_with_the_way_to_write_it(comment):
    report = judged(one_line(comment.format(SIGNED)))
    (finding,) = [f for f in report.findings if f.rule.id == "waiver-invalid"]
    assert "allow RULE until YYYY-MM-DD (TASK, OWNER): REASON" in finding.message
    assert all(f.active for f in report.findings)


@pytest.mark.parametrize(
    "comment",
    ["// driftcheck reads this", "// see driftcheck.yaml", "// Driftcheck: a tool", "// we drift. Check: allow"],
)
def test_a_comment_that_only_names_the_tool_is_none(comment):
    assert "waiver-invalid" not in {f.rule.id for f in judged(one_line(comment)).findings}


@pytest.mark.parametrize("signed", ["(T130212)", "(T1, T2)", "( T130212 )"])
def test_a_task_is_no_owner(signed):
    comment = f"// driftcheck: allow model-off-in-beta until 2999-01-31 {signed}: trial"
    assert "is a task" in next(f.message for f in judged(one_line(comment)).findings if f.rule.id == "waiver-invalid")


def test_a_line_of_a_million_characters_is_searched_once():
    from driftcheck.core.model import Source
    from driftcheck.judging import comments

    for line in (
        "#" * 500_000 + "driftcheck:",
        "driftcheck: " * 80_000,
        "# driftcheck: " * 70_000,
        "#driftcheck\n" * 80_000,
    ):
        began = time.process_time()
        list(comments.written(Source("x.php", line.encode())))
        assert time.process_time() - began < 1
