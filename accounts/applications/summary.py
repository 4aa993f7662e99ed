"""What was filled in, to be read again: the label of each field with its value, in the reader's language."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms

from entity_portal import phones, text
from entity_portal.forms import MobileField

Row = tuple[Any, str]  # label, value


def rows(form: forms.Form, kept: Mapping[str, Any]) -> list[Row]:
    """The fields of a form that keep something, with what `kept` (a part of `answers`) has for them."""
    return [(field.label, _said(field, kept.get(name))) for name, field in form.fields.items() if name in kept]


def _said(field: forms.Field, value: Any) -> str:
    if not value:
        return ""
    if isinstance(field, forms.ChoiceField):
        return str(dict(field.choices).get(value, value))  # type: ignore[arg-type]
    if isinstance(field, MobileField):
        return phones.written(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def name_of(person: Mapping[str, Any]) -> str:
    """In the reader's script."""
    return text.name(person.get("name_zh", ""), person.get("name_foreign", ""))


def subject_of(entity: Mapping[str, Any]) -> str:
    """What lists call the application."""
    return entity["name_zh"] or entity["name_pt"]
