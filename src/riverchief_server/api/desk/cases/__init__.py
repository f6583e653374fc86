"""Cases: the inbox, the list, one case whole, steps, photos."""
