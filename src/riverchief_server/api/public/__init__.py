"""The public face: river boards and reports without an account; prints well and needs no JavaScript."""
