#!/usr/bin/python3
"""The workloads through asyncpg: peer.py WORKLOAD MODE N [DEPTH]. README.md says how."""
import asyncio
import datetime
import json
import resource
import sys
import time

import asyncpg

try:
    import uvloop
except ImportError:
    uvloop = None

ECHO_SQL = "SELECT $1::int4"
WORLD_SQL = "SELECT id, randomnumber FROM world WHERE id=$1"
BULK_SQL = "SELECT a, b, c, d FROM bulk"
INSERT_SQL = "INSERT INTO bulkin VALUES ($1,$2,$3,$4)"
WIDE_SQL = "SELECT * FROM wide"
POOL_CONNECTIONS = 20
CURSOR_ROWS = 5000  # fetched ahead by the cursor of W4 `stream`

now_ns = time.monotonic_ns


class Measurement:
    """Clocks around the timed part. Latencies go into a list that is made before it."""

    def __init__(self, most_records=0):
        self.latencies = [0] * most_records
        self.recorded = 0
        self.before = self.after = None

    @staticmethod
    def usage():
        used = resource.getrusage(resource.RUSAGE_SELF)
        return now_ns(), used.ru_utime, used.ru_stime, used.ru_nvcsw

    def begin(self):
        self.before = self.usage()

    def end(self):
        self.after = self.usage()

    def record(self, wanted_ns):
        self.latencies[self.recorded] = now_ns() - wanted_ns
        self.recorded += 1

    def print(self, operations, check):
        wall_ns, user_s, system_s, sleeps = (
            after - before for after, before in zip(self.after, self.before)
        )
        line = {
            "ops": operations,
            "wall_s": wall_ns / 1e9,
            "user_s": user_s,
            "sys_s": system_s,
            "rss_kb": peak_resident_kb(),
            "check": check,
            "sleeps": sleeps,
        }
        ordered = sorted(self.latencies[: self.recorded])
        if ordered:
            for name, thousandths in (("p50_us", 500), ("p99_us", 990), ("p999_us", 999)):
                line[name] = ordered[len(ordered) * thousandths // 1000] / 1000
        print(json.dumps(line))


def peak_resident_kb():
    """VmHWM, because ru_maxrss begins at the size of the parent process."""
    with open("/proc/self/status", encoding="utf-8") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))


def world_id(index):
    return ((index * 2654435761 & 0xFFFFFFFF) >> 8) % 10000 + 1


async def echo_query(count, _depth):
    connection = await asyncpg.connect()
    statement = await connection.prepare(ECHO_SQL)
    total = 0
    measurement = Measurement(count)
    measurement.begin()
    for i in range(count):
        wanted = now_ns()
        total += await statement.fetchval(i)
        measurement.record(wanted)
    measurement.end()
    measurement.print(count, total)


async def world_each(count, depth):
    if depth != 1:
        raise ValueError("the library has one query in flight: DEPTH 1")
    connection = await asyncpg.connect()
    statement = await connection.prepare(WORLD_SQL)
    total = 0
    measurement = Measurement(count)
    measurement.begin()
    for i in range(count):
        wanted = now_ns()
        total += (await statement.fetchrow(world_id(i)))[1]
        measurement.record(wanted)
    measurement.end()
    measurement.print(count, total)


async def world_pooled(count, depth):
    indexes = iter(range(count))
    total = 0
    measurement = Measurement(count)

    async def task(pool):
        nonlocal total
        for i in indexes:
            wanted = now_ns()
            async with pool.acquire() as connection:
                row = await connection.fetchrow(WORLD_SQL, world_id(i))
            total += row[1]
            measurement.record(wanted)

    async with asyncpg.create_pool(min_size=POOL_CONNECTIONS, max_size=POOL_CONNECTIONS) as pool:
        measurement.begin()
        await asyncio.gather(*(task(pool) for _ in range(depth)))
        measurement.end()
        measurement.print(count, total)


