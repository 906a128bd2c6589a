"""Three people and a month of their lives, for `make run` on an empty database.

The server works without this package, and images are built without it. So it must not be imported
unconditionally, and the settings list it only if it is present and TODOMATE_ENV is local.
"""
