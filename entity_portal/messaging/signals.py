"""What rooms above may want to know of texts: the cellar cannot call them."""

from django.dispatch import Signal

# `sms`: a text will not arrive, or nobody knows; sent in the transaction that says so.
given_up = Signal()
