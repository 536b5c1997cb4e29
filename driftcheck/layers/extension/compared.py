"""A realm as far as a comparison needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.model import Realm
from driftcheck.layers.extension import effective
from driftcheck.layers.extension.comparison import switches

if TYPE_CHECKING:
    from driftcheck.layers.base import Options
    from driftcheck.layers.extension.effective import Effective
    from driftcheck.layers.extension.normalize import Normalizer
    from driftcheck.mediawiki.config import MediaWikiConfig
    from driftcheck.mediawiki.registration import ExtensionDefaults


def compared(
    config: MediaWikiConfig, realm: Realm, options: Options, defaults: ExtensionDefaults, normalizer: Normalizer | None
) -> Effective:
    """Without documents to make, only the wikis of both realms; production's others where none of those has the extension."""

    def evaluated(dbnames: set[str] | None) -> Effective:
        return effective.evaluate(
            config, realm, profile, defaults, normalizer, options.until, only_relevant=True, dbnames=dbnames
        )

    profile = options.profile
    if profile.schema or options.everywhere:
        return evaluated(None)
    found = evaluated(set.intersection(*({wiki.dbname for wiki in config.realm(one).wikis} for one in Realm)))
    if realm is Realm.BETA or not profile.extension:
        return found
    nowhere = all(on is False for on in switches(found, profile).values())
    return evaluated(None) if nowhere else found
