"""The functions of PHP that are followed: those that look at their arguments alone.

Each is decided by PHP 8.2's answer: pairs in ``fixtures/php``, and a test that asks PHP itself where it is installed.
Where PHP throws, warns or is not modelled, a function raises :class:`~driftcheck.php.values.NotEvaluated`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.php.arrays import ARRAYS
from driftcheck.php.encodings import ENCODINGS
from driftcheck.php.formats import FORMATS
from driftcheck.php.letters import LETTERS
from driftcheck.php.numbers import NUMBERS
from driftcheck.php.searches import SEARCHES
from driftcheck.php.texts import TEXTS

if TYPE_CHECKING:
    from driftcheck.php.signatures import Typed

FUNCTIONS: dict[str, Typed] = {**ARRAYS, **SEARCHES, **TEXTS, **LETTERS, **FORMATS, **ENCODINGS, **NUMBERS}
"""By lower-case name; arguments and results are plain data."""
