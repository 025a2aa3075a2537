"""The peer that `bench.peer_ratio` measures the API against: a FastAPI service as one writes it.

With SQLAlchemy and asyncpg, a pool, uvloop and orjson. It runs in an environment of its own (`bench/peer/requirements.txt`), so
it imports nothing of the portal. One row, one event and one queue entry per provision; the status is the same JSON as the
portal's. Who calls and how often is one statement for each call, as the portal's (`PEER_IDENTITY=off` leaves it out, `/memory`
does without Postgres too).
"""

import hashlib
import os
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated, Any

import orjson
from fastapi import Depends, FastAPI, Header, HTTPException, Response
from pydantic import BaseModel
from sqlalchemy import JSON, ForeignKey, String, select, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

ENGINE = create_async_engine(os.environ["PEER_DATABASE"], pool_size=8, max_overflow=0)
SESSIONS = async_sessionmaker(ENGINE, expire_on_commit=False)
IDENTITY = os.environ.get("PEER_IDENTITY", "on") == "on"
WHO = text("""
    WITH found AS (SELECT name FROM peer_token WHERE digest = :digest)
    INSERT INTO peer_window AS known (key, began, count) SELECT name, clock_timestamp(), 1 FROM found
    ON CONFLICT (key) DO UPDATE SET
        count = CASE WHEN known.began > clock_timestamp() - interval '1 minute' THEN known.count + 1 ELSE 1 END,
        began = CASE WHEN known.began > clock_timestamp() - interval '1 minute'
                     THEN known.began ELSE clock_timestamp() END
    RETURNING key, count
""")


class Base(DeclarativeBase):
    pass


class Request(Base):
    __tablename__ = "peer_request"
    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[str] = mapped_column(String(16), unique=True)
    requester: Mapped[str] = mapped_column(String(200), index=True)
    status: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(index=True)
    document: Mapped[dict[str, Any]] = mapped_column(JSON)


class Event(Base):
    __tablename__ = "peer_event"
    id: Mapped[int] = mapped_column(primary_key=True)
    request_pk: Mapped[int] = mapped_column(ForeignKey(Request.id))
    status: Mapped[str] = mapped_column(String(20))
    detail: Mapped[str]


class Task(Base):
    __tablename__ = "peer_task"
    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[str] = mapped_column(String(16))


class Token(Base):
    __tablename__ = "peer_token"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    digest: Mapped[str] = mapped_column(String(64), unique=True)


class Window(Base):
    __tablename__ = "peer_window"
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    began: Mapped[datetime]
    count: Mapped[int]


class Provision(BaseModel):
    request: str
    requester: str
    team: str | None = None
    service: str | None = None
    environment: str | None = None


async def session() -> AsyncIterator[AsyncSession]:
    async with SESSIONS() as opened:
        yield opened


Opened = Annotated[AsyncSession, Depends(session)]


async def caller(opened: Opened, authorization: Annotated[str, Header()] = "") -> str:
    if not IDENTITY:
        return "anybody"
    digest = hashlib.sha256(authorization.removeprefix("Bearer ").encode()).hexdigest()
    row = (await opened.execute(WHO, {"digest": digest})).first()
    await opened.commit()
    if row is None:
        raise HTTPException(401, "Unknown token")
    if row.count > 10**9:
        raise HTTPException(429, "Too many calls")
    return str(row.key)


Known = Annotated[str, Depends(caller)]
app = FastAPI()
memory: dict[str, dict[str, Any]] = {}


@app.get("/api/v1/requests/{request_id}/status")
async def status(request_id: str, opened: Opened, who: Known) -> Response:
    row = await opened.scalar(select(Request).where(Request.request_id == request_id))
    if row is None:
        raise HTTPException(404, "Request not found")
    return Response(orjson.dumps(row.document), media_type="application/json")


@app.get("/api/v1/requests")
async def requests(user: str, opened: Opened, who: Known, limit: int = 20) -> Response:
    chosen = select(Request).where(Request.requester == user)
    newest = chosen.order_by(Request.created_at.desc(), Request.id.desc()).limit(limit)
    rows = [row.document for row in await opened.scalars(newest)]
    return Response(
        orjson.dumps({"requests": rows, "count": len(rows), "user": user}),
        media_type="application/json",
    )


@app.post("/api/v1/provision")
async def provision(body: Provision, opened: Opened, who: Known) -> dict[str, Any]:
    request_id = f"req-{secrets.token_hex(6)}"
    made = Request(
        request_id=request_id,
        requester=body.requester,
        status="queued",
        created_at=datetime.now(UTC).replace(tzinfo=None),
        document=body.model_dump(),
    )
    opened.add(made)
    await opened.flush()
    opened.add(Event(request_pk=made.id, status="queued", detail="Request received"))
    opened.add(Task(request_id=request_id))
    await opened.commit()
    return {
        "request_id": request_id,
        "status": "queued",
        "message": "Request queued for processing",
    }


@app.get("/memory/{request_id}")
async def from_memory(request_id: str) -> dict[str, Any]:
    """The original's: a dictionary behind FastAPI, loaded by its first call."""
    if request_id not in memory:
        async with SESSIONS() as opened:
            row = await opened.scalar(select(Request).where(Request.request_id == request_id))
            if row is None:
                raise HTTPException(404, "Request not found")
            memory[request_id] = row.document
    return memory[request_id]


async def create() -> None:
    async with ENGINE.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await ENGINE.dispose()


if __name__ == "__main__":
    import asyncio

    asyncio.run(create())
