"""The faces of the server, the only place that knows HTTP: own (the desk's API) and public (pages without account)."""
