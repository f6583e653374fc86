"""CQL2 text (OGC 21-065r2): a filter from words to an expression. Knows no database and no collection."""
