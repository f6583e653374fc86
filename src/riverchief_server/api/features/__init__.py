"""OGC API - Features: the county's rivers, places and signed-off problems on the maps of others."""
