"""Many at once, each on its own connection, released together."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connections

Result = TypeVar("Result")


def at_once(times: int, call: Callable[[int], Result]) -> list[Result | Exception]:
    """What `call(0)` … `call(times - 1)` return or raise when they start in the same moment."""
    barrier = threading.Barrier(times)

    def one(number: int) -> Result | Exception:
        try:
            barrier.wait(30)
            return call(number)
        except Exception as problem:  # it is a result here
            return problem
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))
