"""Cases we remember: a current row, and an append-only history chained by hashes."""
