"""Tags for the public templates."""
