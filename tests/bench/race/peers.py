"""The runners: how each is started, told to reload, and ended. Two workers or threads each, a fixed
answer of 11 bytes, and X-Worker: PID.PID (or GENERATION.PID) in each response."""
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess

HERE = pathlib.Path(__file__).resolve().parent


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Peer:
    """One server under test. Owns its process and its files in `directory`."""
    name = ""
    program = ""  # that must be installed

    def __init__(self, directory, binaries):
        self.directory = directory
        self.binaries = binaries
        self.port = free_port()
        self.process = None

    def missing(self):
        return None if shutil.which(self.program) else f"{self.program} is not installed"

    def spawn(self, command, **options):
        log = open(self.directory / f"{self.name}.log", "a")
        self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.directory, **options)

    def spawn_batond(self, worker, more=""):
        config = self.directory / "baton.toml"
        config.write_text(f"""
[supervisor]
runtime_dir = "{self.directory}/run"
state_dir = "{self.directory}/state"
[listeners.web]
address = "127.0.0.1:{self.port}"
[services.race]
command = {json.dumps(worker)}
directory = "{self.directory}"
listeners = ["web"]
{more}
""")
        self.spawn([self.binaries / "batond", "--config", config])

    def main_pid(self):
        return self.process.pid

    def reload(self):
        os.kill(self.main_pid(), signal.SIGHUP)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def processor_seconds(self):
        """What all its processes have used so far."""
        total = 0
        for pid in self.pids():
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
        return total / os.sysconf("SC_CLK_TCK")

    def pids(self):
        """The main process and all below it."""
        found, queue = [], [self.main_pid()]
        while queue:
            pid = queue.pop()
            found.append(pid)
            for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
                queue += [int(child) for child in task.read_text().split()]
        return found


class Baton(Peer):
    name = "baton"

    def missing(self):
        lacking = [each for each in ("batond", "race-worker") if not (self.binaries / each).exists()]
        return f"{lacking[0]} is not built" if lacking else None

    def start(self):
        self.spawn_batond([str(self.binaries / "race-worker")], "workers = 2")


class BatonThreads(Baton):
    """One worker with two io threads, as haproxy and Go run."""
    name = "baton, threads"

    def start(self):
        self.spawn_batond([str(self.binaries / "race-worker"), "2"])


class Items(Peer):
    """baton-worker, the reference service, with two io threads: supervised, or by itself."""

    def __init__(self, directory, binaries, supervised):
        super().__init__(directory, binaries)
        self.name = "items, supervised" if supervised else "items, alone"
        self.supervised = supervised
        self.secret_file = directory / "secret"
        self.token_file = directory / "token"

    def start(self):
        self.secret_file.write_text("s" * 48)
        self.secret_file.chmod(0o600)
        worker = [str(self.binaries / "baton-worker"), "--threads", "2", "--secret-file",
                  str(self.secret_file), "--database", str(self.directory / "items.db")]
        token = [worker[0], "token", "--subject", "race", "--secret-file", self.secret_file]
        self.token_file.write_text(subprocess.run(token, check=True, capture_output=True, text=True).stdout)
        if not self.supervised:
            self.spawn([*worker, "--listen", f"127.0.0.1:{self.port}"])
            return
        self.spawn_batond(worker)


class Nginx(Peer):
    name = "nginx"
    program = "nginx"

    def start(self):
        (self.directory / "nginx.conf").write_text(f"""
daemon off; worker_processes 2; pid {self.directory}/nginx.pid; error_log {self.directory}/nginx.err;
worker_rlimit_nofile 20000;
events {{ worker_connections 8000; }}
http {{
  access_log off; keepalive_requests 1000000000; keepalive_timeout 600s;
  client_body_temp_path {self.directory}/a; proxy_temp_path {self.directory}/b;
  fastcgi_temp_path {self.directory}/c; uwsgi_temp_path {self.directory}/d; scgi_temp_path {self.directory}/e;
  server {{
    listen 127.0.0.1:{self.port} backlog=4096;
    location / {{ default_type application/json; add_header X-Worker $pid.$pid; return 200 '{{"hello":1}}'; }}
  }}
}}
""")
        self.spawn(["nginx", "-p", self.directory, "-c", self.directory / "nginx.conf",
                    "-e", self.directory / "nginx.err"])


class Haproxy(Peer):
    name = "haproxy"
    program = "haproxy"

    def start(self):
        (self.directory / "haproxy.cfg").write_text(f"""
global
  nbthread 2
  maxconn 8000
  stats socket {self.directory}/haproxy.sock expose-fd listeners
defaults
  mode http
  timeout client 600s
  timeout http-keep-alive 600s
frontend race
  bind 127.0.0.1:{self.port} backlog 4096
  http-request return status 200 content-type application/json hdr X-Worker "%pid.%pid" string '{{"hello":1}}'
""")
        self.spawn(["haproxy", "-W", "-db", "-f", self.directory / "haproxy.cfg"])

    def reload(self):
        os.kill(self.main_pid(), signal.SIGUSR2)


class Go(Peer):
    name = "go"
    program = "go"

    def start(self):
        server = self.directory / "go-server"
        if not server.exists():
            subprocess.run(["go", "build", "-o", server, HERE / "go" / "main.go"], check=True,
                           env={**os.environ, "GOCACHE": str(self.directory / "gocache"),
                                "GO111MODULE": "off"})
        self.pid_file = self.directory / "go.pid"
        self.spawn([server, f"127.0.0.1:{self.port}", self.pid_file],
                   env={**os.environ, "GOMAXPROCS": "2"})

    def main_pid(self):
        return int(self.pid_file.read_text()) if self.pid_file.exists() else self.process.pid

    def stop(self):
        # After a restart it is no child of ours, but it runs our own binary.
        pid = self.main_pid()
        if pid != self.process.pid:
            try:
                ours = os.readlink(f"/proc/{pid}/exe") == str(self.directory / "go-server")
                if ours:
                    os.kill(pid, signal.SIGTERM)
            except OSError:
                pass
        super().stop()


class Gunicorn(Peer):
    name = "gunicorn"
    program = "gunicorn"

    def start(self):
        self.spawn(["gunicorn", "--chdir", HERE, "-w", "2", "-k", "gthread", "--threads", "8",
                    "--keep-alive", "600", "--worker-connections", "8000",
                    "-b", f"127.0.0.1:{self.port}", "wsgi:app"])


PEERS = [Baton, BatonThreads, Nginx, Haproxy, Go, Gunicorn]
