"""CPU time and memory of a process with all its children, from /proc (Linux).

The time of a child that has ended and was waited for stands with its parent, so nothing is lost when a worker or a
backend of PostgreSQL goes. The kernel counts in ticks, a hundredth of a second as a rule: over two busy seconds that
is half a per cent.
"""

import os
from pathlib import Path

PROC = Path("/proc")
TICK = os.sysconf("SC_CLK_TCK")  # a second has so many
PARENT, USER, SYSTEM, USER_OF_ENDED, SYSTEM_OF_ENDED = 1, 11, 12, 13, 14  # places in `stat`, counted from the state


def _stat(pid: int, proc: Path) -> list[str] | None:
    """The words of `stat` from the state on; the name before them may hold blanks and brackets."""
    try:
        text = (proc / str(pid) / "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return text[text.rindex(")") + 1 :].split()


def tree(root: int, proc: Path = PROC) -> dict[int, list[str]]:
    """The process and all below it: pid and the words of its `stat`."""
    found = {
        int(each.name): words
        for each in proc.iterdir()
        if each.name.isdigit()
        if (words := _stat(int(each.name), proc))
    }
    below: dict[int, list[int]] = {}
    for pid, words in found.items():
        below.setdefault(int(words[PARENT]), []).append(pid)
    mine, todo = {}, [root]
    while todo:
        pid = todo.pop()
        if pid in found:
            mine[pid] = found[pid]
            todo += below.get(pid, [])
    return mine


def seconds(root: int, proc: Path = PROC) -> float:
    """CPU seconds that a process and all it has started have used, those that have ended among them."""
    places = (USER, SYSTEM, USER_OF_ENDED, SYSTEM_OF_ENDED)
    return sum(int(words[place]) for words in tree(root, proc).values() for place in places) / TICK


def memory(pid: int, proc: Path = PROC) -> float:
    """Megabytes (PSS: what is shared counts by its share) that a process holds."""
    for line in (proc / str(pid) / "smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1000
    raise ValueError(f"no Pss of {pid}")


def children(root: int, proc: Path = PROC) -> list[int]:
    """The workers of a server: the processes right below it."""
    return [pid for pid, words in tree(root, proc).items() if int(words[PARENT]) == root]
