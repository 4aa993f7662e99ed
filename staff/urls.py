from django.urls import path

from staff.views import door, people, security

app_name = "staff"
urlpatterns = [
    path("login/", door.sign_in, name="sign_in"),
    path("login/verify/", door.verify, name="verify"),
    path("login/verify/sms/", door.verify_send, name="verify_send"),
    path("login/app/", door.set_up_app, name="set_up_app"),
    path("login/password/", door.new_password, name="new_password"),
    path("logout/", door.sign_out, name="sign_out"),
    path("help/reset-password/", door.reset_password, name="reset_password"),
    path("help/reset-password/code/", door.reset_password_code, name="reset_password_code"),
    path("help/reset-password/again/", door.reset_password_again, name="reset_password_again"),
    path("help/username/", door.remind_username, name="remind_username"),
    path("account/password/", security.change_password, name="change_password"),
    path("account/confirm/", security.confirm, name="confirm"),
    path("account/security/", security.security, name="security"),
    path("account/security/app/begin/", security.begin_app, name="begin_app"),
    path("account/security/app/", security.app, name="app"),
    path("account/security/app/replace/", security.replace_app, name="replace_app"),
    path("account/security/app/remove/", security.remove_app, name="remove_app"),
    path("account/security/recovery-codes/", security.recovery_codes, name="recovery_codes"),
    path("account/security/recovery-codes/new/", security.new_recovery_codes, name="new_recovery_codes"),
    path("account/security/sessions/end/", security.end_other_sessions, name="end_other_sessions"),
    path("account/security/sessions/<str:key>/end/", security.end_session, name="end_session"),
    path("account/session/", security.session, name="session"),
    path("entity/security/", security.entity_security, name="entity_security"),
    path("staff/", people.list_staff, name="list"),
    path("staff/export.csv", people.export, name="export"),
    path("staff/new/", people.new, name="new"),
    path("staff/<str:euid>/edit/", people.edit, name="edit"),
    path("staff/<str:euid>/administrator/", people.remove_administrator, name="remove_administrator"),
    path("staff/<str:euid>/reveal/", people.reveal, name="reveal"),
]
