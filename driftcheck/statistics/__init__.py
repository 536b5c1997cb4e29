"""Model statistics: threshold formulas, and the operating points that they are solved against."""
