"""Attacks that need the wire get a real server."""

from tests.running import portal, static_files

__all__ = ["portal", "static_files"]
