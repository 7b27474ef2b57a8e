"""Which items, in what order, with what, at what price. Knows the catalog; knows nothing of chat."""
