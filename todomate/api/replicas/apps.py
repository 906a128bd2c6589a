from django.apps import AppConfig


class ReplicasConfig(AppConfig):
    name = "todomate.api.replicas"
    label = "replicas"
