"""The faces that answer by Django or beside it: desk (its own API), public (pages without account), features (OGC)."""
