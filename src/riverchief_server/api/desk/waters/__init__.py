"""Rivers and reaches, and how they did over a month and a year."""
