"""Reading features: what is asked for, which rows those are, and how they are shown."""
