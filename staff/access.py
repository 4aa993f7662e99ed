"""Marks of this room."""

from entity_portal.access import only

administrator_only = only("administrator_only", lambda user: user.is_authenticated and user.is_administrator)
