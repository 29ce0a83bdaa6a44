"""The routes beyond the 24: what is known of one customer, and what may be done."""
