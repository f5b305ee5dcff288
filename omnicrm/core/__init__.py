"""The ground: configuration, database, time, money, errors. Knows nothing of a practice."""
