"""Orchestration of the monthly close: landing, dbt, checks, publication, command line."""
