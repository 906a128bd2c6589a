#!/usr/bin/env python
"""Django's command line for this project."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todomate.settings")
    if sys.argv[1:2] == ["doctor"]:  # before the settings are loaded, as it checks them
        from operations.doctor.management.commands.doctor import Command

        Command().run_from_argv(sys.argv)
        sys.exit()
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(str(error))  # the message only: a traceback would not help the operator