async def bulk_whole(count, _depth):
    connection = await asyncpg.connect()
    rows = total = 0
    measurement = Measurement()
    measurement.begin()
    for _ in range(count):
        result = await connection.fetch(BULK_SQL)  # every value is decoded as its row arrives
        rows += len(result)
        total += sum(row[0] for row in result)
    measurement.end()
    measurement.print(rows, total)


async def bulk_stream(count, _depth):
    connection = await asyncpg.connect()
    rows = total = 0
    measurement = Measurement()
    measurement.begin()
    for _ in range(count):
        async with connection.transaction():
            async for row in connection.cursor(BULK_SQL, prefetch=CURSOR_ROWS):
                rows += 1
                total += row[0]
    measurement.end()
    measurement.print(rows, total)


async def wide_whole(count, _depth):
    connection = await asyncpg.connect()
    rows = total = 0
    measurement = Measurement()
    measurement.begin()
    for _ in range(count):
        result = await connection.fetch(WIDE_SQL)
        rows += len(result)
        total += sum(map(sum, result))
    measurement.end()
    measurement.print(rows, total)


def generated_rows(count):
    """As bench/workload_rows.hpp makes them, in Python's own types."""
    year_2000 = datetime.datetime(2000, 1, 1, tzinfo=datetime.timezone.utc)
    microsecond = datetime.timedelta(microseconds=1)
    for number in range(1, count + 1):
        digits = f"{number * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF:016x}"[::-1]
        yield (
            number * 1000003,
            number * 0.5 + 0.25,
            year_2000 + (631152000000000 + number * 1000001) * microsecond,
            digits * 2,
        )


async def copy_in(count, _depth):
    connection = await asyncpg.connect()
    await connection.execute("TRUNCATE bulkin")
    records = list(generated_rows(count))
    measurement = Measurement()
    measurement.begin()
    tag = await connection.copy_records_to_table("bulkin", records=records)  # "COPY 1000000"
    measurement.end()
    measurement.print(count, int(tag.split()[-1]))


async def insert_many(count, _depth):
    connection = await asyncpg.connect()
    await connection.execute("TRUNCATE bulkin")
    records = list(generated_rows(count))
    measurement = Measurement()
    measurement.begin()
    async with connection.transaction():
        await connection.executemany(INSERT_SQL, records)  # tells no count
    measurement.end()
    measurement.print(count, count)


async def connect_close(count, _depth):
    measurement = Measurement(count)
    measurement.begin()
    for _ in range(count):
        wanted = now_ns()
        connection = await asyncpg.connect()
        await connection.close()
        measurement.record(wanted)
    measurement.end()
    measurement.print(count, 0)


VARIANTS = {
    ("W1", "query"): echo_query,
    ("W2", "each"): world_each,
    ("W3", "pool"): world_pooled,
    ("W4", "whole"): bulk_whole,
    ("W4", "stream"): bulk_stream,
    ("W5", "copy"): copy_in,
    ("W5", "insert"): insert_many,
    ("W6", "connect"): connect_close,
    ("W7", "whole"): wide_whole,
}


def main(arguments):
    try:
        workload, mode, count = arguments[0], arguments[1], int(arguments[2])
        depth = int(arguments[3]) if len(arguments) == 4 else 1
        if len(arguments) > 4 or count < 0 or depth < 1:
            raise ValueError
    except (IndexError, ValueError):
        print("usage: peer.py WORKLOAD MODE N [DEPTH]", file=sys.stderr)
        return 2
    if (workload, mode) not in VARIANTS:
        known = " ".join(f"{workload} {mode}" for workload, mode in VARIANTS)
        print(f"asyncpg: no {workload} {mode}; there is: {known}", file=sys.stderr)
        return 2
    if uvloop is not None:
        uvloop.install()
    try:
        asyncio.run(VARIANTS[workload, mode](count, depth))
    except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        print(f"asyncpg {workload} {mode}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
