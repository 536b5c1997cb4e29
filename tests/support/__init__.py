"""What the tests stand on, one module a thing: trees, reports, examples of rules, values, git, and the command line."""

from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
FIXTURES = ROOT / "fixtures"
