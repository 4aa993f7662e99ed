"""In which order names stand: Chinese ones by the number of their strokes, Latin ones by Portuguese rules.

The tables are Unicode's (CLDR), through ICU. A database sorts by them only where it was built with them, so each name
is kept with a key: bytes, in whose order the names stand. After a new version of ICU `manage.py sort_names` writes them
all anew.
"""

from functools import cache
from hashlib import sha256
from typing import Any

import icu
from django.db import models

CHINESE, LATIN = "zh-Hant-u-co-stroke", "pt"
LONGEST = 400  # bytes of a key that come from the name: an index takes some 2700 for all its columns
MARK = 8  # bytes of a digest at the end: equal names alone have equal keys, and the database sees whose a key is
NOBODY = b"\xff"  # who has no such name comes last


@cache
def _collator(rules: str) -> Any:
    return icu.Collator.createInstance(icu.Locale.forLanguageTag(rules))


def sort_key(name: str, rules: str) -> bytes:
    """The bytes by which a name is sorted, by `rules` (`CHINESE` or `LATIN`)."""
    order = _collator(rules).getSortKey(name)[:LONGEST] if name else NOBODY
    return order + sha256(name.encode()).digest()[:MARK]


class SortKeyField(models.BinaryField):
    """The key of the name in the field `of`, written whenever a row is."""

    def __init__(self, *args: Any, of: str, rules: str, **kwargs: Any) -> None:
        super().__init__(*args, **(kwargs | {"editable": False, "default": b""}))
        self.of, self.rules = of, rules

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("default", None)
        return name, path, args, kwargs | {"of": self.of, "rules": self.rules}

    def pre_save(self, model_instance: models.Model, add: bool) -> bytes:
        key = sort_key(getattr(model_instance, self.of), self.rules)
        setattr(model_instance, self.attname, key)
        return key
