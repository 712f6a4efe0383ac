"""The studio under load: many clients at once, memory over time, and the time from a control to new figures.

    python benchmarks/studio.py --clients 20 --minutes 5

Starts a studio of its own and asks it over HTTP, as pages do.  Prints errors, memory at the beginning and the
end, and the median and 95th percentile of the time from a changed control to the first figures (10 trials).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

START = "thalidomide_pancreatic"
PROTOCOLS = (START, "lenalidomide", "ngm120")
KIB_PER_MIB = 1024


@dataclass
class Found:
    """What the clients met."""

    requests: int = 0
    errors: list[str] = field(default_factory=list)
    refused: int = 0
    redraws: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)


def memory_of(process: int) -> float:
    """Return the resident memory of a process and its children [MiB]."""
    listed = subprocess.run(
        ["ps", "-o", "rss=", "--pid", str(process), "--ppid", str(process)], capture_output=True, text=True
    )
    return sum(float(line) for line in listed.stdout.split()) / KIB_PER_MIB


def note(found: Found, answer: httpx.Response) -> None:
    """Count an answer; 429 is the studio's own word that it has enough."""
    found.requests += 1
    if answer.status_code == 429:
        found.refused += 1
    elif answer.status_code >= 400:
        found.errors.append(f"{answer.status_code} {answer.request.url.path} {answer.text[:120]}")


async def redraw(client: httpx.AsyncClient, found: Found, design: dict[str, object], tab: str) -> None:
    """Move a control: check the design, begin a run, wait for its first figures."""
    begun = time.monotonic()
    note(found, await client.post("/api/design/check", json=design))
    answer = await client.post("/api/design/runs", json={**design, "trials": 30, "tab": tab})
    note(found, answer)
    if answer.status_code != 200:
        return
    async with client.stream("GET", f"/api/runs/{answer.json()['run']}/events") as stream:
        async for line in stream.aiter_lines():
            if line == "event: estimate":
                found.redraws.append(time.monotonic() - begun)
                return
            if line in ("event: failed", "event: done"):
                found.errors.append(line)
                return


async def person(client: httpx.AsyncClient, found: Found, number: int, until: float) -> None:
    """Do what a person does: move controls, look around, and think in between."""
    chance = random.Random(number)
    while time.monotonic() < until:
        try:
            start = chance.choice(PROTOCOLS)
            design: dict[str, object] = {"start": start, "changes": {"size": chance.randrange(20, 80, 10)}}
            await redraw(client, found, design, tab=f"client-{number}")
            for path in ("/api/runs", "/api/glossary", "/api/protocols", "/api/parameters"):
                note(found, await client.get(path))
        except httpx.HTTPError as error:
            found.errors.append(f"{type(error).__name__}: {error}")
        await asyncio.sleep(chance.uniform(0.2, 2.0))


async def watch(process: int, found: Found, until: float) -> None:
    """Note the memory every few seconds."""
    while time.monotonic() < until:
        found.memory.append((time.monotonic(), memory_of(process)))
        await asyncio.sleep(5)


async def alone(client: httpx.AsyncClient, found: Found, times: int) -> None:
    """Measure one person's control changes on a studio that does nothing else."""
    for number in range(times):
        quiet = Found()
        await redraw(
            client, quiet, {"start": "lenalidomide", "changes": {"size": 100 + 10 * (number % 8)}}, "alone"
        )
        found.first += quiet.redraws
        found.errors += quiet.errors


async def invited(owner: httpx.AsyncClient, base: str) -> httpx.AsyncClient:
    """Return a client with a session of its own."""
    client = httpx.AsyncClient(base_url=base, headers={"origin": base}, timeout=120)
    await client.get((await owner.post("/api/invitation")).json()["url"])
    return client


def quantile(values: list[float], share: float) -> float:
    """Return a quantile of what was measured."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))] if ordered else float("nan")


async def measure(address: str, process: int, clients: int, minutes: float, alone_times: int) -> Found:
    """Ask the studio and return what was met."""
    base = address.partition("/?")[0]
    found = Found()
    async with httpx.AsyncClient(base_url=base, headers={"origin": base}, timeout=120) as owner:
        await owner.get(address)
        people = [await invited(owner, base) for _ in range(clients)]
        await alone(owner, Found(), 3)  # engines are compiled
        await alone(owner, found, alone_times)
        until = time.monotonic() + 60 * minutes
        work = [person(client, found, number, until) for number, client in enumerate(people)]
        await asyncio.gather(watch(process, found, until), *work)
        for client in people:
            await client.aclose()
    return found


def main() -> None:
    """Start a studio, ask it, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--alone", type=int, default=20)
    asked = parser.parse_args()
    command = [sys.executable, "-c", "from euexia.cli.main import main; main()", "studio", "--no-browser"]
    with tempfile.TemporaryDirectory() as place, (Path(place) / "said").open("w+") as said:
        process = subprocess.Popen([*command, "--out", place], stdout=said, stderr=subprocess.STDOUT)
        try:
            address = None
            while address is None:
                time.sleep(0.2)
                address = re.search(r"http\S+", (Path(place) / "said").read_text())
            found = asyncio.run(
                measure(address.group(0), process.pid, asked.clients, asked.minutes, asked.alone)
            )
        finally:
            process.terminate()
            process.wait(timeout=20)
    third = max(1, len(found.memory) // 3)
    memory = [amount for _, amount in found.memory]
    print(
        json.dumps(
            {
                "clients": asked.clients,
                "minutes": asked.minutes,
                "requests": found.requests,
                "errors": len(found.errors),
                "first_errors": found.errors[:5],
                "refused_429": found.refused,
                "alone_redraw_median_s": round(quantile(found.first, 0.5), 2),
                "alone_redraw_p95_s": round(quantile(found.first, 0.95), 2),
                "loaded_redraw_median_s": round(quantile(found.redraws, 0.5), 2),
                "loaded_redraw_p95_s": round(quantile(found.redraws, 0.95), 2),
                "memory_first_third_mib": round(sum(memory[:third]) / third),
                "memory_last_third_mib": round(sum(memory[-third:]) / third),
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
