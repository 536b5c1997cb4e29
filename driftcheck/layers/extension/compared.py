"""A realm as far as a comparison needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.model import Realm
from driftcheck.layers.extension import effective
from driftcheck.layers.extension.comparison import switches

if TYPE_CHECKING:
    from driftcheck.layers.extension.effective import Effective
    from driftcheck.layers.extension.read import Run


def compared(run: Run, realm: Realm) -> Effective:
    """Without documents to make, only the wikis of both realms; production's others where none of those has the extension."""
    dbnames = None
    if not run.options.profile.schema and not run.options.everywhere:
        dbnames = set.intersection(*({wiki.dbname for wiki in run.config.realm(one).wikis} for one in Realm))
    found = _evaluated(run, realm, dbnames)
    if dbnames is None or realm is Realm.BETA or not run.options.profile.extension:
        return found
    nowhere = all(on is False for on in switches(found, run.options.profile).values())
    return _evaluated(run, realm, None) if nowhere else found


def _evaluated(run: Run, realm: Realm, dbnames: set[str] | None) -> Effective:
    options = run.options
    return effective.evaluate(
        run.config,
        realm,
        options.profile,
        run.defaults,
        run.normalizer,
        options.until,
        only_relevant=True,
        dbnames=dbnames,
    )
