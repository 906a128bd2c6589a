"""What runs beside the web: backups, restores, and the nightly jobs. Imports no app."""
