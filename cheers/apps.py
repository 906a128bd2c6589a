from django.apps import AppConfig


class CheersConfig(AppConfig):
    name = "cheers"
