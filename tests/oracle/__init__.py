"""Every mart computed a second time: plain Python over contract rows, nothing of the models."""
