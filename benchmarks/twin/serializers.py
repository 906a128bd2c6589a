"""All fields of each model, as they come."""

from rest_framework import serializers

from cheers.models import Cheer
from diaries.models import Diary
from goals.models import Goal
from todos.models import QuickInput, Todo


class TodoSerializer(serializers.ModelSerializer[Todo]):
    class Meta:
        model = Todo
        fields = "__all__"
        read_only_fields = ("owner",)


class GoalSerializer(serializers.ModelSerializer[Goal]):
    class Meta:
        model = Goal
        exclude = ("viewers",)
        read_only_fields = ("owner",)


class DiarySerializer(serializers.ModelSerializer[Diary]):
    class Meta:
        model = Diary
        exclude = ("viewers",)
        read_only_fields = ("owner",)


class CheerSerializer(serializers.ModelSerializer[Cheer]):
    class Meta:
        model = Cheer
        fields = "__all__"
        read_only_fields = ("owner",)


class QuickInputSerializer(serializers.ModelSerializer[QuickInput]):
    weekdays = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = QuickInput
        fields = "__all__"
        read_only_fields = ("owner",)
