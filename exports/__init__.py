"""Lists that staff take out of the house as CSV files, each recorded."""
