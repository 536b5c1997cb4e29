"""The rules about drift between the realms, each with its page."""

from __future__ import annotations

from driftcheck.core.finding import Example, Rule
from driftcheck.core.severity import Severity

_ON = "'wmgUseORES' => [ 'default' => true ],\n"
_GOODFAITH = (
    _ON
    + "'wgOresModels' => [ 'default' => [ 'damaging' => true, 'goodfaith' => true, 'reverted' => false, 'wp10' => false ] ],"
)
_OPTION = (
    _ON
    + "'wgOresModels' => [ 'default' => [ 'damaging' => [ 'enabled' => true{} ], 'goodfaith' => [ 'enabled' => true ] ] ],"
)
_BY_LIST = "'wgRateLimits' => [ 'default' => 9, 'closed' => 1 ],\n'wgPopupsRate' => [ 'default' => 1, 'closed' => 0 ],"
_EVERYTHING = 'name: everything\nsettings: ["*"]\n'
_LOAD = "if ( $wmgUseORES ) {\n\twfLoadExtension( 'ORES' );\n\t$wgOresBaseUrl = 'https://ores.wikimedia.org/';\n}\n"
_BETA_URL = "if ( $wmgUseORES ) {\n\t$wgOresBaseUrl = 'https://ores-beta.wmflabs.org/';\n}\n"
MODEL_OFF = Rule(
    "model-off-in-beta",
    Severity.ERROR,
    "a model that is on in production and off in beta, on a wiki that both realms have",
    "Beta cannot show what the model does to a wiki before production does. On 2017-11-20 goodfaith was off on "
    "every beta wiki but English, and thresholds that no model could reach took recent changes down on two "
    "Wikipedias (T181187).",
    "Enable the model in beta's overlay, or delete the overlay's line that turns it off.",
    bad=Example(
        production=_GOODFAITH,
        beta="'wgOresModels' => [ 'default' => [ 'damaging' => true, 'goodfaith' => false, 'reverted' => false, 'wp10' => false ] ],",
    ),
    good=Example(production=_GOODFAITH),
    layers=("extension",),
    compares=True,
    needs=("schema",),
)
MODEL_ONLY = Rule(
    "model-only-in-beta",
    Severity.WARNING,
    "a model that is on in beta and off in production",
    "Beta shows the wiki with the model; production runs without it. A trial is a good reason: suppress the finding "
    "with a waiver until the trial ends.",
    "Turn the model off in beta when the trial is over, or enable it in production.",
    bad=Example(
        production=_GOODFAITH.replace("'goodfaith' => true", "'goodfaith' => false"),
        beta=_GOODFAITH.removeprefix(_ON),
    ),
    good=Example(production=_GOODFAITH),
    layers=("extension",),
    compares=True,
    needs=("schema",),
)
MODEL_OPTION = Rule(
    "model-option-drift",
    Severity.WARNING,
    "a model that is on in both realms and has different options",
    "The options namespaces, sources, excludeBots, cleanParent and keepForever decide which edits are scored and "
    "which scores are kept.",
    "Copy production's option into beta's overlay, or delete the overlay's copy of the model.",
    bad=Example(
        production=_OPTION.format(", 'namespaces' => [ 0 ]"),
        beta="'wgOresModels' => [ 'default' => [ 'damaging' => [ 'enabled' => true, 'namespaces' => [ 0, 118 ] ], "
        "'goodfaith' => [ 'enabled' => true ] ] ],",
        date="2019-05-01",
    ),
    good=Example(
        production=_OPTION.format(", 'namespaces' => [ 0 => true ]"),
        beta="'wgOresModels' => [ 'default' => [ 'damaging' => [ 'enabled' => true, 'namespaces' => [ 0 ] ], "
        "'goodfaith' => [ 'enabled' => true ] ] ],",
        date="2019-05-01",
    ),
    layers=("extension",),
    compares=True,
    needs=("schema",),
)
EXTENSION_OFF = Rule(
    "extension-off-in-beta",
    Severity.ERROR,
    "an extension, or its interface, that is on in production and off in beta",
    "Nobody can see the extension in beta before it reaches this wiki's readers. A profile of an extension looks at that "
    "one; any other at every extension and skin that the tree loads, one finding for what a switch decides.",
    "Turn it on in beta's overlay, or delete the line that turns it off.",
    bad=Example(production=_GOODFAITH, beta="'wmgUseORES' => [ 'frwiki' => false ],"),
    good=Example(production=_GOODFAITH),
    layers=("extension",),
    compares=True,
    needs=("extension",),
)
EXTENSION_ONLY = Rule(
    "extension-only-in-beta",
    Severity.WARNING,
    "an extension, or its interface, that is on in beta and off in production",
    "Beta runs something that production does not have. The usual reason is a trial before the extension is enabled.",
    "Enable it in production when the trial is over, or turn it off in beta.",
    bad=Example(
        production=_GOODFAITH.replace("'default' => true ]", "'default' => false, 'enwiki' => true ]", 1),
        beta="'wmgUseORES' => [ 'frwiki' => true ],",
    ),
    good=Example(production=_GOODFAITH),
    layers=("extension",),
    compares=True,
    needs=("extension",),
)
THRESHOLD = Rule(
    "threshold-drift",
    Severity.ERROR,
    "filter thresholds that differ between the realms, for a model that is on in both",
    "Only production can fail on a threshold that beta does not have.",
    "Delete beta's own thresholds for the wiki, or copy production's.",
    bad=Example(
        production=_GOODFAITH + "\n'wgOresFiltersThresholds' => [ 'frwiki' => [ 'goodfaith' => [ 'likelybad' => "
        "[ 'min' => 0, 'max' => 'recall_at_precision(min_precision=0.6)' ] ] ] ],",
        beta="'wgOresFiltersThresholds' => [ 'frwiki' => [ 'goodfaith' => [ 'likelybad' => false ] ] ],",
    ),
    good=Example(production=_GOODFAITH),
    layers=("extension",),
    compares=True,
    needs=("schema",),
)
SETTING = Rule(
    "setting-drift",
    Severity.WARNING,
    "any other setting that differs between production and beta",
    "A difference is either a mistake or has a reason. The reason belongs in a waiver beside the line, where the "
    "next reader sees it. Where no schema knows the settings, what one line decides is one finding, at the part that differs; "
    "what the profile expects to differ is left out, and a switch that beta alone turns on is a note. A part that beta's own "
    "values show to be wrong has a finding of its own: a member that production alone has and that beta names elsewhere, an "
    "element made of what is not there, a record without the switch that every other record of the list has, a key that is nearly "
    "production's or that of other records, an array one level too deep, a placeholder that nothing fills in.",
    "Give both realms the same value, or add a waiver that says why they differ.",
    bad=Example(production=_GOODFAITH, beta="'wgOresExcludeBots' => [ 'enwiki' => false ],"),
    good=Example(production=_GOODFAITH, beta="'wgOresExcludeBots' => [ 'enwiki' => true ],"),
    layers=("extension",),
    compares=True,
)
DBLIST = Rule(
    "dblist-drift",
    Severity.WARNING,
    "a dblist that does not name the same wikis in both realms, and decides several settings",
    "A list such as `closed` selects values of many settings. Where it names a wiki in one realm only, all of them differ for "
    "one reason, and one line repairs them. An extension that is off in beta for it has a finding of its own. A list that "
    "decides one setting is reported as that setting.",
    "Name the wiki in the lists of both realms (beta's is the one that ends in `-labs`), or add a waiver that says why not.",
    bad=Example(production=_BY_LIST, lists=(("closed", ("frwiki",)), ("closed-labs", ())), profile=_EVERYTHING),
    good=Example(
        production=_BY_LIST, lists=(("closed", ("frwiki",)), ("closed-labs", ("frwiki",))), profile=_EVERYTHING
    ),
    layers=("extension",),
    compares=True,
)
SHARED_ENDPOINT = Rule(
    "shared-endpoint",
    Severity.ERROR,
    "an address in beta that belongs to production",
    "Base URLs must differ between the realms, so here an equal value is the mistake: a beta that calls "
    "production's service tests production, and puts load on it, or cannot reach it at all. Of every setting, an address inside "
    "production's network (`*.wmnet`, a port 6NNN of the machine itself) is reported wherever it stands in beta's value, "
    "unless beta's list of services has it, and so is a host that the profile lists. The public gateway api.wikimedia.org "
    "is meant for both. What beta inherits from production's own line is a note where it names a data centre that beta does "
    "not have, the API of a wiki that beta has itself, or an item or a property by its id: beta's Wikidata has ids of its own. "
    "An extension that has such ids in many settings is told once.",
    "Assign beta's own address, or ids, in CommonSettings-labs.php or the overlay.",
    bad=Example(production=_GOODFAITH, common=_LOAD, common_labs="if ( $wmgUseORES ) {\n\t$wgExample = 1;\n}\n"),
    good=Example(production=_GOODFAITH, common=_LOAD, common_labs=_BETA_URL),
    layers=("extension",),
    compares=True,
)
OVERRIDE_DEFEATED = Rule(
    "override-defeated",
    Severity.ERROR,
    "a beta override that has no effect because a later assignment overwrites it",
    "CommonSettings.php runs after the settings arrays, so the value that it assigns replaces the overlay's. It does not end "
    "where it requires CommonSettings-labs.php: what it assigns behind that line replaces what beta's file assigned. From "
    "2023-07-11 to 2023-12-18 beta's address of Lift Wing was such a line. What CommonSettings.php made of a setting before that "
    "line keeps the old value, and an assignment of beta's file comes too late for it: that is a warning.",
    "Delete the override if the later assignment is right. Otherwise assign beta's value in CommonSettings-labs.php, or give "
    "the later assignment a condition on the realm.",
    bad=Example(
        production=_GOODFAITH,
        common=_LOAD,
        common_labs="if ( $wmgUseORES ) {\n\t$wgExample = 1;\n}\n",
        beta="'-wgOresBaseUrl' => [ 'default' => 'https://ores-beta.wmflabs.org/' ],",
    ),
    good=Example(production=_GOODFAITH, common=_LOAD, common_labs=_BETA_URL),
    layers=("extension",),
    compares=True,
)
OVERRIDE_LATE = OVERRIDE_DEFEATED._replace(
    severity=Severity.WARNING,
    fix="Assign it in the overlay, or assign what was made of it in CommonSettings-labs.php as well.",
)
"""Of an assignment that has an effect, and comes too late for another setting."""
_EXPECTING = """\
name: popups
settings: ["wgPopups*"]
expected:
  - settings: [{}]
    reason: beta samples every visitor
"""
_SAMPLED = "'wgPopupsRate' => [ 'default' => {} ],"
EXPECTATION_UNUSED = Rule(
    "expectation-unused",
    Severity.WARNING,
    "a row of your own profile, under expected or equivalences, that explains no difference any more",
    "The difference that the row was written for is gone, or its settings were renamed. If the row stays, it may hide a "
    "later difference that nobody has looked at.",
    "Delete the row, or correct the names of its settings.",
    bad=Example(
        production=_SAMPLED.format("0.01"), beta=_SAMPLED.format("0.01"), profile=_EXPECTING.format("wgPopupsRate")
    ),
    good=Example(
        production=_SAMPLED.format("0.01"), beta=_SAMPLED.format("1"), profile=_EXPECTING.format("wgPopupsRate")
    ),
    layers=("extension",),
)
WIKI_NOT_IN_BETA = Rule(
    "wiki-not-in-beta",
    Severity.NOTE,
    "a wiki that has the extension in production and does not exist in beta",
    "Beta cannot show a fault in this wiki's configuration. frwiki was such a wiki on 2017-11-20.",
    "Create the wiki in beta, or check its configuration by hand before a deploy.",
    bad=Example(production=_GOODFAITH, beta_wikis=("enwiki",)),
    good=Example(production=_GOODFAITH),
    layers=("extension",),
    compares=True,
    needs=("extension",),
)

RULES = (
    MODEL_OFF,
    MODEL_ONLY,
    MODEL_OPTION,
    EXTENSION_OFF,
    EXTENSION_ONLY,
    THRESHOLD,
    SETTING,
    DBLIST,
    EXPECTATION_UNUSED,
    SHARED_ENDPOINT,
    OVERRIDE_DEFEATED,
    WIKI_NOT_IN_BETA,
)
