"""The raw inbox: what instruments sent, what was refused and why, replayed."""
