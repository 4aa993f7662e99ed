from django.urls import path

from accounts.applications.views import apply, requests, submit, track

app_name = "applications"
urlpatterns = [
    path("apply/", apply.start, name="apply"),
    path("apply/begin/", apply.begin, name="apply_begin"),
    path("apply/entity/", apply.entity, name="apply_entity"),
    path("apply/representative/", apply.representative, name="apply_representative"),
    path("apply/administrators/", apply.administrators, name="apply_administrators"),
    path("apply/administrators/<int:place>/", apply.administrator, name="apply_administrator"),
    path("apply/administrators/<int:place>/remove/", apply.remove_administrator, name="apply_remove_administrator"),
    path("apply/documents/", apply.documents, name="apply_documents"),
    path("apply/documents/<int:pk>/remove/", apply.remove_document, name="apply_remove_document"),
    path("apply/agreement/", apply.agreement, name="apply_agreement"),
    path("apply/review/", submit.review, name="apply_review"),
    path("apply/submit/", submit.submit, name="apply_submit"),
    path("apply/save/", submit.save, name="apply_save"),
    path("apply/save/send/", submit.send_code, name="apply_send_code"),
    path("apply/save/code/", submit.prove, name="apply_prove"),
    path("apply/consent/", submit.consent, name="apply_consent"),
    path("apply/consent/send/", submit.send_consent, name="apply_send_consent"),
    path("apply/credentials/", submit.credentials, name="apply_credentials"),
    path("apply/done/", submit.done, name="apply_done"),
    path("apply/discard/", submit.discard, name="apply_discard"),
    path("apply/withdraw/", submit.withdraw, name="apply_withdraw"),
    path("apply/track/", track.track, name="track"),
    path("apply/track/code/", track.track_code, name="track_code"),
    path("apply/track/again/", track.track_again, name="track_again"),
    path("apply/progress/", track.progress, name="apply_progress"),
    path("apply/answer/", track.answer, name="apply_answer"),
    path("apply/leave/", track.leave, name="apply_leave"),
    path("entity/requests/<str:number>/", requests.request_page, name="request"),
]
