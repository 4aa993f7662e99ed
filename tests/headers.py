"""What every answer tells the browser, typed out: by kinds in `attacks/test_headers`, by addresses in `test_access`."""

ON_EVERY_ANSWER = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
CONTENT_POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "media-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
}
SWITCHED_OFF = {
    "accelerometer",
    "autoplay",
    "bluetooth",
    "browsing-topics",
    "camera",
    "clipboard-read",
    "compute-pressure",
    "digital-credentials-get",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "gamepad",
    "geolocation",
    "gyroscope",
    "hid",
    "identity-credentials-get",
    "idle-detection",
    "keyboard-map",
    "local-fonts",
    "local-network-access",
    "magnetometer",
    "microphone",
    "midi",
    "otp-credentials",
    "payment",
    "picture-in-picture",
    "publickey-credentials-create",
    "publickey-credentials-get",
    "screen-wake-lock",
    "serial",
    "storage-access",
    "sync-xhr",
    "usb",
    "window-management",
    "xr-spatial-tracking",
}
IN_NO_CACHE = {"no-store", "private"}


def faults(headers: dict[str, str], *, kept_in_no_cache: bool = True) -> list[str]:
    """What an answer's headers lack, or say too much."""
    wrong = [f"{name}: {headers.get(name)}" for name, value in ON_EVERY_ANSWER.items() if headers.get(name) != value]
    if set(headers.get("Content-Security-Policy", "").split("; ")) != CONTENT_POLICY:
        wrong.append(f"Content-Security-Policy: {headers.get('Content-Security-Policy')}")
    if set(headers.get("Permissions-Policy", "").split(", ")) != {f"{feature}=()" for feature in SWITCHED_OFF}:
        wrong.append(f"Permissions-Policy: {headers.get('Permissions-Policy')}")
    if kept_in_no_cache and not set(headers.get("Cache-Control", "").split(", ")) >= IN_NO_CACHE:
        wrong.append(f"Cache-Control: {headers.get('Cache-Control')}")
    return wrong + [f"{name} is there" for name in headers if name.startswith("Access-Control-") or name == "Server"]
