"""Everything that can stand in the history, each with the sentence a page shows."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Action(models.TextChoices):
    ENTITY_OPENED = "entity.opened", _("Entity account opened")
    ENTITY_CHANGED = "entity.changed", _("Data of the entity changed")
    ENTITY_STATUS_CHANGED = "entity.status_changed", _("Status of the entity changed")
    REGISTER_UPLOADED = "register.uploaded", _("Register file uploaded")
    REGISTER_IMPORTED = "register.imported", _("Register imported")
    REGISTER_TASK_DONE = "register.task_done", _("Task from the register done")

    OFFICER_READ = "officer.read", _("Shown to an officer")
    OFFICER_EXPORTED = "officer.exported", _("Downloaded by an officer")
    OFFICER_ROLES_CHANGED = "officer.roles_changed", _("Roles of an officer changed")

    APPLICATION_SUBMITTED = "application.submitted", _("Application submitted")
    APPLICATION_MOVED = "application.moved", _("Application moved on")
    APPLICATION_CLAIMED = "application.claimed", _("Application taken on by an officer")
    APPLICATION_RELEASED = "application.released", _("Application handed back by an officer")
    APPLICATION_CODE_SENT = "application.code_sent", _("Code for an application sent by SMS")
    APPLICATION_CODE_REFUSED = "application.code_refused", _("Code for an application refused")
    APPLICATION_CONFIRMED = "application.confirmed", _("Confirmed by the legal representative")
    DOCUMENT_READ = "document.read", _("Document read")

    LOGIN_CREATED = "login.created", _("Staff login created")
    LOGIN_CHANGED = "login.changed", _("Data changed")
    EMAIL_LINK_SENT = "login.email_link_sent", _("Link sent to confirm an e-mail address")
    LOGIN_ACTIVATED = "login.activated", _("Staff login activated")
    LOGIN_DEPARTED = "login.departed", _("Marked as left (no longer employed)")
    LOGIN_CORRECTED = "login.corrected", _("Data corrected by an application")
    ADMINISTRATOR_ADDED = "login.administrator_added", _("Administrator power given")
    ADMINISTRATOR_REMOVED = "login.administrator_removed", _("Administrator power removed")
    DATA_REVEALED = "login.data_revealed", _("Masked data shown in full")
    LIST_EXPORTED = "login.list_exported", _("Staff list downloaded")
    LIST_DOWNLOADED = "list.downloaded", _("List downloaded")

    TERMS_ACCEPTED = "terms.accepted", _("Terms accepted in a new version")
    CODE_SENT = "code.sent", _("Activation code sent by SMS")
    CODE_REFUSED = "code.refused", _("Activation refused: the data did not match")

    SIGNED_IN = "door.signed_in", _("Logged in")
    SIGN_IN_REFUSED = "door.refused", _("Login refused")
    LOCKED = "door.locked", _("Locked after five wrong passwords")
    PASSWORD_CHANGED = "door.password_changed", _("Password changed")
    RESET_CODE_SENT = "door.reset_code_sent", _("Password reset code sent by SMS")
    RESET_CODE_REFUSED = "door.reset_code.refused", _("Password reset code refused")
    TEXT_WITHHELD = "door.text_withheld", _("SMS not sent: too many")
    PASSWORD_RESET = "door.password_reset", _("Password reset")
    NEW_PASSWORD_DEMANDED = "door.new_password_demanded", _("A new password was demanded")
    SIGN_IN_CODE_SENT = "door.code_sent", _("Login code sent by SMS")
    SECOND_FACTOR_SET_UP = "door.factor_set_up", _("Authenticator app set up")
    SECOND_FACTOR_REMOVED = "door.factor_removed", _("Authenticator app turned off")
    RECOVERY_CODES_RENEWED = "door.recovery_renewed", _("New recovery codes made")
    RECOVERY_CODE_USED = "door.recovery_used", _("A recovery code was used")
    SESSIONS_ENDED = "door.sessions_ended", _("Sessions ended")
    SECOND_FACTOR_DEMANDED = "entity.second_factor", _("Code at login: rule changed")
    USERNAME_REMINDED = "door.username_reminded", _("Username sent by SMS")

    CLIENT_REGISTERED = "client.registered", _("Program of an e-service registered")
    CLIENT_CHANGED = "client.changed", _("Program of an e-service changed")
    CLIENT_SECRET_MADE = "client.secret_made", _("New secret for a program of an e-service")
    SIGNED_IN_AT_SERVICE = "service.signed_in", _("Logged in at an e-service")
    SIGNED_OUT_AT_SERVICE = "service.signed_out", _("Logged out of an e-service")
    CATALOGUE_CHANGED = "catalogue.changed", _("Catalogue changed")
    GROUP_MERGED = "catalogue.group_merged", _("Service group merged into another")
    SERVICE_OPENED = "service.opened", _("E-service opened to the entity")
    OPENING_CHANGED = "service.opening_changed", _("Opening of an e-service changed")
    ASSIGNED = "service.assigned", _("Added to a service group")
    UNASSIGNED = "service.unassigned", _("Removed from a service group")
    DATES_CHANGED = "service.dates_changed", _("Dates of an assignment changed")
    SERVICE_ADMINISTRATOR_GRANTED = "service.administrator_granted", _("Made a service administrator")
    SERVICE_ADMINISTRATOR_NARROWED = (
        "service.administrator_narrowed",
        _("E-services of a service administrator changed"),
    )
    SERVICE_ADMINISTRATOR_REMOVED = "service.administrator_removed", _("Service administrator power removed")
