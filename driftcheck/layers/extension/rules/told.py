"""What the rules about overrides, hosts and loading tell already: one cause is one finding, and no setting-drift as well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.layers.extension.rules import endpoints, loading, overrides, shadowed, unread

if TYPE_CHECKING:
    from driftcheck.layers.extension.comparison import Comparison

_CHECKS = (*loading.CHECKS, *endpoints.CHECKS, *overrides.CHECKS, *shadowed.CHECKS, *unread.CHECKS)


def told(context: Comparison) -> set[tuple[str, str]]:
    """The settings, with the wikis, of which such a rule says why the realms differ, or why they must not agree."""
    return {(draft.setting, draft.dbname) for check in _CHECKS for draft in context.once(check)}
