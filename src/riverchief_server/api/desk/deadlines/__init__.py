"""The county's calendar and its table of deadlines: looked at, tried out, added to."""
