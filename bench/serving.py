"""The portal's own settings as in production; only limits are off: a benchmark knocks more often than they allow."""

from entity_portal.settings import *  # noqa: F403

RATELIMIT_ENABLE = False
