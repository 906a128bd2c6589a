"""Serializers of cheers."""

import datetime as dt  # `date` is the name of a field
from typing import Any
from uuid import UUID

from rest_framework import serializers

from accounts.cards import CardSerializer
from cheers.models import Cheer
from core.fields import DayField, EmojiField, IdField, StringField
from core.serializers import ModelSerializer, Serializer
from diaries.enrichment import EnrichedList
from diaries.models import Diary
from todos.models import Todo


class CheerTargetSerializer(Serializer):
    """The todo or diary that was cheered."""

    kind = serializers.ChoiceField(choices=(Todo.kind, Diary.kind), read_only=True)
    id = IdField(read_only=True)
    title = StringField(
        read_only=True, allow_null=True, help_text="The todo's title; null for a diary."
    )
    date = DayField(read_only=True, allow_null=True, help_text="The diary's date; null for a todo.")

    def to_representation(self, instance: Todo | Diary) -> dict[str, Any]:
        if isinstance(instance, Todo):
            return self.from_columns(instance.pk, instance.title, None, None)
        return self.from_columns(None, None, instance.pk, instance.date)

    # The columns that a list selects for a target, relative to the cheer (for fastlists).
    row_columns = ("todo_id", "todo__title", "diary_id", "diary__date")

    @staticmethod
    def from_columns(
        todo: UUID | None, title: str | None, diary: UUID | None, date: dt.date | None
    ) -> dict[str, Any]:
        kind = Todo.kind if todo else Diary.kind
        return {"kind": kind, "id": str(todo or diary), "title": title, "date": date}


class EmojiCountSerializer(serializers.Serializer[Any]):
    """The number of people who gave one emoji to a diary."""

    schema_name = "EmojiCount"

    emoji = EmojiField(read_only=True)
    count = serializers.IntegerField(read_only=True, min_value=1)
    mine = serializers.BooleanField(read_only=True, help_text="Whether the caller is one of them.")


class CheersField(EnrichedList):
    """The cheers of a diary, by emoji."""

    child = EmojiCountSerializer()


class CheerSerializer(ModelSerializer[Cheer]):
    """One emoji from one person on one todo or diary."""

    owner = CardSerializer(read_only=True, help_text="The person who cheered.")
    emoji = EmojiField()
    target = CheerTargetSerializer(read_only=True)

    class Meta:
        model = Cheer
        fields = ("id", "owner", "emoji", "target", "created_at", "updated_at")
