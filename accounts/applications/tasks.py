"""Jobs of the worker: the code for whoever comes back."""

from contextlib import suppress

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from accounts.applications import operations
from accounts.applications.access import applicants
from entity_portal import codes

# Nobody is told that it failed, so a passing trouble must not end it; the person waits ten minutes at most.
AGAIN = RetryStrategy(max_attempts=5, exponential_wait=3)


@app.task(queue="door", name="applications.send_return_code", retry=AGAIN)
def send_return_code(number: str, mobile: str) -> None:
    """Send a code if application and mobile belong together; the page has looked at neither (A13, A15)."""
    if found := applicants().filter(number=number, mobile=mobile).first():
        with suppress(codes.TooSoon, codes.TooManyToday):  # asked twice: the code that was sent goes on being good
            operations.send_return_code(application=found)
