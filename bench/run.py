"""The benchmark, in one command: `bench/run [scenarios] [--rounds 5] [--seconds 2] [--json FILE] [--record]`.

Starts the portal as in production on a database of a million logins and on its small twin, the yardsticks beside it,
asks everything in turn, and prints what was measured and each target as "met" or "not met". `bench/run --quick` looks
at counts and plans of queries on small data alone, and fails on them. Exits with 1 where a target is not met.
"""

import json
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from pathlib import Path

from bench import browser, load, report, servers, targets
from bench.measuring import ORDER, Bench
from bench.places import LARGE, SMALL, Failed, Place
from bench.versions import about, commit
from entity_portal.postgres import data_dir


def main() -> int:
    options = understood()
    large, small = places(options)
    try:
        if options.quick:
            return quick(small, options.json)
        load.demand()
        with tempfile.TemporaryDirectory(prefix="bench") as logs:
            bench = Bench(large, small, options, Path(logs), say)
            bench.run(options.scenarios or ORDER)
    except (load.Missing, load.Wrong, browser.Refused, servers.NotStarted, Failed) as error:
        print(error, file=sys.stderr)
        return 2
    short = targets.shortfall(logins=bench.logins, rounds=options.rounds, minutes=options.minutes)
    verdicts = targets.judge_all(bench.medians, rehearsal=bool(short))
    also = targets.judge_all(bench.medians, goals=targets.ALSO, rehearsal=bool(short))
    print("\n".join(["", *report.measured_lines(bench.measured), ""]))
    for name, value in bench.figures.items():
        print(f"  {name:<48} {value if not isinstance(value, float) else f'{value:.3f}'}")
    if bench.noisy:
        print(f"\ntoo noisy, so nothing is compared with it: {', '.join(bench.noisy)}")
    for name, why in bench.failed.items():
        print(f"\n{name} failed: {why[-600:]}")
    print("\n".join(["", *map(report.line, verdicts), "", "also:", *map(report.line, also)]))
    if short:
        print(f"\nA rehearsal, which meets no target: {short}.")
    if options.json:
        made = report.as_json(
            commit=commit(),
            about=about(large, small, options) | {"too noisy": bench.noisy, "failed": bench.failed, "rehearsal": short},
            measured=bench.measured,
            figures=bench.figures,
            verdicts=verdicts,
            also=also,
        )
        options.json.write_text(json.dumps(made, ensure_ascii=False, indent=1, allow_nan=False) + "\n")
    if options.record and short:
        print("Not recorded.", file=sys.stderr)
    elif options.record:
        report.remember(commit=commit(), verdicts=[*verdicts, *also])
    return int(not all(each.met for each in [*verdicts, *also]))


def understood() -> Namespace:
    parser = ArgumentParser(prog="bench/run", description=__doc__)
    parser.add_argument("scenarios", nargs="*", choices=[[], *ORDER], help=f"all by default: {', '.join(ORDER)}")
    parser.add_argument("--quick", action="store_true", help="counts and plans of queries on small data only")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2, help="of load, for each page in each round")
    parser.add_argument("--connections", type=int, default=2)
    parser.add_argument("--requests", type=int, default=10_000, help="after which memory is looked at again")
    parser.add_argument("--minutes", type=float, default=targets.MINUTES, help="that the soak lasts")
    parser.add_argument("--uncompressed", action="store_true", help="ask for pages as no browser does, without gzip")
    parser.add_argument("--large", type=Path, help="data directory of the large database; filled where it is empty")
    parser.add_argument("--large-logins", type=int, default=LARGE)
    parser.add_argument("--small", type=Path, help="data directory of the small one")
    parser.add_argument("--small-logins", type=int, default=SMALL)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything there")
    parser.add_argument(
        "--record", action="store_true", help=f"append the targets to {report.HISTORY.name}; no rehearsal"
    )
    return parser.parse_args()


def places(options: Namespace) -> tuple[Place, Place]:
    large = options.large or data_dir() / f"bench-{options.large_logins}"
    small = options.small or data_dir() / f"bench-{options.small_logins}"
    return Place("large", options.large_logins, large.resolve()), Place("small", options.small_logins, small.resolve())


def quick(place: Place, kept: Path | None) -> int:
    """Counts and plans; neither depends on how busy the machine is."""
    from bench.plans import broken, counted, look

    place.prepare()
    found = look(place)
    for name, page in found["pages"].items():
        print(f"{name:<20} {page['queries']:>3} queries {page['buffers']:>7} buffers {page['bytes']:>8} bytes")
    if kept:
        kept.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n")
    wrong = broken(found)
    for sentence in wrong:
        print(f"NOT met: {sentence}")
    print(" ".join(f"{name}: {value:g}." for name, value in counted(found).items()))
    return int(bool(wrong))


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
