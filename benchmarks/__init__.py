"""Benchmarks: this project and its peers side by side, each measured in one run. `shopguide bench NAME` runs them."""
