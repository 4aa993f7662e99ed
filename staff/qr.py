"""The key of an authenticator application, as a picture to scan, an address to open and letters to type."""

from base64 import b32encode
from typing import Any
from urllib.parse import quote, urlencode

import qrcode
from django.utils.translation import gettext as _
from django_otp.plugins.otp_totp.models import TOTPDevice

QUIET = 4  # modules of light around it (ISO/IEC 18004)


def drawn(device: TOTPDevice) -> dict[str, Any]:
    """What a page needs to show a key: `path` and `size` of an SVG, `address` (otpauth://), `key` in groups of four."""
    secret = b32encode(device.bin_key).decode().rstrip("=")
    issuer = _("Macao One Account")
    label = quote(f"{issuer}:{device.user.username} ({device.user.entity.number})")
    parameters = urlencode({"secret": secret, "issuer": issuer, "digits": device.digits, "period": device.step})
    address = f"otpauth://totp/{label}?{parameters}"
    code = qrcode.QRCode(border=QUIET, error_correction=qrcode.constants.ERROR_CORRECT_M)
    code.add_data(address)
    matrix = code.get_matrix()
    return {
        "path": "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(matrix) for x, dark in enumerate(row) if dark),
        "size": len(matrix),
        "address": address,
        "key": " ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
    }
