"""The rules about waivers themselves; driftcheck.judging.waivers makes the findings."""

from __future__ import annotations

from driftcheck.core.finding import Example, Rule
from driftcheck.core.severity import Severity

_ON = "'wmgUseORES' => [ 'default' => true ],\n"
_DRIFT = "'wgOresModels' => [\n\t{}\n\t'default' => [ 'damaging' => true, 'goodfaith' => false, 'reverted' => false, 'wp10' => false ],\n],"
_GOOD = (
    _ON
    + "'wgOresModels' => [ 'default' => [ 'damaging' => true, 'goodfaith' => true, 'reverted' => false, 'wp10' => false ] ],"
)

EXPIRED = Rule(
    "waiver-expired",
    Severity.ERROR,
    "a waiver whose last day has passed",
    "The finding that it suppressed counts again. A waiver has a last day so that somebody looks at it again.",
    "Fix the difference, or renew the waiver with a later day.",
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
    "a waiver that matches no finding",
    "The difference is gone or has changed. If the waiver stays, it may suppress a later difference that nobody has "
    "looked at.",
    "Delete the waiver, or let it name what the finding names now.",
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
    "a waiver without reason, owner or last day, with an unknown key or rule, or with several differences that it "
    "could mean",
    "Such a waiver is not applied. Without a reason and an owner nobody can review it, and where several "
    "differences stand on its line it would also suppress later ones.",
    "Write it as: driftcheck: allow RULE until YYYY-MM-DD (TASK, OWNER): REASON. Where several differences stand on "
    "one line, add for SETTING.path after the rule.",
    bad=Example(production=_GOOD, beta=_DRIFT.format("// driftcheck: allow model-off-in-beta")),
    good=Example(
        production=_GOOD,
        beta=_DRIFT.format("// driftcheck: allow model-off-in-beta until 2999-01-31 (ores-team): trial on beta"),
    ),
    layers=(),
)

RULES = (EXPIRED, UNUSED, INVALID)
