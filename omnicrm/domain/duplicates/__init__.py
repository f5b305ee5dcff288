"""The same person twice in the book: found without comparing each with each, merged field by field, parted again."""
