"""Machines of a rehearsal: network namespaces on one bridge, which reach one another and nothing else."""

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

PREFIX = "rehearsal-"
LAN = f"{PREFIX}lan"
# 198.18.0.0/15 is set aside for tests of networks (RFC 2544).
HOSTS = {
    "front": "198.18.0.20",
    "web1": "198.18.0.31",
    "web2": "198.18.0.32",
    "worker1": "198.18.0.41",
    "worker2": "198.18.0.42",
    "pool": "198.18.0.50",
    "db1": "198.18.0.61",
    "db2": "198.18.0.62",
    "provider": "198.18.0.70",
    "client": "198.18.0.100",
}
NETWORK = "198.18.0.0/24"
PEOPLE = 40  # addresses that the clients come from, after the first


class Failed(Exception):
    """A program that the rehearsal needs did not do what it should; what it said."""


def run(command: Sequence[str], *, quiet: bool = False, timeout: float = 120, **told: str) -> str:
    """What a command has printed.

    Raises:
        Failed: it ended with another status than 0, unless `quiet`; or not in time.
    """
    env = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", **told}
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, env=env, timeout=timeout, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired as late:
        raise Failed(f"{' '.join(command)}: not done after {timeout:.0f} s") from late
    if done.returncode and not quiet:
        raise Failed(f"{' '.join(command)}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def inside(host: str) -> list[str]:
    """The beginning of a command that is to run on a machine."""
    return ["nsenter", f"--net=/run/netns/{PREFIX}{host}"]


def clients() -> list[str]:
    """The addresses of the machine that the clients share: limits count each by itself."""
    start, _dot, last = HOSTS["client"].rpartition(".")
    return [f"{start}.{int(last) + number}" for number in range(PEOPLE)]


def up() -> None:
    """Make all machines; what an earlier rehearsal has left is removed first.

    Raises:
        Failed
    """
    down()
    run(["ip", "netns", "add", LAN])
    run(["ip", "-n", LAN, "link", "add", "name", "lan", "type", "bridge"])
    run(["ip", "-n", LAN, "link", "set", "lan", "up"])
    for host, address in HOSTS.items():
        space = PREFIX + host
        run(["ip", "netns", "add", space])
        run(["ip", "-n", space, "link", "add", "name", "eth0", "type", "veth", "peer", "name", host, "netns", LAN])
        run(["ip", "-n", LAN, "link", "set", host, "master", "lan", "up"])
        for each in clients() if host == "client" else [address]:
            run(["ip", "-n", space, "address", "add", f"{each}/24", "dev", "eth0"])
        for device in ("lo", "eth0"):
            run(["ip", "-n", space, "link", "set", device, "up"])


def down() -> None:
    """Remove what `up` has made; programs in it go on, without a network."""
    there = run(["ip", "netns", "list"]).split("\n")
    for line in there:
        name = line.partition(" ")[0]
        if name.startswith(PREFIX):
            run(["ip", "netns", "delete", name])


@contextmanager
def silence(host: str) -> Iterator[None]:
    """Drop every packet to and from a machine without a word, until the end of the block: a cable that was cut.

    By nftables on the machine itself, or where that is missing by closing its port of the bridge.
    """
    if shutil.which("nft"):
        chain = "chain {0} {{ type filter hook {0} priority 0; policy drop; {1} lo accept; }}"
        rules = "\n".join(["table inet silence {", chain.format("input", "iif"), chain.format("output", "oif"), "}"])
        run([*inside(host), "nft", rules])
        undo = [*inside(host), "nft", "delete table inet silence"]
    else:
        port = ["nsenter", f"--net=/run/netns/{LAN}", "bridge", "link", "set", "dev", host, "state"]
        run([*port, "0"])
        undo = [*port, "3"]
    try:
        yield
    finally:
        run(undo)
