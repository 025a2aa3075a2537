"""What the models tell. Sent inside the transaction of the change, so that a receiver's writes are there exactly if it is."""

from django.dispatch import Signal

# `row` is the request after the change, `actor` who changed it.
request_changed = Signal()
