from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "todomate.jobs"
    label = "jobs"
