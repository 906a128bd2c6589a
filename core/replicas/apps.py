from django.apps import AppConfig


class ReplicasConfig(AppConfig):
    name = "core.replicas"
    label = "replicas"
