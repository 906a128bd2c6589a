"""The description of a field: its text, what it is by default, and what null means."""

from django.core.exceptions import FieldDoesNotExist
from django.db.models import NOT_PROVIDED
from rest_framework.serializers import Field, ModelSerializer, Serializer

from core.fields import NewIdField
from core.schema.operations import FIELDS, described
from core.serializers import StrictMixin


def schema_name(serializer_class: type) -> str:
    """Return the name of a serializer's component, without what requests add to it."""
    own = vars(serializer_class).get("schema_name")
    return str(own or serializer_class.__name__.removesuffix("Serializer"))


def request_name(serializer: Serializer) -> str:
    """Return the name of a serializer's component for bodies: NewGoal, GoalUpdate, SignIn."""
    name = schema_name(type(serializer))
    if not isinstance(serializer, ModelSerializer):
        return name
    return f"{name}Update" if serializer.partial else f"New{name.removeprefix('New')}"


def description_of(field: Field, help_text: str, *, is_request: bool) -> str:
    """Return the description of a field of a serializer, which is empty if there is no text."""
    text = text_of(field, help_text, is_request=is_request)
    if not text or not isinstance(field.parent, Serializer):
        return text
    is_create = is_request and not field.parent.partial
    notes = [default_of(field) if is_create else "", meaning_of_null(field, is_request=is_request)]
    return " ".join([text, *(note for note in notes if note and "null" not in text)])


def text_of(field: Field, help_text: str, *, is_request: bool) -> str:
    """Return the text of the apps' modules `schema` for a field, or else its help_text."""
    described()  # imports them
    parent = field.parent
    names = [name for base in type(parent).__mro__ if (name := schema_name(base))]
    if is_request and isinstance(parent, Serializer):
        names.insert(0, request_name(parent))
    name = str(field.field_name)
    texts = [FIELDS[key][name] for key in names if name in FIELDS.get(key, ())]
    if isinstance(field, NewIdField) and not is_request:
        help_text = ""  # it says what a client may send
    return next((text for text in (*texts, help_text, FIELDS[""].get(name)) if text), "")


def default_of(field: Field) -> str:
    """Return a sentence with what a new row has if the field is left out, or an empty text."""
    model = getattr(getattr(field.parent, "Meta", None), "model", None)
    if model is None or field.required:
        return ""
    try:
        default = getattr(model._meta.get_field(field.source), "default", NOT_PROVIDED)
    except FieldDoesNotExist:
        return ""
    if default is NOT_PROVIDED or default is None or callable(default):
        return ""
    shown = str(default).lower() if isinstance(default, bool) else f"`{default}`"
    return f"{shown if default != '' else 'Empty'} by default."


def meaning_of_null(field: Field, *, is_request: bool) -> str:
    """Return a sentence with what null means as the value of a field, or an empty text."""
    parent = field.parent
    if is_request:
        is_update = getattr(parent, "partial", False)
        if may_be_left_out_by_null(field):
            return f"null {'leaves it as it is' if is_update else 'is as good as leaving it out'}."
        return "null clears it." if field.allow_null and is_update else ""
    is_private = field.field_name in getattr(getattr(parent, "Meta", None), "private_fields", ())
    meanings = ["if there is none"] * field.allow_null + ["for other people"] * is_private
    return f"null {' and '.join(meanings)}." if meanings else ""


def may_be_left_out_by_null(field: Field) -> bool:
    """Return whether a body may have null as the value of this field to say nothing about it."""
    parent = field.parent
    if not isinstance(parent, StrictMixin) or field.read_only:
        return False
    is_optional = not field.required or getattr(parent, "partial", False)
    return is_optional and parent.null_means_left_out(str(field.field_name))


def description_of_body(serializer: Serializer, docstring: str) -> str:
    """Return the description of the component for a body."""
    if not isinstance(serializer, ModelSerializer) or type(serializer).__name__.startswith("New"):
        return docstring
    noun = serializer.Meta.model._meta.verbose_name  # type: ignore[attr-defined]  # as DRF has it
    if serializer.partial:
        return f"The fields of {one(noun)} to change. Those that are left out stay as they are."
    return f"A new {noun}."


def one(noun: str) -> str:
    """Return the noun with its article."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def unwrapped(text: str) -> str:
    """Return a docstring with one line for each paragraph and each item of a list."""
    paragraphs = text.split("\n\n")
    return "\n\n".join(part.replace("\n", " ").replace(" - ", "\n- ") for part in paragraphs)
