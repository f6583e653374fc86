"""Judgements we remember, each with its evidence and its edition."""
