"""What is overdue, whose, since when, and what can be done about it."""
