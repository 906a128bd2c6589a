from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "todomate.api"
    label = "api"
