from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CheersConfig(AppConfig):
    name = "cheers"
    verbose_name = _("Cheers")

    def ready(self) -> None:
        from cheers.enrichment import CHEERS  # noqa: PLC0415  # models are loaded by now
        from diaries.enrichment import enrichments  # noqa: PLC0415

        enrichments["cheers"] = CHEERS
