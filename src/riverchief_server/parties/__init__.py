"""Parties we remember: accounts with their roles, units, and dated responsibilities."""
