"""What officers do (Q1). Someone may have several roles; what a page asks for stands on the page."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    REGISTRAR = "registrar", _("Registrar")  # enters and reviews
    APPROVER = "approver", _("Approver")  # decides, never what they entered themselves
    CATALOGUE = "catalogue", _("Catalogue manager")  # e-services and groups of their departments
    AUDITOR = "auditor", _("Auditor")  # reads everything, changes nothing
