"""What exists: the shop's schema, its vocabulary, its loaders, its policy, and the demo shop's files."""
