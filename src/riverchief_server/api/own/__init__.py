"""The desk's own API: JSON for our pages, described by the committed OpenAPI document."""
