"""What comes next at a station, as it was issued, and what it warned of."""
