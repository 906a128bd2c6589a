"""The second of the two steps by which a field or a model is taken away (CONTRIBUTING.md, "Migrations")."""

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import AddField, CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class Drop(Operation):
    """Takes out of the database what a migration before took out of the models alone.

    `was` is the operation that would make it, since the models do not know it any more:
    Drop(was=AddField("todo", "memo", TextField(null=True))), Drop(was=CreateModel("Memo", […])).
    """

    def __init__(self, was: AddField | CreateModel) -> None:
        self.was = was

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The models have forgotten it already."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        self.was.database_backwards(app_label, schema_editor, self._with_it(app_label, from_state), to_state)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        self.was.database_forwards(app_label, schema_editor, from_state, self._with_it(app_label, from_state))

    def describe(self) -> str:
        return f"Drop what this made: {self.was.describe()}"

    def _with_it(self, app_label: str, state: ProjectState) -> ProjectState:
        known: Any = state.clone()
        self.was.state_forwards(app_label, known)
        return known  # type: ignore[no-any-return]  # the stubs say what clone gives, but not of what
