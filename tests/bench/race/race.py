#!/usr/bin/env python3
"""The race: Baton beside its peers, on the same work in the same run, interleaved.

Each round takes each runner in turn: steady load, then the same load while it reloads 20 times in 9 s,
with 64 busy keep-alive connections, 200 that think 5 ms, and 32 clients that connect anew. Prints a
table; --docs also writes docs/race.md and docs/race.svg.
"""
import argparse
import datetime
import os
import pathlib
import platform
import statistics
import sys
import tempfile

import measure
import peers
import report

ROOT = pathlib.Path(__file__).resolve().parents[3]
LOADS = {
    "busy": ["--mode", "keep-alive", "--clients", "64"],
    "thinking": ["--mode", "keep-alive", "--clients", "200", "--think-time", "5ms"],
    "fresh": ["--mode", "fresh", "--clients", "32"],
}


def run_peer(kind, directory, binaries, arguments):
    """{load: {"steady": ..., "reloading": ...}, "cutover": ms, "memory": bytes} of one round."""
    peer = kind(directory, binaries)
    peer.start()
    try:
        measure.wait_until_up(peer)
        result = {"memory": measure.memory_per_connection(peer, arguments.idle),
                  "cutover": measure.cutover(peer, arguments.cutovers)}
        for name, load in LOADS.items():
            result[name] = {
                "steady": measure.load(peer, arguments.steady, load, reloads=False),
                "reloading": measure.load(peer, arguments.reloading, load, reloads=True)}
        return result
    finally:
        peer.stop()


def race(arguments):
    rounds = {}
    with tempfile.TemporaryDirectory(prefix="baton-race-") as scratch:
        for number in range(arguments.rounds):
            for kind in peers.PEERS:
                directory = pathlib.Path(scratch) / kind.name
                directory.mkdir(exist_ok=True)
                why = kind(directory, arguments.bin).missing()
                if why:
                    print(f"{kind.name}: left out, {why}", file=sys.stderr)
                    continue
                print(f"round {number + 1}: {kind.name} ...", file=sys.stderr, flush=True)
                try:
                    rounds.setdefault(kind.name, []).append(
                        run_peer(kind, directory, arguments.bin, arguments))
                except Exception as error:  # one that fails must not end the race
                    print(f"{kind.name}: {error}", file=sys.stderr)
    return {name: combine(results) for name, results in rounds.items()}


def items_route(arguments):
    """What the reference service does in a second, beside itself without a supervisor."""
    runners = []
    with tempfile.TemporaryDirectory(prefix="baton-items-") as scratch:
        try:
            for name, supervised in (("supervised", True), ("alone", False)):
                directory = pathlib.Path(scratch) / name
                directory.mkdir()
                runners.append(peers.Items(directory, arguments.bin, supervised))
                runners[-1].start()
                measure.wait_until_listening(runners[-1])
            return measure.beside_each_other(*runners, arguments.pairs, arguments.steady)
        finally:
            for runner in runners:
                runner.stop()


def combine(results):
    """The median over the rounds, of each number wherever it stands."""
    first = results[0]
    if isinstance(first, dict):
        return {key: combine([each[key] for each in results]) for key in first}
    return statistics.median(results)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", type=pathlib.Path, default=ROOT / "build/release/bin")
    parser.add_argument("--quick", action="store_true", help="one short round: does it run at all?")
    parser.add_argument("--rounds", type=int, default=1, help="the table holds their medians")
    parser.add_argument("--docs", action="store_true", help="write docs/race.md and docs/race.svg")
    arguments = parser.parse_args()
    arguments.bin = arguments.bin.resolve()
    arguments.steady, arguments.reloading = (1, 2) if arguments.quick else (3, 9)
    arguments.idle, arguments.cutovers = (200, 2) if arguments.quick else (2000, 9)
    arguments.pairs = 1 if arguments.quick else 4 * arguments.rounds
    results = race(arguments)
    if not results:
        sys.exit("race: nobody ran")
    items = report.items(items_route(arguments))
    print(report.table(results) + "\n\n" + items)
    if arguments.docs:
        machine = (f"{datetime.date.today()}, {os.cpu_count()} CPUs, "
                   f"Linux {platform.release().split('-')[0]}, medians of {arguments.rounds} round(s)")
        report.write_docs(ROOT / "docs", results, items, machine)


if __name__ == "__main__":
    main()
