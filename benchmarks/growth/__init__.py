"""Measure how the figures change from 10 thousand todos to 10 million: `make growth`."""
