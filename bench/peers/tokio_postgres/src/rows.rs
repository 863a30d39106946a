//! W4, W5, W7: many rows.
use crate::measurement::{keep, Measurement};
use crate::{connect, Outcome};
use futures_util::{pin_mut, StreamExt, TryStreamExt};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio_postgres::binary_copy::{BinaryCopyInWriter, BinaryCopyOutStream};
use tokio_postgres::types::{ToSql, Type};

const BULK_SQL: &str = "SELECT a, b, c, d FROM bulk";
const BULK_COPY_SQL: &str = "COPY bulk (a, b, c, d) TO STDOUT (FORMAT binary)";
const COPY_IN_SQL: &str = "COPY bulkin (a, b, c, d) FROM STDIN (FORMAT binary)";
const INSERT_SQL: &str = "INSERT INTO bulkin VALUES ($1,$2,$3,$4)";
const WIDE_SQL: &str = "SELECT * FROM wide";
const WIDE_COLUMNS: usize = 50;
const BULK_TYPES: [Type; 4] = [Type::INT8, Type::FLOAT8, Type::TIMESTAMPTZ, Type::TEXT];
const NO_PARAMETERS: [i32; 0] = [];

pub async fn bulk_stream(count: u32, _depth: u32) -> Outcome<()> {
    let client = connect().await?;
    let statement = client.prepare(BULK_SQL).await?;
    let (mut rows, mut sum) = (0, 0i64);
    let measurement = Measurement::begin();
    for _ in 0..count {
        let stream = client.query_raw(&statement, &NO_PARAMETERS).await?;
        pin_mut!(stream);
        while let Some(row) = stream.try_next().await? {
            rows += 1;
            sum += row.get::<_, i64>(0);
            keep(row.get::<_, f64>(1));
            keep(row.get::<_, SystemTime>(2));
            keep(row.get::<_, &str>(3));
        }
    }
    measurement.end().print(rows, sum, None);
    Ok(())
}

pub async fn bulk_copy(count: u32, _depth: u32) -> Outcome<()> {
    let client = connect().await?;
    let (mut rows, mut sum) = (0, 0i64);
    let measurement = Measurement::begin();
    for _ in 0..count {
        let stream = BinaryCopyOutStream::new(client.copy_out(BULK_COPY_SQL).await?, &BULK_TYPES);
        pin_mut!(stream);
        while let Some(row) = stream.try_next().await? {
            rows += 1;
            sum += row.get::<i64>(0);
            keep(row.get::<f64>(1));
            keep(row.get::<SystemTime>(2));
            keep(row.get::<&str>(3));
        }
    }
    measurement.end().print(rows, sum, None);
    Ok(())
}

pub async fn wide_stream(count: u32, _depth: u32) -> Outcome<()> {
    let client = connect().await?;
    let statement = client.prepare(WIDE_SQL).await?;
    let (mut rows, mut sum) = (0, 0i64);
    let measurement = Measurement::begin();
    for _ in 0..count {
        let stream = client.query_raw(&statement, &NO_PARAMETERS).await?;
        pin_mut!(stream);
        while let Some(row) = stream.try_next().await? {
            rows += 1;
            for column in 0..WIDE_COLUMNS {
                sum += row.get::<_, i32>(column) as i64;
            }
        }
    }
    measurement.end().print(rows, sum, None);
    Ok(())
}

/// A generated row, as bench/workload_rows.hpp makes it.
struct Row {
    a: i64,
    b: f64,
    c: SystemTime,
    d: String,
}

impl Row {
    fn new(number: i64) -> Row {
        const YEAR_2000: i64 = 946_684_800_000_000; // microseconds since 1970
        let microseconds = YEAR_2000 + 631_152_000_000_000 + number * 1_000_001;
        let mixed = (number as u64).wrapping_mul(0x9E3779B97F4A7C15);
        let digit = |i: u32| b"0123456789abcdef"[(mixed >> (i * 4 % 64)) as usize % 16] as char;
        Row {
            a: number * 1_000_003,
            b: number as f64 * 0.5 + 0.25,
            c: UNIX_EPOCH + Duration::from_micros(microseconds as u64),
            d: (0..32).map(digit).collect(),
        }
    }
    fn values(&self) -> [&(dyn ToSql + Sync); 4] {
        [&self.a, &self.b, &self.c, &self.d]
    }
}

pub async fn copy_in(count: u32, _depth: u32) -> Outcome<()> {
    let client = connect().await?;
    client.batch_execute("TRUNCATE bulkin").await?;
    let measurement = Measurement::begin();
    let writer = BinaryCopyInWriter::new(client.copy_in(COPY_IN_SQL).await?, &BULK_TYPES);
    pin_mut!(writer);
    for number in 1..=count as i64 {
        let row = Row::new(number);
        writer.as_mut().write(&row.values()).await?;
    }
    let written = writer.finish().await?;
    measurement.end().print(count as u64, written as i64, None);
    Ok(())
}

/// One transaction, DEPTH rows in flight.
pub async fn insert_pipelined(count: u32, depth: u32) -> Outcome<()> {
    let client = connect().await?;
    client.batch_execute("TRUNCATE bulkin").await?;
    let measurement = Measurement::begin();
    client.batch_execute("BEGIN").await?;
    let statement = client.prepare(INSERT_SQL).await?;
    let (client_, statement_) = (&client, &statement);
    let written = futures_util::stream::iter(1..=count as i64)
        .map(|number| async move {
            let row = Row::new(number);
            client_.execute(statement_, &row.values()).await
        })
        .buffer_unordered(depth as usize)
        .try_fold(0, |total, rows| async move { Ok(total + rows) })
        .await?;
    client.batch_execute("COMMIT").await?;
    measurement.end().print(count as u64, written as i64, None);
    Ok(())
}
