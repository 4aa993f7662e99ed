from django.contrib.auth.decorators import login_required
from django.contrib.auth.hashers import check_password, make_password
from django.forms import modelform_factory
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.csrf import csrf_exempt

from bench.data import PASSWORD
from bench.yardsticks.bare.models import Person

FIELDS = ["name_zh", "name_foreign", "document_number", "birth_date", "mobile", "email"]
KEPT = make_password(PASSWORD)


def alive(request: HttpRequest) -> HttpResponse:
    return HttpResponse("alive")


def of(request: HttpRequest) -> int:
    """The entity of whoever asks."""
    return request.user.entity_id  # type: ignore[union-attr]


@login_required
def list_people(request: HttpRequest) -> HttpResponse:
    """B"""
    people = Person._default_manager.filter(entity_id=of(request)).order_by("username")[:25]
    return render(request, "bare/list.html", {"people": people})


@login_required
def edit(request: HttpRequest, euid: str) -> HttpResponse:
    """E"""
    person = get_object_or_404(Person, entity_id=of(request), euid=euid)
    form = modelform_factory(Person, fields=FIELDS)(instance=person)
    return render(request, "bare/edit.html", {"form": form})


@csrf_exempt  # it measures a hash alone: no session is read, nothing is changed
def look_at_password(request: HttpRequest) -> HttpResponse:
    """H"""
    return HttpResponse("right" if check_password(request.POST["password"], KEPT) else "wrong")
