from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TodosConfig(AppConfig):
    name = "todos"
    verbose_name = _("Todos")

    def ready(self) -> None:
        from photos.references import references  # noqa: PLC0415  # models are loaded by now
        from todos.models import Todo  # noqa: PLC0415

        references["todo"] = Todo.having
