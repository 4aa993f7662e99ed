"""The portal's own settings, with addresses at which its pages for what went wrong can be asked for."""

from entity_portal.settings import *  # noqa: F403

ROOT_URLCONF = "tests.screens.wrong"
