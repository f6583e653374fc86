"""Answers questions: from an address and a query to pages of entities."""
