from django.urls import path

from accounts.applications.views import administrators, corrections, requests, track

app_name = "applications"
urlpatterns = [
    path("apply/track/", track.track, name="track"),
    path("entity/administrators/", administrators.start, name="administrators"),
    path("entity/administrators/choose/", administrators.choose, name="administrators_choose"),
    path("entity/administrators/new/", administrators.new_person, name="administrators_new"),
    path("entity/administrators/<str:number>/person/", administrators.person, name="administrators_person"),
    path(
        "entity/administrators/<str:number>/representative/",
        administrators.representative,
        name="administrators_representative",
    ),
    path("entity/administrators/<str:number>/documents/", administrators.documents, name="administrators_documents"),
    path("entity/administrators/<str:number>/agreement/", administrators.agreement, name="administrators_agreement"),
    path("entity/administrators/<str:number>/review/", administrators.review, name="administrators_review"),
    path("entity/administrators/<str:number>/discard/", administrators.discard, name="administrators_discard"),
    path("entity/administrators/<str:number>/proof/", administrators.choose_proof, name="administrators_proof"),
    path("entity/administrators/<str:number>/consent/", administrators.consent, name="administrators_consent"),
    path("entity/administrators/<str:number>/consent/send/", administrators.send_consent, name="send_consent"),
    path("entity/requests/", requests.list_requests, name="requests"),
    path("entity/requests/<str:number>/", requests.request_page, name="request"),
    path("entity/requests/<str:number>/answer/", requests.answer, name="request_answer"),
    path("entity/requests/<str:number>/documents/", requests.new_document, name="request_documents"),
    path("entity/requests/<str:number>/documents/<int:pk>/", requests.document, name="request_document"),
    path(
        "entity/requests/<str:number>/documents/<int:pk>/remove/",
        requests.remove_document,
        name="request_document_remove",
    ),
    path("entity/requests/<str:number>/withdraw/", requests.withdraw, name="request_withdraw"),
    path("entity/requests/<str:number>/changes/", corrections.changes, name="correction_changes"),
    path("entity/requests/<str:number>/review/", corrections.review, name="correction_review"),
    path("entity/requests/<str:number>/discard/", corrections.discard, name="correction_discard"),
    path("account/correction/", corrections.own, name="own_correction"),
    path("staff/<str:euid>/correction/", corrections.of_person, name="correction"),
]
