"""From expressions of the query language to SQL with parameters; no asker's text ever becomes part of a statement."""
