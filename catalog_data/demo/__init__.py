"""The maker of the demo shop: `python -m catalog_data.demo --seed 7 --out catalog_data/files`.

Everything is invented: a seeded program draws styles from the hand-written tables in `tables/`, writes their copy from hand-written
sentences, and lets made-up shoppers with tastes, sizes and budgets buy, return and review. Equal seed, equal bytes.
"""
