"""Risk of customers: assessed by the pack’s factors, kept as history, reviewed."""
