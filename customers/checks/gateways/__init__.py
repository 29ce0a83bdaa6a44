"""Who is asked: staff by hand, or a class of the bank's own behind one interface."""
