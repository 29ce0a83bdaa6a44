"""The evidence pack: all that the bank holds about one customer, for an examiner."""
