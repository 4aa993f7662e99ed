"""`deploy/rehearse`: build the portal on ten machines that are one, break it as the fault list says, and tell.

    deploy/rehearse                        everything, some twenty minutes
    deploy/rehearse --faults P3,P4         these alone
    deploy/rehearse --up                   only build it, say where everything is, and wait for Ctrl-C
    deploy/rehearse --markdown FILE        keep the table there too

Needs root and Debian's packages, which it names. Ends with 1 where a promise was not kept.
"""

import argparse
import os
import platform
import shlex
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from deploy.rehearsal import database_faults, load_faults, programs, restore
from deploy.rehearsal.cluster import NAME, ROOT, Cluster
from deploy.rehearsal.faults import FAULTS, Fault
from deploy.rehearsal.ledger import WAITING, Row, Window, judge, look, read
from deploy.rehearsal.network import HOSTS, Failed
from deploy.rehearsal.processes import Program, wait_until
from deploy.rehearsal.table import markdown

LISTS = (database_faults, load_faults, restore)  # they put their faults on the list when they are imported
CALM = 5.0  # seconds between two faults, and before the first
AFTER = 3.0  # seconds that still belong to a fault when all is well again
DRAIN = 420.0  # seconds for the texts that wait: whoever was claimed by the dead is looked up after a minute or two


def main() -> int:
    options = arguments()
    chosen = pick(options.faults)
    begun = time.monotonic()

    def say(what: str) -> None:
        print(f"{time.monotonic() - begun:6.1f} s  {what}", file=sys.stderr, flush=True)

    try:
        programs.demand()
        folder = Path(options.folder or tempfile.mkdtemp(prefix="portal-rehearsal-")) / "run"
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.parent.chmod(0o711)  # PostgreSQL and nginx have users of their own
        cluster = Cluster(folder, say)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        try:
            cluster.up()
            say(f"up; everything is in {folder}")
            if options.up:
                wait_for_interrupt(cluster)
                return 0
            rows = rehearse(cluster, chosen, until=begun + 60 * options.minutes)
        finally:
            say("down")
            cluster.down()
    except Failed as trouble:
        print(trouble, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    told = markdown(rows, command=shlex.join(["deploy/rehearse", *sys.argv[1:]]), machine=machine())
    print(told)
    if options.markdown:
        keep(Path(options.markdown), told)
    if not options.keep:
        shutil.rmtree(folder.parent, ignore_errors=True)
    return int(not all(row.kept for row in rows))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="deploy/rehearse", description=__doc__.partition("\n")[0])
    parser.add_argument("--faults", default="", help=f"of {', '.join(fault.id for fault in FAULTS)}; all by default")
    parser.add_argument("--minutes", type=float, default=90, help="after so many no further fault is begun")
    parser.add_argument("--up", action="store_true", help="build it and wait for Ctrl-C")
    parser.add_argument("--folder", default="", help="where everything lies; a new one by default")
    parser.add_argument("--keep", action="store_true", help="keep logs and ledger")
    parser.add_argument("--markdown", default="", help="a file for the table, between its two marks where it has them")
    return parser.parse_args()


def pick(wanted: str) -> list[Fault]:
    """In the order of the list."""
    ids = {each.strip() for each in wanted.split(",") if each.strip()}
    known = {fault.id for fault in FAULTS}
    if unknown := ids - known:
        sys.exit(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(sorted(known))}")
    return [fault for fault in FAULTS if not ids or fault.id in ids]


def rehearse(cluster: Cluster, faults: list[Fault], *, until: float) -> list[Row]:
    """One fault after the other while people work; then all that was told beside all that is there.

    After `until` (CLOCK_MONOTONIC) no further fault is begun.
    """
    ledger = cluster.folder / "ledger.jsonl"
    arguments = [str(cluster.folder), HOSTS["front"], NAME]
    command = [sys.executable, "-m", "deploy.rehearsal.load", *arguments]
    log = cluster.folder / "load.log"
    people = Program("load", "client", command, log=log, cwd=str(ROOT), told={"PATH": os.environ["PATH"]})
    people.start()
    try:
        wait_until(lambda: ledger.exists() and any(line.is_receipt for line in read(ledger)), "people at work", 60)
        windows = []
        for fault in faults:
            if time.monotonic() > until:
                cluster.say(f"no time left for {fault.id}")
                continue
            time.sleep(CALM)
            windows.append(go(cluster, fault))
        time.sleep(CALM)
    finally:
        people.stop()
    cluster.say("texts that wait")
    drained = drain(cluster)
    lines = read(ledger)
    with cluster.databases.primary.connect() as connection:
        found = look(connection, cluster.folder / "provider" / "accepted.jsonl")
    all_of_it = Window("", "all, and between them", "every text sent once or reported", None)
    all_of_it.begun = min(line.begun for line in lines)
    all_of_it.ended = max(line.ended for line in lines)
    fates = sorted(set(found.fates.values()))
    all_of_it.notes.append(
        ", ".join(f"{sum(fate == each for fate in found.fates.values()):,} {each}" for each in fates)
        + f" {drained:.0f} s after the end"
    )
    return [judge(window, lines, found) for window in [*windows, all_of_it]]


def go(cluster: Cluster, fault: Fault) -> Window:
    promised = (fault.longest, fault.answer, fault.unnoticed)
    window = Window(fault.id, fault.title, fault.promise, *promised, begun=time.monotonic())
    cluster.say(f"{fault.id}: {fault.title}")
    restarts = sum(program.restarts for program in cluster.supervisor.programs)
    try:
        window.notes += fault.do(cluster)
    except Failed as trouble:
        window.notes.append(f"**{str(trouble).splitlines()[0]}**")
        cluster.say(str(trouble))
        window.longest = 0.0  # not kept, whatever the figures
    time.sleep(AFTER)
    window.ended = time.monotonic()
    if more := sum(program.restarts for program in cluster.supervisor.programs) - restarts:
        window.notes.append(f"{more} restarts")
    return window


def drain(cluster: Cluster) -> float:
    """Wait until no text waits any more; how many seconds that took, or DRAIN."""
    query = "SELECT count(*) FROM messaging_sms WHERE status = ANY(%s)"
    begun = time.monotonic()
    while cluster.databases.primary.ask(query, list(WAITING)) and time.monotonic() < begun + DRAIN:
        time.sleep(1)
    return time.monotonic() - begun


def keep(file: Path, told: str) -> None:
    """Put the table between the marks of a page, or make a file of it."""
    before, mark, rest = (file.read_text() if file.exists() else "").partition("<!-- rehearsal -->\n")
    _old, end, after = rest.partition("<!-- /rehearsal -->")
    file.write_text(f"{before}{mark}\n{told}\n{end}{after}" if mark and end else told)


def wait_for_interrupt(cluster: Cluster) -> None:
    front = cluster.folder / "front" / "portal.crt"
    print(f"ip netns exec rehearsal-client curl --cacert {front} --resolve {NAME}:443:{HOSTS['front']} https://{NAME}/")
    print(f"psql {cluster.databases.primary.url()}")
    try:
        signal.pause()
    except KeyboardInterrupt:
        print()


def machine() -> str:
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return f"all on one machine of {os.cpu_count()} cores and {memory:.0f} GB, Linux {platform.release().split('-')[0]}"


if __name__ == "__main__":
    sys.exit(main())
