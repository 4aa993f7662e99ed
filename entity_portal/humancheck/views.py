"""The picture, and another question without loading the page again."""

from io import BytesIO

from captcha.image import ImageCaptcha
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from entity_portal.access import public
from entity_portal.humancheck.fields import described
from entity_portal.humancheck.models import Challenge, Kind
from entity_portal.ratelimit import limited

INK, PAPER = (32, 49, 56), (245, 244, 239)


class Letters(ImageCaptcha):
    """Dark letters on light paper: the library's own are too pale to read."""

    def __init__(self) -> None:
        super().__init__(width=192, height=64)
        self.lookup_table = [min(255, level * 6) for level in range(256)]


@public
@never_cache
def picture(request: HttpRequest, key: str) -> HttpResponse:
    challenge = Challenge.objects.filter(key=key, kind=Kind.PICTURE, expires_at__gt=timezone.now()).first()
    if challenge is None:
        raise Http404
    image = Letters().generate_image(challenge.task, bg_color=PAPER, fg_color=INK)
    png = BytesIO()
    image.save(png, "PNG")
    return HttpResponse(png.getvalue(), content_type="image/png")


@public
@limited("60/m")
@require_POST
def another(request: HttpRequest) -> JsonResponse:
    kind = request.POST.get("kind", "")
    return JsonResponse(described(Challenge.ask(kind if kind in Kind.values else Kind.PICTURE)))
