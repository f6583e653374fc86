"""The raw inbox: bytes are durable before anybody answers, understood after, and can be read again at any time."""
