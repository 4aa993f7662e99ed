"""What officers do (Q1). Someone may have several roles; what a page asks for stands on the page."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    REGISTRAR = "registrar", _("Registrar")  # enters and reviews
    APPROVER = "approver", _("Approver")  # decides, never what they entered themselves
    CATALOGUE = "catalogue", _("Catalogue manager")  # e-services and groups of their departments
    AUDITOR = "auditor", _("Auditor")  # reads everything, changes nothing


MEANINGS = {
    Role.REGISTRAR: _("Enters and reviews applications, imports the register, looks after entities."),
    Role.APPROVER: _("Decides applications, but never one that he or she entered."),
    Role.CATALOGUE: _("Looks after departments, e-services, service groups, and to whom they are open."),
    Role.AUDITOR: _("Reads everything, with the history and its download, and changes nothing."),
}
