"""Three people and a month of their lives, for `make run` on an empty database.

The server works without this package, and an image is built without it: nothing may import it that does not look for it
first. The settings name it as an app only where it is present and TODOMATE_ENV is local.
"""
