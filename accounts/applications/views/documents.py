"""Serving a document that came with an application: to be kept, never to be run or shown inside a page."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from accounts.applications.models import Document


def document_response(document: Document) -> HttpResponse:
    """The file as a download, whatever is in it. Who may have it has been asked, and is recorded, by the caller.

    That no cache keeps it and no browser guesses its type is said of every answer by the middleware.
    """
    response = HttpResponse(document.content.content, content_type=document.media_type)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=document.name) or ""
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
