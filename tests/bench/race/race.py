#!/usr/bin/env python3
"""The race: Baton beside its peers, on the same work in the same run, interleaved.

Each round takes each runner in turn: steady load, thrice, and the same load while it reloads 20 times
in 9 s, with 64 busy keep-alive connections, 200 that think 5 ms, and 32 clients that connect anew. Then
all of them are up, and are asked in short turns for as many requests as they can answer, and to reload.
Prints tables; --docs also writes docs/race.md and docs/race.svg.
"""
import argparse
import datetime
import os
import pathlib
import platform
import statistics
import sys
import tempfile
import time

import measure
import peers
import report

ROOT = pathlib.Path(__file__).resolve().parents[3]
LOADS = {
    "busy": ["--mode", "keep-alive", "--clients", "64"],
    "thinking": ["--mode", "keep-alive", "--clients", "200", "--think-time", "5ms"],
    "fresh": ["--mode", "fresh", "--clients", "32"],
}


THROUGHPUTS = {"busy": [], "fresh": ["--header", "Connection: close"]}


def steady(peer, arguments, load):
    """The median of three runs, on processes of their own: where the scheduler puts one is for life."""
    runs = []
    for _ in range(3):
        runs.append(measure.load(peer, arguments.steady, load, reloads=False))
        peer.reload()
        time.sleep(measure.RELOAD_EVERY)
    return combine(runs)


def loads_of(peer, arguments):
    """{load: {"steady": ..., "reloading": ...}, "memory": bytes} of one round."""
    result = {"memory": measure.memory_per_connection(peer, arguments.idle)}
    for name, load in LOADS.items():
        result[name] = {"steady": steady(peer, arguments, load),
                        "reloading": measure.load(peer, arguments.reloading, load, reloads=True)}
    return result


def side_by_side(runners, arguments):
    """{name: {"cutover": ms, "throughput": {load: ...}}}: medians of short turns."""
    results = {peer.name: {"cutover": [], "throughput": {load: [] for load in THROUGHPUTS}}
               for peer in runners}
    for turn in range(arguments.turns):
        first = turn % len(runners)
        for peer in runners[first:] + runners[:first]:
            result = results[peer.name]
            result["cutover"].append(measure.cutover(peer))
            for load, options in THROUGHPUTS.items():
                result["throughput"][load].append(measure.throughput(peer, options, 1))
    return {name: {"cutover": statistics.median(result["cutover"]),
                   "throughput": {load: combine(each) for load, each in result["throughput"].items()}}
            for name, result in results.items()}


class Field:
    """The runners that are here, each in its folder, up for as long as the field is entered."""

    def __init__(self, scratch, arguments, kinds):
        self.runners = []
        for kind in kinds:
            directory = pathlib.Path(scratch) / kind.name.replace(", ", "-")
            directory.mkdir(exist_ok=True)
            self.runners.append(kind(directory, arguments.bin))

    def __enter__(self):
        try:
            for peer in self.runners:
                peer.start()
                measure.wait_until_up(peer)
        except BaseException:
            self.__exit__()
            raise
        return self.runners

    def __exit__(self, *_):
        for peer in self.runners:
            peer.stop()


def race(arguments):
    rounds = {}
    with tempfile.TemporaryDirectory(prefix="baton-race-") as scratch:
        present = []
        for peer in Field(scratch, arguments, peers.PEERS).runners:
            if why := peer.missing():
                print(f"{peer.name}: left out, {why}", file=sys.stderr)
            else:
                present.append(type(peer))
        for number in range(arguments.rounds):
            for kind in list(present):
                print(f"round {number + 1}: {kind.name} ...", file=sys.stderr, flush=True)
                try:
                    with Field(scratch, arguments, [kind]) as (peer,):
                        rounds.setdefault(kind.name, []).append(loads_of(peer, arguments))
                except Exception as error:  # one that fails must not end the race
                    print(f"{kind.name}: left out, {error}", file=sys.stderr)
                    present.remove(kind)
                    rounds.pop(kind.name, None)
            print(f"round {number + 1}: side by side ...", file=sys.stderr, flush=True)
            with Field(scratch, arguments, present) as runners:
                for name, result in side_by_side(runners, arguments).items():
                    rounds[name][-1].update(result)
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
    arguments.idle, arguments.turns = (200, 1) if arguments.quick else (2000, 9)
    arguments.pairs = 1 if arguments.quick else 4 * arguments.rounds
    results = race(arguments)
    if not results:
        sys.exit("race: nobody is installed")
    items = report.items(items_route(arguments))
    print(report.text(results, items))
    if arguments.docs:
        machine = (f"{datetime.date.today()}, {os.cpu_count()} CPUs, "
                   f"Linux {platform.release().split('-')[0]}, medians of {arguments.rounds} round(s)")
        report.write_docs(ROOT / "docs", results, items, machine)


if __name__ == "__main__":
    main()
