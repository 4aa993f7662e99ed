"""What officers fill in about the register."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from accounts import register
from accounts.models import Outcome
from entity_portal.forms import Wanted


class UploadForm(forms.Form):
    """A file of the register. What is no CSV in UTF-8 with the right header is refused here, and nothing is kept."""

    file = forms.FileField(
        label=_("File of the register (CSV)"),
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
        error_messages={"required": _("Choose a file.")},
    )
    whole = forms.BooleanField(
        label=_("This file is the whole register: mark what is not in it as gone"), required=False
    )

    def clean_file(self) -> dict[str, Any]:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > register.LARGEST:
            limit = register.LARGEST // 1024 // 1024
            raise ValidationError(_("The file is larger than %(n)s MB."), code="size", params={"n": limit})
        content = file.read()
        if b"\0" in content:
            raise ValidationError(register.NUL, code="nul")
        try:
            content.decode()
        except UnicodeDecodeError:
            raise ValidationError(register.NOT_UTF_8, code="utf8") from None
        if max(content.count(b"\n"), content.count(b"\r")) > register.MOST_LINES + 1:
            raise ValidationError(register.TOO_MANY_LINES, code="lines", params={"n": register.MOST_LINES})
        if problems := register.header_problems(content):
            raise ValidationError([ValidationError(each.sentence, params=dict(each.params)) for each in problems[:1]])
        return {"name": (file.name or "")[-100:], "content": content}


class NoteField(Wanted, forms.CharField):
    """Some lines in somebody's own words."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=500, widget=forms.Textarea(attrs={"rows": 3}), **kwargs)


class SettleForm(forms.Form):
    """How a task is settled; anything but taking over takes a note."""

    outcome = forms.ChoiceField(
        label=_("What is to be done"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose one.")},
    )
    note = NoteField(label=_("Note"), help_text=_("The reason, for whoever looks it up later."), required=False)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, offered: list[Outcome], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outcome"].choices = [(each.value, each.label) for each in offered]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("outcome") not in {None, Outcome.TAKEN_OVER} and data.get("note") == "":
            self.add_error("note", ValidationError(_("Say why."), code="required"))
        return data
