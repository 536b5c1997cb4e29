"""The composition: from a snapshot to what each wiki has, and from that to findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.model import MISSING, Unknown
from driftcheck.sources.commonsettings import Assignments

if TYPE_CHECKING:
    from driftcheck.model import Missing, Realm, Result
    from driftcheck.sources.mediawiki import MediaWikiConfig


class Columns:
    pass


def columns_of(config, realm, profile):
    rc = config.realm(realm)
    names = [n for n in rc.settings if profile.wants(n.lstrip('+'))]
    a = Assignments(config, realm, rc.wikis, wanted=profile.wants, elements=profile.elements, extension="ORES")
    names += [n for n in rc.settings if n in a.reads and n not in names]
    cols = {}
    for name in names:
        s = rc.settings[name].get()
        col = cols.setdefault(name.lstrip('+'), [MISSING] * len(rc.wikis))
        if isinstance(s, Unknown):
            col[:] = [s] * len(col); continue
        for res, nums in rc.resolver.groups(s):
            for n in nums: col[n] = res.value
    return rc, cols, a.apply(cols)
