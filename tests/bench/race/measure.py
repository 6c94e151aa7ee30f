"""What is measured of one runner: with the strict client, and with plain sockets."""
import json
import pathlib
import re
import socket
import statistics
import subprocess
import threading
import time

REQUEST = b"GET / HTTP/1.1\r\nHost: race\r\n\r\n"
RELOAD_EVERY = 0.45  # seconds: 20 in 9 s


def ask(connection):
    """The value of X-Worker in the answer; None when the connection ended first."""
    connection.sendall(REQUEST)
    answer = b""
    while b'{"hello":1}' not in answer:
        piece = connection.recv(4096)
        if not piece:
            return None
        answer += piece
    found = re.search(rb"(?i)x-worker: (\S+)", answer)
    return found[1].decode() if found else None


def ask_afresh(port):
    try:
        with socket.create_connection(("127.0.0.1", port), 5) as connection:
            return ask(connection)
    except OSError:
        return None


def wait_until_up(peer, seconds=15):
    give_up = time.monotonic() + seconds
    while ask_afresh(peer.port) is None:
        if peer.process.poll() is not None or time.monotonic() > give_up:
            raise RuntimeError(f"{peer.name} does not come up; see {peer.directory}/{peer.name}.log")
        time.sleep(0.05)


def load(peer, seconds, arguments, reloads):
    """One run of the strict client; with reloads meanwhile, if they are wanted."""
    client = subprocess.Popen(
        [peer.binaries / "baton-strict-client", f"127.0.0.1:{peer.port}", "--get-path", "/",
         "--duration", f"{int(seconds * 1000)}ms", "--timeout", "5s", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    done = threading.Event()
    count = 0
    answer = []
    reader = threading.Thread(target=lambda: (answer.append(client.communicate()[0]), done.set()))
    reader.start()
    try:
        end = time.monotonic() + seconds - RELOAD_EVERY
        while reloads and time.monotonic() < end and not done.wait(RELOAD_EVERY):
            peer.reload()
            count += 1
    finally:
        reader.join()
    report = json.loads(answer[0])
    clients = int(arguments[arguments.index("--clients") + 1])
    return {"reloads": count, "answered": report["answered"], "lost": report["lost_requests"],
            "reopened": max(0, report["connections"] - clients), "told": report["close_answers"],
            "p50": report["latency_us"]["p50"], "p99": report["latency_us"]["p99"],
            "p99.9": report["latency_us"]["p99.9"], "max": report["latency_us"]["max"],
            "rate": report["answers_per_second"]}


def cutover(peer, times):
    """Milliseconds from the signal to the first answer of a process that is new."""
    taken = []
    for _ in range(times):
        known = {ask_afresh(peer.port) for _ in range(30)}
        begin = time.perf_counter()
        peer.reload()
        while (worker := ask_afresh(peer.port)) in known or worker is None:
            if time.perf_counter() - begin > 10:
                raise RuntimeError(f"{peer.name} has not reloaded within 10 s")
        taken.append((time.perf_counter() - begin) * 1000)
        time.sleep(0.3)
    return statistics.median(taken)


def private_kib(peer):
    total = 0
    for pid in peer.pids():
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        total += int(re.search(r"RssAnon:\s+(\d+)", status)[1])
    return total


def memory_per_connection(peer, count):
    """Bytes of private memory for each keep-alive connection that has had one answer and is idle."""
    before = private_kib(peer)
    connections = []
    try:
        for _ in range(count):
            connections.append(socket.create_connection(("127.0.0.1", peer.port), 5))
            ask(connections[-1])
        return (private_kib(peer) - before) * 1024 / count
    finally:
        for connection in connections:
            connection.close()
