"""Instruments: their health, their orders, their upkeep."""
