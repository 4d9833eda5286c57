"""The close of a month: its period and moment of knowledge, its edition, its publication."""
