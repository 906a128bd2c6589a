"""The HTTP server: gunicorn's worker, its address and its health check."""
