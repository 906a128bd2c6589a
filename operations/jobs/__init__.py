"""Backups, restores and the nightly jobs."""
