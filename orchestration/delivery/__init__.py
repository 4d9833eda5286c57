"""Delivery of a published month: the pack for people, in their language."""
