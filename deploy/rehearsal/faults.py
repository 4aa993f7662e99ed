"""The fault list, by the ids of docs/reliability.md: what is done to the cluster while people work.

A fault is a function of the cluster that returns when all is well again; what it returns are notes for the table.
"""

import random
import shutil
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

from deploy.rehearsal.cluster import WEB, WORKERS, Cluster
from deploy.rehearsal.processes import children, kill, wait_until

Notes = Iterable[str]


@dataclass(frozen=True)
class Fault:
    """`longest` is how many seconds nobody may be without any successful answer; None where the promise names none.

    `answer` is how many anybody may wait for an answer, whatever it is, or None.
    `unnoticed`: every single answer is as without the fault.
    """

    id: str
    title: str
    promise: str
    longest: float | None
    answer: float | None
    unnoticed: bool
    do: Callable[[Cluster], Notes]


FAULTS: list[Fault] = []


def fault(
    id: str,
    title: str,
    promise: str,
    *,
    longest: float | None = None,
    answer: float | None = None,
    unnoticed: bool = False,
) -> Callable[[Callable[[Cluster], Notes]], Callable[[Cluster], Notes]]:
    """Put a function on the list."""

    def decorate(do: Callable[[Cluster], Notes]) -> Callable[[Cluster], Notes]:
        FAULTS.append(Fault(id, title, promise, longest, answer, unnoticed, do))
        return do

    return decorate


def every(seconds: float, lasting: float) -> Iterable[int]:
    """0, 1, 2 …, one each so many seconds."""
    until, turn = time.monotonic() + lasting, 0
    while time.monotonic() < until:
        yield turn
        turn += 1
        time.sleep(seconds)


def healthy(cluster: Cluster, *web: str) -> bool:
    """These web machines answer, asked from the front."""
    return all(cluster.fetch("/healthz", host="front", web=each) == 200 for each in web)


@fault("0", "none, for comparison", "all is acknowledged", longest=2, unnoticed=True)
def nothing(cluster: Cluster) -> Notes:
    time.sleep(10)
    return ()


# --- processes that are killed ---


@fault("K1", "kill -9 of all web processes of both machines", "0 lost; answers within 15 s of a cold start", longest=15)
def all_web(cluster: Cluster) -> Notes:
    for host in WEB:
        cluster.programs[host].kill()
    took = wait_until(lambda: healthy(cluster, *WEB), "both web machines answer", 90)
    return (f"both back after {took:.1f} s",)


@fault("K1b", "kill -9 of one web machine", "0 lost; the other answers", longest=5)
def one_web(cluster: Cluster) -> Notes:
    cluster.programs["web1"].kill()
    took = wait_until(lambda: healthy(cluster, "web1"), "web1 answers", 90)
    return (f"back after {took:.1f} s",)


@fault("K2", "kill -9 of a gunicorn worker each second", "0 lost", longest=5)
def gunicorn_workers(cluster: Cluster) -> Notes:
    killed = 0
    for _turn in every(1, 20):
        alive = [pid for host in WEB if cluster.programs[host].runs for pid in children(cluster.programs[host].pid)]
        if alive:
            kill([random.choice(alive)])
            killed += 1
    wait_until(lambda: healthy(cluster, *WEB), "both web machines answer", 60)
    return (f"{killed} killed",)


@fault(
    "K3",
    "kill -9 of a worker every 4 s, provider accepts and then fails",
    "0 texts lost, 0 sent twice",
    longest=3,
    unnoticed=True,
)
def workers(cluster: Cluster) -> Notes:
    cluster.provider_is("fails after")
    killed = 0
    for turn in every(4, 24):
        program = cluster.programs[WORKERS[turn % 2]]
        if program.runs:
            program.kill()
            killed += 1
    cluster.provider_is("well")
    return (f"{killed} killed",)


@fault("K5", "kill -9 of PgBouncer", "0 lost; back with its restart", longest=6)
def pool(cluster: Cluster) -> Notes:
    for _turn in every(6, 12):
        cluster.programs["pool"].kill()
    return (f"{cluster.wait_for_pages():.1f} s until a page",)


@fault("K6", "kill -9 of nginx", "0 lost; back with its restart", longest=5)
def front(cluster: Cluster) -> Notes:
    cluster.programs["front"].kill()
    return (f"{cluster.wait_for_pages():.1f} s until a page",)


@fault("D2", "the disk of the logs full for 10 s", "people notice nothing", longest=3, unnoticed=True)
def logs_full(cluster: Cluster) -> Notes:
    filler = cluster.logs / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(1 << 20))
    with suppress(OSError), filler.open("ab", buffering=0) as file:
        while True:
            file.write(b"0")
    time.sleep(10)
    free = shutil.disk_usage(cluster.logs).free
    filler.unlink()
    return () if free == 0 else (f"**{free} bytes were left**",)


# --- the SMS provider ---


def provider_for(cluster: Cluster, mode: str, seconds: float) -> None:
    cluster.provider_is(mode)
    time.sleep(seconds)
    cluster.provider_is("well")


@fault("T1", "provider down", "people notice nothing; each text once, later", longest=3, unnoticed=True)
def provider_down(cluster: Cluster) -> Notes:
    provider = cluster.programs["provider"]
    provider.stop()
    time.sleep(15)
    provider.start()
    return ()


@fault(
    "T1b",
    "provider slower than we wait, and it takes the text",
    "people notice nothing; each text once",
    longest=3,
    unnoticed=True,
)
def provider_slow(cluster: Cluster) -> Notes:
    provider_for(cluster, "slow", 20)
    return ()


@fault(
    "T1c",
    "provider accepts and then answers 500 or cuts the line",
    "people notice nothing; each text once",
    longest=3,
    unnoticed=True,
)
def provider_fails_after(cluster: Cluster) -> Notes:
    provider_for(cluster, "fails after", 15)
    return ()


@fault("T1d", "provider answers 500, then 429", "people notice nothing; each text once", longest=3, unnoticed=True)
def provider_refuses(cluster: Cluster) -> Notes:
    provider_for(cluster, "fails", 8)
    provider_for(cluster, "busy", 8)
    return ()


# --- what operators do ---


@fault("Z1", "rolling restart of web and workers", "0 failed", longest=3, unnoticed=True)
def rolling_restart(cluster: Cluster) -> Notes:
    """One machine after another: out of nginx, restarted, in again."""
    for host in WEB:
        cluster.web_machines(out=host)
        cluster.reload_front()
        time.sleep(2)  # what nginx had sent there is being answered
        program = cluster.programs[host]
        program.stop()
        program.start()
        wait_until(lambda host=host: healthy(cluster, host), f"{host} answers", 90)  # type: ignore[misc]
        cluster.web_machines()
        cluster.reload_front()
        time.sleep(1)
    for host in WORKERS:
        cluster.programs[host].stop()
        cluster.programs[host].start()
        time.sleep(3)
    return ()
