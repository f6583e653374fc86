"""Spills: asked, computed, shown, with the front over time."""
