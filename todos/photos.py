"""The photo of a todo in its answers and bodies, and the view that sends its picture."""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import User
from core.fields import UUID_PATTERN
from fastlists import CompiledFunction, compiled
from photos.fields import own_photos, read_id
from photos.pictures import COLUMNS, AttachedPhotoSerializer, PictureView, show
from todos.models import Todo


class TodoPhotoSerializer(AttachedPhotoSerializer):
    """The photo of a todo, with links to its two sizes."""


@extend_schema_field(TodoPhotoSerializer)
class TodoPhotoField(serializers.Field):
    """The photo of a todo, or null: one query for all todos of a page that have one.

    In a body it is the id of a photo of the caller, or a photo as it was read.
    """

    # Generators have no good type for either of two.
    request_schema: ClassVar[dict[str, Any]] = {
        "type": ["string", "null"],
        "format": "uuid",
        "pattern": UUID_PATTERN,
    }
    # For fastlists
    of_rows_if = "photo_id"
    depends_on_viewer = True
    is_short = True

    def to_internal_value(self, data: object) -> UUID:
        pk = read_id(data)
        if not own_photos(self.context["request"].user, [pk]):
            raise serializers.SkipField  # it was deleted, and the todo stays as it is
        return pk

    def get_attribute(self, instance: Todo) -> dict[str, Any] | None:
        if instance.photo_id is None:
            return None
        viewer = self.context["request"].user
        key = None if viewer is None else viewer.pk
        return self.of_rows(Todo, [instance.pk], key)[instance.pk]

    def to_representation(self, value: dict[str, Any]) -> dict[str, Any]:
        return value

    @staticmethod
    def of_rows(
        model: type[Todo], keys: list[UUID], viewer: int | None
    ) -> dict[UUID, dict[str, Any] | None]:
        """Return the photo of each of these todos, with links for the viewer with this key."""
        photos: dict[UUID, dict[str, Any] | None] = dict.fromkeys(keys)
        for todo, *photo in photos_of(keys):
            photos[todo] = show("todos", photo, viewer)
        return photos


photos_of = CompiledFunction(
    Todo,
    lambda keys: Todo.objects.filter(pk__in=keys, photo__isnull=False).values_list(
        "pk", *(f"photo__{name}" for name in COLUMNS)
    ),
)


class TodoPictureView(PictureView):
    kind = "todos"
    operation_ids: ClassVar = {"GET": "get_todo_picture"}

    def key_for(self, viewer: User | None, photo: UUID) -> UUID | None:
        row = key_of.first(viewer, photo)
        return None if row is None else UUID(str(row[0]))


@compiled(Todo)
def key_of(viewer: User | None, photo: UUID) -> QuerySet[Todo, Any]:
    """Select the key of a photo, if it is on a todo that the viewer sees."""
    return Todo.objects.visible_to(viewer).filter(photo=photo).values_list("photo__key")
