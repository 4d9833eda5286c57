"""The raw door: declared tables, files, kept loads and their checks."""
