"""The conversation: understanding, profile, plan, actions, guide, verification, and the doors to browser, store and model."""
