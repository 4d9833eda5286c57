"""Publication to a PostgreSQL server, beside that to files."""
