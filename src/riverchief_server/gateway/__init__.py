"""Listeners for stations, brokers and folders. Bytes go into the raw inbox, durable, before an answer leaves."""
