"""Great Expectations at the doors: what is expected, and the one adapter that runs it."""
