from django.apps import AppConfig


class FrontConfig(AppConfig):
    name = "todomate.front"
    label = "front"
