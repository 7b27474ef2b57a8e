"""Readers of catalogs that other shops keep in other forms: one file a feed, its words as data beside it."""
