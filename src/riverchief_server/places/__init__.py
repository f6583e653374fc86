"""Places we remember: regions, reaches with their order numbers, and what lies on them."""
