"""From an expression to SQL: own columns as text, everything that an asker said as a parameter."""
