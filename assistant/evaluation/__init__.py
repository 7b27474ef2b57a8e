"""Scripted conversations, simulated shoppers, and what a change did."""
