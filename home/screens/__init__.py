"""Screens that stand in a centre: the television of its hall, the tablet of its reception."""
