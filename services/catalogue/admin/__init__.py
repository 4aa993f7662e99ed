"""The catalogue's pages for officers: a catalogue manager's departments and no others; auditors read all (Q1)."""

from services.catalogue.admin import departments, errands, groups, openings, services

__all__ = ["departments", "errands", "groups", "openings", "services"]
