from django.apps import AppConfig


class DoctorConfig(AppConfig):
    name = "operations.doctor"
    label = "doctor"
