"""Products that the bank’s other systems report."""
