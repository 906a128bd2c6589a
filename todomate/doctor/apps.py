from django.apps import AppConfig


class DoctorConfig(AppConfig):
    name = "todomate.doctor"
    label = "doctor"
