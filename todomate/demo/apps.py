from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "todomate.demo"
    label = "demo"
