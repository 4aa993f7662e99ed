"""More than the portal can do: who is accepted is served as usual, the rest is told at once (L1 to L4)."""

import json
import sys
import time
from typing import Any

from deploy.rehearsal.cluster import NAME, ROOT, Cluster
from deploy.rehearsal.faults import Notes, fault
from deploy.rehearsal.ledger import TOLD_DONE, read
from deploy.rehearsal.network import HOSTS, inside, run

USUAL, TENFOLD = 8, 120  # connections that ask again at once
WITHIN = 2.0  # times the usual p99
QUICK = 500.0  # ms until somebody knows that it is too much now


def crowd(cluster: Cluster, kind: str, at_once: int, seconds: float) -> dict[str, dict[str, float]]:
    """What `crowd` prints."""
    program = ["env", f"--chdir={ROOT}", sys.executable, "-m", "deploy.rehearsal.crowd", str(cluster.folder)]
    said = run([*inside("client"), *program, HOSTS["front"], NAME, kind, str(at_once), str(seconds)])
    found: dict[str, dict[str, float]] = json.loads(said)
    return found


@fault("L2", "ten times as many who ask for pages", "accepted within twice their p99, the rest 503 at once", longest=3)
def overload(cluster: Cluster) -> Notes:
    usual = crowd(cluster, "pages", USUAL, 8)["200"]
    time.sleep(1)
    found = crowd(cluster, "pages", TENFOLD, 12)
    much, shed = found["200"], found.get("503", {"count": 0, "p99": 0.0})
    others = {status: each["count"] for status, each in found.items() if status not in {"200", "503"}}
    notes = [f"p99 {usual['p99']:.0f} ms usually, {much['p99']:.0f} ms under it"]
    notes.append(f"{shed['count']:.0f} × 503 in {shed['p99']:.0f} ms")
    if much["p99"] > WITHIN * usual["p99"] or shed["p99"] > QUICK or others:
        notes.append(f"**too slow, or other answers: {others}**")
    return notes


@fault("L4", "a storm of sign-ins with right passwords", "other pages answer as usual", longest=3)
def storm(cluster: Cluster) -> Notes:
    def pages(begun: float, ended: float) -> float:
        """Milliseconds that all but the slowest hundredth of the pages took that people read meanwhile."""
        lines = read(cluster.folder / "ledger.jsonl")
        took: Any = sorted(
            1000 * (line.ended - line.begun)
            for line in lines
            if line.what == "read" and line.told in TOLD_DONE and begun <= line.begun <= ended
        )
        return float(took[int(0.99 * len(took))]) if took else 0.0

    calm = time.monotonic()
    time.sleep(10)
    begun = time.monotonic()
    found = crowd(cluster, "doors", 40, 12)
    ended = time.monotonic()
    said = ", ".join(f"{each['count']:.0f} × {status} (p99 {each['p99']:.0f} ms)" for status, each in found.items())
    return (f"sign-ins: {said}", f"pages: p99 {pages(calm, begun):.0f} ms before, {pages(begun, ended):.0f} ms in it")
