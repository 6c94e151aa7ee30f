"""What is measured of one runner: with the strict client, with wrk, and with plain sockets."""
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


def wait_until_listening(peer, seconds=15):
    give_up = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", peer.port), 5).close()
            return
        except OSError:
            if peer.process.poll() is not None or time.monotonic() > give_up:
                raise RuntimeError(f"{peer.name} does not come up; see {peer.directory}") from None
            time.sleep(0.05)


def load(peer, seconds, arguments, reloads, path="/"):
    """One run of the strict client; with reloads meanwhile, if they are wanted."""
    client = subprocess.Popen(
        [peer.binaries / "baton-strict-client", f"127.0.0.1:{peer.port}", "--get-path", path,
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


def throughput(peer, arguments, seconds):
    """Requests/s, and microseconds of the server's processor time for each. The strict client would be
    the slower of the two, and so would one thread of wrk: with two, the machine is the limit."""
    before = peer.processor_seconds()
    ran = subprocess.run(["wrk", "--threads", "2", "--connections", "64", "--duration", f"{seconds}s",
                          *arguments, f"http://127.0.0.1:{peer.port}/"],
                         check=True, capture_output=True, text=True)
    used = peer.processor_seconds() - before
    answered = int(re.search(r"(\d+) requests in", ran.stdout)[1])
    return {"rate": float(re.search(r"Requests/sec:\s+([\d.]+)", ran.stdout)[1]),
            "processor": used * 1e6 / answered}


def beside_each_other(supervised, alone, pairs, seconds):
    """Requests/s of the items route, run by batond and run alone, in turns."""
    rates = {supervised: [], alone: []}
    for peer in rates:
        subprocess.run([peer.binaries / "baton-strict-client", f"127.0.0.1:{peer.port}", "--clients", "1",
                        "--requests", "50", "--post-percent", "100", "--token-file", peer.token_file],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for number in range(pairs):
        order = [supervised, alone] if number % 2 == 0 else [alone, supervised]
        for peer in order:
            arguments = ["--clients", "64", "--post-percent", "0", "--token-file", peer.token_file]
            result = load(peer, seconds, arguments, False, "/api/v1/items?per_page=10")
            if result["lost"]:
                raise RuntimeError(f"{peer.name} has lost {result['lost']} requests")
            rates[peer].append(result["rate"])
    ratios = [a / b for a, b in zip(rates[supervised], rates[alone])]
    return {"supervised": statistics.median(rates[supervised]),
            "alone": statistics.median(rates[alone]),
            "ratio": statistics.median(ratios), "lowest": min(ratios), "highest": max(ratios)}


def cutover(peer):
    """Milliseconds from the signal to the first answer of a process that is new."""
    known = {ask_afresh(peer.port) for _ in range(30)}
    begin = time.perf_counter()
    peer.reload()
    while (worker := ask_afresh(peer.port)) in known or worker is None:
        if time.perf_counter() - begin > 10:
            raise RuntimeError(f"{peer.name} has not reloaded within 10 s")
    taken = (time.perf_counter() - begin) * 1000
    time.sleep(0.3)
    return taken


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
