"""Documents that are handed over: Word and Excel, made of the same tables that the pages show."""
