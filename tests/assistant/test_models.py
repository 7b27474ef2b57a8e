"""A model behind an endpoint, over real HTTP: what it answers, and each way in which it can fail."""
