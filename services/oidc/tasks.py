"""Jobs of the worker: telling e-services of sign-outs."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from services.oidc import backchannel


# Put into the queue by the database itself when a sign-in ends (migration 0002): whoever ends it need not think of it.
# The second try comes after five seconds, each further one half a minute later, until `backchannel.tell` gives up.
@app.task(queue="logout", name="oidc.tell", retry=RetryStrategy(wait=5, linear_wait=30))
def tell(sign_in: str) -> None:
    backchannel.tell(sign_in)
