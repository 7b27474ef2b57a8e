"""Command line of the demo shop's maker."""

from __future__ import annotations

import argparse
from pathlib import Path

from catalog_data.demo.make import make_files
from catalog_data.vocabulary import load_vocabulary


def main() -> None:
    """Makes the demo shop's files and says what was written."""
    parser = argparse.ArgumentParser(prog="python -m catalog_data.demo", description="Makes the demo shop's files.")
    parser.add_argument("--seed", type=int, default=7, help="equal seed, equal bytes (default: 7)")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="the folder to write into")
    arguments = parser.parse_args()
    shop = make_files(arguments.seed, arguments.out, load_vocabulary())
    print(
        f"{arguments.out}: {len(shop.products):,} items, {len(shop.interactions):,} interactions, {len(shop.reviews):,} reviews"
    )


if __name__ == "__main__":
    main()
