"""Examples that ship with the program: rivers to learn on, to demonstrate with and to test against."""
