"""Episodes of exceedance and the traces of where they came from."""
