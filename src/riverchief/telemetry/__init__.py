"""Bytes ⇄ readings: one folder per protocol; outside words stop here and ours begin. No sockets, no clock."""
