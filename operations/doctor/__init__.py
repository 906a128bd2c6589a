"""Checks of a server's settings and of the services it uses (`manage.py doctor`)."""
