"""Patrols we remember."""
