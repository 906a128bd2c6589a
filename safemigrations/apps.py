from django.apps import AppConfig


class SafeMigrationsConfig(AppConfig):
    name = "safemigrations"
