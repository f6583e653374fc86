"""Files of measurements: what is in one, and how it was taken in."""
