"""The authenticator application of the demonstration's officers: one key for all of them, which everybody may know."""

import time
from base64 import b32encode
from datetime import UTC, datetime

from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from staff.models import StaffLogin

KEY = "6d6163617520646566617564656d6f2032303236"  # hexadecimal
STEP = 30  # seconds


def set_up(login: StaffLogin) -> None:
    TOTPDevice.objects.create(user=login, name="app", confirmed=True, key=KEY, step=STEP)


def code() -> str:
    """The six digits that open the second step now."""
    return f"{totp(bytes.fromhex(KEY), step=STEP):06d}"


def valid_until() -> datetime:
    """When the next code follows."""
    return datetime.fromtimestamp((int(time.time()) // STEP + 1) * STEP, UTC)


def secret() -> str:
    """The key as an application asks for it, in groups of four."""
    written = b32encode(bytes.fromhex(KEY)).decode()
    return " ".join(written[at : at + 4] for at in range(0, len(written), 4))
