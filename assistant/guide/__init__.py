"""From results to checked prose."""
