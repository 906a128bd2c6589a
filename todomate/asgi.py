"""The entry point for an ASGI server; gunicorn with threads (todomate.wsgi) is what is measured and recommended."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todomate.settings")

application = get_asgi_application()
