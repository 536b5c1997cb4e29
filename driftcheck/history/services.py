"""Whether a change of the lists of services changes what an evaluation takes from them.

A row of LabsServices.php or ProductionServices.php counts where a statement that is left asks for it by its key.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from driftcheck.core import reach
from driftcheck.core.model import MISSING, Realm
from driftcheck.history.alike import alike

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

    from driftcheck.core.model import Missing, Result
    from driftcheck.layers.extension.read import Run

_NAMED = re.compile(rb"(?:All|Local|Master)Services\b|\bServiceConfig\b|Services\.php")
_ASKED = re.compile(rb"\$wm[fg](?:Local|Master)Services\s*\[\s*(['\"])([\w-]+)\1\s*\]")
"""The one way of asking that is followed."""
_ALWAYS = "udp2log"
"""What the realm's own variables take from the services."""


def lists(run: Run) -> set[str]:
    """The files with the services of the realms."""
    layout = run.config.tree.layout
    return {layout.path(names.services) for names in layout.realms.values()}


def gives_the_same(old: Run, new: Run, texts: Iterable[bytes]) -> bool:
    """Whether the services that these texts ask for are the same in two trees."""
    keys = _keys(texts)
    if keys is None or not old.comparison.would_have(_services(new, Realm.BETA)):
        return False
    return all(_alike(_services(old, realm), _services(new, realm), keys) for realm in Realm)


def _keys(texts: Iterable[bytes]) -> set[str] | None:
    """The keys that texts ask for; None where these may be any."""
    found = {_ALWAYS}
    for text in texts:
        asked = _ASKED.findall(text)
        if len(asked) != len(_NAMED.findall(text)):
            return None
        found |= {key.decode() for _, key in asked}
    return found


def _services(run: Run, realm: Realm) -> Result | Missing:
    return run.config.tree.environment(realm).late.get("AllServices", MISSING)


def _alike(one: Result | Missing, other: Result | Missing, keys: AbstractSet[str]) -> bool:
    """Whether the services of every data centre are the same, as far as these keys have them."""
    if not (reach.is_array(one) and reach.is_array(other)):
        return alike(one, other)
    before, after = reach.array(one), reach.array(other)
    return list(before) == list(after) and all(_picked_alike(before[name], after[name], keys) for name in before)


def _picked_alike(one: Result, other: Result, keys: AbstractSet[str]) -> bool:
    if not (reach.is_array(one) and reach.is_array(other)):
        return alike(one, other)
    before, after = reach.array(one), reach.array(other)
    return all(alike(before.get(key, MISSING), after.get(key, MISSING)) for key in keys)
