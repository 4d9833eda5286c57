"""Demo CRM: a made-up company whose 1C:CRM is exported once a month."""

from orchestration.demo.extract import write_demo

__all__ = ["write_demo"]
