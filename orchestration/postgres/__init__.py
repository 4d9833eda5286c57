"""A PostgreSQL server: publication to it, beside that to files, and the models built on it."""
