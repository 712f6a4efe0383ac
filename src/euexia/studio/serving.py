"""The studio as a running server."""

from __future__ import annotations

import socket
from collections.abc import Callable

from euexia.core.errors import OutputError
from euexia.studio.settings import LOOPBACK

MOST_CONNECTIONS = 400


def bind(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 takes a free one.  Raises OutputError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise OutputError(
            f"The studio cannot listen on {host}, port {port}: {error.strerror or error}. "
            "Choose another --port, or leave it out to take a free one."
        ) from error
    return listening


def address(host: str, port: int, token: str | None) -> str:
    """Return the address to open; a token is part of it where there is one."""
    shown = f"[{host}]" if ":" in host else host
    found = f"http://{shown}:{port}/"
    return found if token is None else f"{found}?token={token}"


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach a host."""
    return host in LOOPBACK


def serve(application: object, listening: socket.socket, ready: Callable[[], None]) -> None:
    """Serve until Ctrl-C; ``ready`` is called when requests are answered."""
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                ready()

    config = uvicorn.Config(
        application,  # type: ignore[arg-type]
        log_level="warning",
        access_log=False,  # an address may hold a token
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=2,
        timeout_keep_alive=30,
        h11_max_incomplete_event_size=32 << 10,
        limit_concurrency=MOST_CONNECTIONS,
        lifespan="on",
    )
    Server(config).run(sockets=[listening])
