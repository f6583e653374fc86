"""Notices we remember: who was told what, when, and whether they have read it."""
