"""The picture, the sound, and another question without loading the page again."""

import re
from io import BytesIO

from captcha.image import ImageCaptcha
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from entity_portal.access import public
from entity_portal.humancheck.fields import browser_of, described
from entity_portal.humancheck.models import Challenge, Kind
from entity_portal.humancheck.sound import read_aloud
from entity_portal.ratelimit import limited

INK, PAPER = (32, 49, 56), (245, 244, 239)


class Letters(ImageCaptcha):
    """Dark letters on light paper: the library's own are too pale to read."""

    def __init__(self) -> None:
        super().__init__(width=192, height=64)
        self.lookup_table = [min(255, level * 6) for level in range(256)]


def asked(key: str, kind: Kind) -> Challenge:
    """The question of this kind that still waits for its answer; 404 without one."""
    return get_object_or_404(Challenge, key=key, kind=kind, expires_at__gt=timezone.now())


@public
def picture(request: HttpRequest, key: str) -> HttpResponse:
    challenge = asked(key, Kind.PICTURE)
    image = Letters().generate_image(challenge.task, bg_color=PAPER, fg_color=INK)
    png = BytesIO()
    image.save(png, "PNG")
    return HttpResponse(png.getvalue(), content_type="image/png")


@public
def sound(request: HttpRequest, key: str) -> HttpResponse:
    """The digits in the language of the page; what they sound like follows from the key, which alone tells nothing."""
    challenge = asked(key, Kind.AUDIO)
    seed = salted_hmac("entity_portal.humancheck.sound", challenge.key).digest()
    return in_pieces(request, read_aloud(challenge.task, str(get_language()), seed))


def in_pieces(request: HttpRequest, wav: bytes) -> HttpResponse:
    """The sound, or the piece asked for (RFC 9110, section 14): Safari plays nothing that does not come in pieces."""
    headers = {"Accept-Ranges": "bytes"}
    wanted = re.fullmatch(r"bytes=([0-9]{1,9})-([0-9]{0,9})", request.headers.get("Range", ""))
    first, last = (int(wanted[1]), int(wanted[2] or len(wav))) if wanted else (0, 0)
    piece = wav[first : last + 1]
    if not wanted or not piece:
        return HttpResponse(wav, content_type="audio/wav", headers=headers)
    headers["Content-Range"] = f"bytes {first}-{first + len(piece) - 1}/{len(wav)}"
    return HttpResponse(piece, status=206, content_type="audio/wav", headers=headers)


@public
@limited("60/m")
@require_POST
def another(request: HttpRequest) -> JsonResponse:
    kind = request.POST.get("kind", "")
    return JsonResponse(described(Challenge.ask(kind if kind in Kind.values else Kind.PICTURE, browser_of(request))))
