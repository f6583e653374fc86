"""Observations we remember: the raw inbox, the series, and the readings in one narrow table."""
