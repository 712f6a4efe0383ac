"""Single calls to the computing processes from a request: waited for, or given up."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import HTTPException, Request

from euexia.studio.pool import Pool, Single, Work


async def done(request: Request, name: str, argument: Any, seconds: float) -> Any:
    """Return the outcome of a call.  Raises what it raises, or 503 when it takes too long."""
    pool: Pool = request.app.state.pool
    job = Single(work=Work(name=name, argument=argument), session=request.state.session)
    pool.add(job)
    try:
        return await asyncio.wait_for(asyncio.wrap_future(job.future), seconds)
    except TimeoutError as error:
        raise HTTPException(503, "This takes too long; it was given up. Ask for less.") from error
    finally:
        job.cancelled = not job.future.done()
