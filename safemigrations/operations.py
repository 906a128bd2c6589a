"""Migration operations for changes in two releases."""

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import AddField, CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class Drop(Operation):
    """Drop a column or table that an earlier migration removed from the models only.

    The models no longer know it, so the operation that would create it has to be given:

        Drop(AddField("todo", "memo", models.TextField(null=True)))
        Drop(CreateModel("Memo", [("id", models.BigAutoField(primary_key=True))]))

    Migrating backwards creates it again, empty.
    """

    def __init__(self, created_by: AddField | CreateModel) -> None:
        self.created_by = created_by

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Change nothing: the models have lost the field or model already."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        before = self._state_with_dropped(app_label, from_state)
        self.created_by.database_backwards(app_label, schema_editor, before, to_state)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        after = self._state_with_dropped(app_label, from_state)
        self.created_by.database_forwards(app_label, schema_editor, from_state, after)

    def describe(self) -> str:
        return f"Drop the result of: {self.created_by.describe()}"

    def _state_with_dropped(self, app_label: str, state: ProjectState) -> ProjectState:
        copy: ProjectState = state.clone()
        self.created_by.state_forwards(app_label, copy)
        return copy
