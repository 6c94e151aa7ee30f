"""The race's results as a table and as a picture."""

COLUMNS = [
    ("lost, busy", lambda r: f"{r['busy']['reloading']['lost']:.0f}"),
    ("lost, thinking", lambda r: f"{r['thinking']['reloading']['lost']:.0f}"),
    ("lost, fresh", lambda r: f"{r['fresh']['reloading']['lost']:.0f}"),
    ("connections opened again", lambda r: f"{r['busy']['reloading']['reopened']:.0f}"),
    ("cutover", lambda r: f"{r['cutover']:.1f} ms"),
    ("requests/s, busy", lambda r: f"{r['throughput']['busy']['rate'] / 1000:.1f}k"),
    ("requests/s, fresh", lambda r: f"{r['throughput']['fresh']['rate'] / 1000:.1f}k"),
    ("processor time a request, busy", lambda r: f"{r['throughput']['busy']['processor']:.1f} µs"),
    ("processor time a request, fresh", lambda r: f"{r['throughput']['fresh']['processor']:.1f} µs"),
    ("memory per idle connection", lambda r: f"{r['memory'] / 1024:.1f} KiB"),
]

LATENCIES = [
    ("p50", lambda load: milliseconds(load, "p50")),
    ("p99", lambda load: milliseconds(load, "p99")),
    ("p99.9", lambda load: milliseconds(load, "p99.9")),
    ("longest", lambda load: milliseconds(load, "max")),
    ("p99, reloading/steady", lambda load: f"{load['reloading']['p99'] / load['steady']['p99']:.2f}"),
]

ABOUT = """# The race

`tests/bench/race/run --docs` made this page: each server answers a fixed body of 11 bytes with two
workers or threads, on the machine that also runs the clients, and is reloaded 20 times in 9 s. *Busy*
are 64 keep-alive connections without a pause, *thinking* 200 with 5 ms between two requests, *fresh* 32
clients that connect anew for each request. *Lost* are requests without a complete answer. *Connections
opened again* are those of the busy clients: a server that keeps connections needs none. *Cutover* is
from the signal to the first answer of a new process. *Requests/s* are what wrk gets out of it with 64
connections and two threads, in turns of a second with all servers up: the machine is the limit then, and
not the client. *Steady* latencies are the medians of three runs of 3 s, each on processes of its own: two
that share a processor by chance do so for life, and the p99 of one such run may be twice that of another.

"""


def milliseconds(load, key):
    return f"{load['steady'][key] / 1000:.1f} → {load['reloading'][key] / 1000:.1f} ms"


def table(results, columns=COLUMNS):
    rows = ["| | " + " | ".join(name for name, _ in columns) + " |",
            "|---|" + "---|" * len(columns)]
    for name, result in results.items():
        rows.append(f"| {name} | " + " | ".join(show(result) for _, show in columns) + " |")
    return "\n".join(rows)


def latencies(results):
    """A table for each load."""
    return "\n\n".join(
        f"Latency, *{load}*, steady → reloading:\n\n"
        + table({name: result[load] for name, result in results.items()}, LATENCIES)
        for load in ("busy", "thinking", "fresh"))


def items(rates):
    return (f"The items route of `baton-worker` (a JWT checked, a page of ten read from SQLite), with two io "
            f"threads and 64 busy connections: {rates['supervised'] / 1000:.1f}k requests/s under batond, "
            f"{rates['alone'] / 1000:.1f}k alone; run in turns, supervised/alone is "
            f"{rates['ratio']:.3f} in the median ({rates['lowest']:.3f} to {rates['highest']:.3f}).")


def bars(results):
    """Horizontal bars: requests lost by the busy connections, and connections opened again."""
    groups = [("requests lost by 64 busy connections", lambda r: r["busy"]["reloading"]["lost"]),
              ("connections that they opened again", lambda r: r["busy"]["reloading"]["reopened"])]
    lines, y = [], 30
    for title, value in groups:
        most = max(1, *(value(result) for result in results.values()))
        lines.append(f'<text x="10" y="{y}" class="title">{title}</text>')
        y += 14
        for name, result in results.items():
            width = 380 * value(result) / most
            lines.append(f'<text x="90" y="{y + 12}" class="name">{name}</text>')
            lines.append(f'<rect x="100" y="{y}" width="{width:.1f}" height="16"/>')
            lines.append(f'<text x="{108 + width:.1f}" y="{y + 12}">{value(result):.0f}</text>')
            y += 22
        y += 24
    style = ("text{font:12px sans-serif;fill:#333} .title{font-weight:bold} "
             ".name{text-anchor:end} rect{fill:#3b6ea5}")
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="560" height="{y}">\n'
            f"<style>{style}</style>\n" + "\n".join(lines) + "\n</svg>\n")


def text(results, items_route):
    return f"{table(results)}\n\n{latencies(results)}\n\n{items_route}\n"


def write_docs(folder, results, items_route, when):
    (folder / "race.svg").write_text(bars(results))
    (folder / "race.md").write_text(f"{ABOUT}Measured {when}. Machines like this one are noisy: read "
                                    f"ratios, not numbers.\n\n{text(results, items_route)}\n"
                                    "![](race.svg)\n")
