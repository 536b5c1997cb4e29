"""What each input is for: the places that read it, and how many settings hang on it in each realm."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from driftcheck.core.model import Realm
from driftcheck.mediawiki.inputs import declared
from driftcheck.mediawiki.whole.hanging import hanging
from driftcheck.mediawiki.whole.readers import readers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftcheck.core.model import Span
    from driftcheck.mediawiki.config import MediaWikiConfig

_SETTING = re.compile(r"(?:wg|eg|smg)[A-Z0-9]")
_MAY_MOVE = ("assumed", "the servers")
"""The sources of those constants that may be others another day; the rest are as PHP and MediaWiki define them."""


class Use(NamedTuple):
    """The places that read an input; how many settings hang on it in each realm, or None for a constant that stays as it is."""

    read_by: tuple[Span, ...] = ()
    settings: Mapping[Realm, int] | None = None


def uses(config: MediaWikiConfig) -> dict[str, Use]:
    """The use of every input on the wikis that both realms have, or, where there are none, on each realm's own."""
    realms = {realm: config.realm(realm) for realm in Realm}
    both = set.intersection(*({wiki.dbname for wiki in realm.wikis} for realm in realms.values()))
    moving = [
        row.name for row in declared().values() if not row.name.startswith("constant:") or row.source in _MAY_MOVE
    ]
    found = {
        realm: hanging(
            config.tree, realm, held.limited(both) if both else held, moving, lambda name: bool(_SETTING.match(name))
        )
        for realm, held in realms.items()
    }
    files = {file.source.path: file for one in found.values() for file in one.files}
    places = readers([files[path] for path in sorted(files)], declared())
    return {
        name: Use(
            tuple({(span.path, span.line): span for span in reversed(places[name])}.values())[::-1],
            {realm: len(one.settings[name]) for realm, one in found.items()} if name in moving else None,
        )
        for name in declared()
    }
