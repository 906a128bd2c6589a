"""Loaded by pytest before Django reads its settings (addopts in pyproject.toml): the tests need no variable set."""

import os

os.environ.setdefault("TODOMATE_ENV", "local")
