from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DiariesConfig(AppConfig):
    name = "diaries"
    verbose_name = _("Diaries")

    def ready(self) -> None:
        from accounts.people.counts import counts  # noqa: PLC0415  # models are loaded by now
        from diaries.counts import POSTS  # noqa: PLC0415
        from diaries.models import Diary  # noqa: PLC0415
        from photos.references import references  # noqa: PLC0415

        counts["posts_count"] = POSTS
        references["diary"] = Diary.having
