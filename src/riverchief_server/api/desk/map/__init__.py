"""The one map, its lenses, and the county in one sentence."""
