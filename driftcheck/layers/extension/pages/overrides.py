"""The rules about beta's overrides, each with its page."""

from __future__ import annotations

from driftcheck.core.finding import Example, Rule
from driftcheck.core.severity import Severity

_ON = "'wmgUseORES' => [ 'default' => true ],\n"
SHADOWED = Rule(
    "override-shadowed",
    Severity.WARNING,
    "a beta override that loses on some wikis, because production has a more specific key there",
    "The overlay's row is merged into production's, key by key, and the most specific key wins: production's "
    "`enwiki` beats beta's `default`. Beta then runs with production's value by accident, and no comparison of values shows it, "
    "because the values are equal. It is an error where production's value names one of production's hosts.",
    "Prefix the row's name with `-`, so that production's keys do not count in beta, or add the keys to beta's row.",
    bad=Example(
        production=_ON + "'wgOresExcludeBots' => [ 'default' => true, 'enwiki' => true ],",
        beta="'wgOresExcludeBots' => [ 'default' => false ],",
    ),
    good=Example(
        production=_ON + "'wgOresExcludeBots' => [ 'default' => true, 'enwiki' => true ],",
        beta="'-wgOresExcludeBots' => [ 'default' => false ],",
    ),
    layers=("extension",),
    compares=True,
)
REDUNDANT = Rule(
    "override-redundant",
    Severity.NOTE,
    "a beta override that can be deleted: without it every beta wiki has the same values",
    "The row, the selector or the statement repeats what beta has anyway. It hides a change of production from beta later: "
    "of 408 such rows in ten years 70 were left behind when production moved on. The finding is proved by evaluation without "
    "the override; all overrides that are named can be deleted together.",
    "Delete what the finding names. Keep a row with `-` if beta must not follow production, and say so in a waiver.",
    bad=Example(
        production=_ON + "'wgOresExcludeBots' => [ 'default' => true ],",
        beta="'wgOresExcludeBots' => [ 'default' => true ],",
    ),
    good=Example(production=_ON + "'wgOresExcludeBots' => [ 'default' => true ],"),
    layers=("extension",),
)
SELECTOR_UNKNOWN = Rule(
    "selector-unknown",
    Severity.WARNING,
    "a selector in beta's overlay that is no wiki of beta, and no tag, family or language of one",
    "A row selects values by wiki, by dblist, by language and by family. A value behind any other name, or without a name, "
    "reaches no wiki, and beta runs with what production's row says. A selector with a `+` merges its array into what is "
    "weaker; behind it, a value that is no array is left out.",
    "Write a selector that beta has, `default` for instance, or delete the value.",
    bad=Example(production=_ON, beta="'wgOresExcludeBots' => [ 'frwikii' => false ],"),
    good=Example(
        production=_ON + "'wgOresExcludeBots' => [ 'frwiki' => false ],",
        beta="'wgOresCacheVersion' => [ 'frwiki' => 1 ],",
    ),
    layers=("extension",),
)

UNREAD = Rule(
    "override-unread",
    Severity.WARNING,
    "a beta override of a setting that nothing reads on the day of the tree",
    "No PHP of the tree reads the setting, no extension and not MediaWiki core: its name is misspelt, or was renamed or dropped. "
    "What the override was written for does not happen in beta. The names of core and of the extensions, by day, are bundled; "
    "a `wg` name that they never had is reported only where it is nearly the same as one that is read.",
    "Correct the name (`wg` is what MediaWiki reads, `wmg` what CommonSettings.php reads), or delete the override.",
    bad=Example(production=_ON, beta="'wmgOresExcludeBots' => [ 'default' => false ],"),
    good=Example(
        production=_ON + "'wgOresExcludeBots' => [ 'frwiki' => false ],",
        beta="'wgOresCacheVersion' => [ 'frwiki' => 1 ],",
    ),
    layers=("extension",),
)

RULES = (UNREAD, SHADOWED, REDUNDANT, SELECTOR_UNKNOWN)
