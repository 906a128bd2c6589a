"""Models of todos, quick inputs and dismissals."""

from todos.models.quick_inputs import (
    QUICK_INPUTS_PER_PERSON,
    Dismissal,
    QuickInput,
    QuickInputQuerySet,
)
from todos.models.todos import TODOS_IN_ARCHIVE, TODOS_PER_DAY, Todo, TodoQuerySet

__all__ = [
    "QUICK_INPUTS_PER_PERSON",
    "TODOS_IN_ARCHIVE",
    "TODOS_PER_DAY",
    "Dismissal",
    "QuickInput",
    "QuickInputQuerySet",
    "Todo",
    "TodoQuerySet",
]
