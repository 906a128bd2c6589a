from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CheersConfig(AppConfig):
    name = "cheers"
    verbose_name = _("Cheers")
