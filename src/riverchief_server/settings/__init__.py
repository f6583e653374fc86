"""Settings: ``options`` are what a person can change, ``django`` is what Django makes of them."""
