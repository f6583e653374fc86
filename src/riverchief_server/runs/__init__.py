"""Runs we remember: the question as it was computed, the answer as it came, and all it takes to ask again exactly."""
