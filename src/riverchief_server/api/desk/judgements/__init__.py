"""A judgement with its evidence, as a page shows it."""
