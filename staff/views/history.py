"""紀錄: who did what and when in the entity."""

from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from entity_portal import lists
from entity_portal.audit.actions import Action
from entity_portal.audit.models import Event
from entity_portal.audit.operations import record
from entity_portal.sheets import download
from entity_portal.text import number
from staff import exports, history
from staff.access import SignedIn, administrator_only, recently_proven
from staff.forms import HistoryForm

PER_PAGE = 25
COUNTED = 1_000  # lines: of more, nobody waits to hear how many
SORTS = {"time": ("at", "id")}
DEFAULT_SORT = "-time"


@administrator_only
@require_safe
def list_history(request: SignedIn) -> HttpResponse:
    """The lines that fit, the newest first or last."""
    filters = HistoryForm.understood(request.GET)
    lines_found = _found(request, filters)
    counted = lines_found.annotate(found=lists.CountOf(lines_found.order_by().values("pk")[: COUNTED + 1]))
    turn = lists.Turn.of(counted, PER_PAGE, after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    n = turn.rows[0].found if turn.rows else 0
    labels = {
        "time": _("Time"),
        "what": _("What happened"),
        "who": _("By"),
        "about": _("About"),
        "details": _("Details"),
    }
    found = ngettext("%(n)s line found", "%(n)s lines found", n) % {"n": number(n)}
    many = _("More than %(n)s lines found; the download has all of them") % {"n": number(COUNTED)}
    context = {
        "turn": turn,
        "found": many if n > COUNTED else found,
        "columns": lists.columns(request, labels, sorts=SORTS, sort=_sort(request), default=DEFAULT_SORT),
        "rows": history.told(request.user.entity, turn.rows),
        "filters": filters,
    }
    return lists.draw(request, "staff/history.html", context)


def _sort(request: SignedIn) -> str:
    return lists.understood(request.GET.get("sort", ""), SORTS, DEFAULT_SORT)


def _found(request: SignedIn, filters: HistoryForm) -> QuerySet[Event]:
    found = history.find(request.user.entity, **filters.cleaned_data)
    order = SORTS["time"]
    return found.order_by(*(f"-{each}" for each in order) if _sort(request).startswith("-") else order)


@administrator_only
@require_safe
@recently_proven(back="staff:history")
def export(request: SignedIn) -> StreamingHttpResponse:
    """The lines that fit, all of them, as CSV."""
    house, found = request.user.entity, _found(request, HistoryForm.understood(request.GET))
    record(Action.LIST_DOWNLOADED, entity=house.number, actor=request.user, what="history", rows=found.count())
    return download(f"history-{house.number}", exports.history_lines(house, found))
