"""One field of a form judged while the rest is still being filled in.

A view that `judges` a form answers htmx with what is wrong with the field that was left, and does nothing else: it
says no more than the field itself knows (a form, a number that exists), never whether data belong to somebody. The
form is asked as a whole, as always, when it is submitted.
"""

from collections.abc import Callable, Collection
from functools import wraps
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django_htmx.middleware import HtmxDetails

TOLD = "told-id_"  # and the field's name: where it stands what is wrong
# A field that is judged by another one too.
BESIDE = {"document_number": "document_type"}

View = Callable[..., HttpResponseBase]


def judges(make: Callable[[Any], forms.Form], fields: Collection[str]) -> Callable[[View], View]:
    """Answer for these fields of the form that `make` makes of what was posted. Beneath the mark."""

    def mark(view: View) -> View:
        @wraps(view)
        def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            asked = HtmxDetails(request)
            target = (asked.target or "") if asked and request.method == "POST" else ""
            if not target.startswith(TOLD):
                return view(request, *args, **kwargs)
            name = target.removeprefix(TOLD)
            if name not in fields:
                raise Http404
            return render(request, "components/told.html", {"field": _judged(make(request.POST), name)})

        return answered

    return mark


def _judged(form: forms.Form, name: str) -> Any:
    """The field, judged with the one beside it; what is still empty is not wrong yet."""
    for other in [each for each in form.fields if each not in {name, BESIDE.get(name)}]:
        del form.fields[other]
    form.fields[name].required = False
    form.is_valid()
    return form[name]


def offer(form: forms.Form, *, at: str, fields: Collection[str]) -> None:
    """Have these fields judged at an address, whose view `judges` them, as soon as they are left."""
    for name in set(fields) & set(form.fields):
        trigger = "change"
        if beside := BESIDE.get(name):
            trigger += f", change from:#id_{beside}"
        form.fields[name].judged = {  # type: ignore[attr-defined]
            "data-hx-post": at,
            "data-hx-trigger": trigger,
            "data-hx-target": f"#{TOLD}{name}",
            "data-hx-swap": "innerHTML",
            "data-hx-sync": "this:replace",
        }
