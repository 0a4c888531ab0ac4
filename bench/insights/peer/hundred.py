"""A hundred segments that differ in their constants: spent more, bought in the last days, never of a category."""

CATEGORIES = ["Automotive", "Beauty", "Books", "Clothing", "Electronics", "Food", "Garden", "Home", "Music", "Office",
              "Sports", "Toys"]
SEGMENTS = [(200 + 10 * at, 30 + 3 * (at % 40), at % 12) for at in range(100)]
