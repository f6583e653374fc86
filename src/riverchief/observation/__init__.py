"""What was measured: readings, their flags, series of them and the checks that judge a series."""
