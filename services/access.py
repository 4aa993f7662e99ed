"""Marks of this room."""

from entity_portal.access import only

# S14.1: an administrator, or a login with the 服務管理員 power
assigner_only = only("assigner_only", lambda user: user.is_authenticated and user.can_assign)
