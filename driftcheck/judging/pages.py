"""The rules about waivers themselves; driftcheck.judging.waivers finds what they tell."""

from __future__ import annotations

from driftcheck.core.finding import Example, Rule, Severity

_ON = "'wmgUseORES' => [ 'default' => true ],\n"
_DRIFT = "'wgOresModels' => [\n\t{}\n\t'default' => [ 'damaging' => true, 'goodfaith' => false, 'reverted' => false, 'wp10' => false ],\n],"
_GOOD = (
    _ON
    + "'wgOresModels' => [ 'default' => [ 'damaging' => true, 'goodfaith' => true, 'reverted' => false, 'wp10' => false ] ],"
)

EXPIRED = Rule(
    "waiver-expired",
    Severity.ERROR,
    "a waiver is past its last day",
    "What it hid is active again: the day was set so that somebody looks.",
    "Remove the divergence, or sign for it again with a new day.",
    bad=Example(
        production=_GOOD,
        beta=_DRIFT.format(
            "// driftcheck: allow model-off-in-beta until 2017-01-31 (T181187, ores-team): trial on beta"
        ),
    ),
    good=Example(
        production=_GOOD,
        beta=_DRIFT.format(
            "// driftcheck: allow model-off-in-beta until 2999-01-31 (T181187, ores-team): trial on beta"
        ),
    ),
    layers=(),
)
UNUSED = Rule(
    "waiver-unused",
    Severity.WARNING,
    "a waiver matches nothing",
    "The divergence is gone or has changed; a waiver that stays would hide the next one.",
    "Delete the waiver.",
    bad=Example(
        production=_GOOD,
        beta="// driftcheck: allow model-off-in-beta until 2999-01-31 (ores-team): trial on beta\n'wgOresExcludeBots' => [ 'default' => true ],",
    ),
    good=Example(
        production=_GOOD,
        beta=_DRIFT.format("// driftcheck: allow model-off-in-beta until 2999-01-31 (ores-team): trial on beta"),
    ),
    layers=(),
)
INVALID = Rule(
    "waiver-invalid",
    Severity.ERROR,
    "a waiver without a reason, an owner or a last day, with an unknown key or rule, or that could mean several differences",
    "A signature that nobody can read back is none, and one beside several differences would hide what comes to its line "
    "later: the waiver is not applied.",
    "Write it as: driftcheck: allow RULE until YYYY-MM-DD (TASK, OWNER): REASON, with for SETTING.path after the rule where "
    "several differences stand on one line.",
    bad=Example(production=_GOOD, beta=_DRIFT.format("// driftcheck: allow model-off-in-beta")),
    good=Example(
        production=_GOOD,
        beta=_DRIFT.format("// driftcheck: allow model-off-in-beta until 2999-01-31 (ores-team): trial on beta"),
    ),
    layers=(),
)
