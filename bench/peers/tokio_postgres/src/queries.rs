//! W1, W2, W3, W6: queries of one row, and connections.
use crate::measurement::{keep, Latencies, Measurement};
use crate::{connect, Outcome};
use std::future::Future;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Instant;
use tokio::sync::Semaphore;
use tokio_postgres::{Client, Statement};

const ECHO_SQL: &str = "SELECT $1::int4";
const WORLD_SQL: &str = "SELECT id, randomnumber FROM world WHERE id=$1";
const POOL_CONNECTIONS: usize = 20;

fn world_id(index: u32) -> i32 {
    ((index.wrapping_mul(2654435761) >> 8) % 10000 + 1) as i32
}

/// A connection with its one statement.
struct Prepared {
    client: Client,
    statement: Statement,
}

impl Prepared {
    async fn new(sql: &str) -> Outcome<Prepared> {
        let client = connect().await?;
        let statement = client.prepare(sql).await?;
        Ok(Prepared { client, statement })
    }

    /// The randomnumber of a row of `world`; its id is decoded too.
    async fn randomnumber(&self, index: u32) -> Outcome<i64> {
        let row = self.client.query_one(&self.statement, &[&world_id(index)]).await?;
        keep(row.get::<_, i32>(0));
        Ok(row.get::<_, i32>(1) as i64)
    }
}

pub async fn echo_query(count: u32, _depth: u32) -> Outcome<()> {
    let on = Prepared::new(ECHO_SQL).await?;
    let mut latencies = Latencies::for_at_most(count as usize);
    let mut sum = 0;
    let measurement = Measurement::begin();
    for i in 0..count {
        let wanted = Instant::now();
        let row = on.client.query_one(&on.statement, &[&(i as i32)]).await?;
        sum += row.get::<_, i32>(0) as i64;
        latencies.record(wanted);
    }
    measurement.end().print(count as u64, sum, Some(latencies));
    Ok(())
}

/// What tasks share: which query is next.
struct Work {
    count: u32,
    next: AtomicU32,
    sum: AtomicI64,
}

impl Work {
    fn new(count: u32) -> Arc<Work> {
        Arc::new(Work { count, next: AtomicU32::new(0), sum: AtomicI64::new(0) })
    }
    fn take(&self) -> Option<u32> {
        let index = self.next.fetch_add(1, Relaxed);
        (index < self.count).then(|| index)
    }
    fn answered(&self, value: i64) {
        self.sum.fetch_add(value, Relaxed);
    }
}

/// Queries on one connection, which the library pipelines with those of other tasks.
async fn pipelined_task(on: Arc<Prepared>, work: Arc<Work>, most: usize) -> Outcome<Latencies> {
    let mut latencies = Latencies::for_at_most(most);
    while let Some(index) = work.take() {
        let wanted = Instant::now();
        work.answered(on.randomnumber(index).await?);
        latencies.record(wanted);
    }
    Ok(latencies)
}

struct Pool {
    free: Semaphore,
    idle: Mutex<Vec<Arc<Prepared>>>,
}

impl Pool {
    fn idle(&self) -> MutexGuard<'_, Vec<Arc<Prepared>>> {
        self.idle.lock().expect("no task panics with it locked")
    }
}

/// Checks a connection out of the pool for every query.
async fn pooled_task(pool: Arc<Pool>, work: Arc<Work>, most: usize) -> Outcome<Latencies> {
    let mut latencies = Latencies::for_at_most(most);
    while let Some(index) = work.take() {
        let wanted = Instant::now();
        let _permit = pool.free.acquire().await?;
        let on = pool.idle().pop().ok_or("no connection is idle")?;
        let answer = on.randomnumber(index).await;
        pool.idle().push(on);
        work.answered(answer?);
        latencies.record(wanted);
    }
    Ok(latencies)
}

async fn measure<Task, Running>(count: u32, tasks: u32, work: Arc<Work>, task: Task) -> Outcome<()>
where
    Task: Fn(usize, usize) -> Running,
    Running: Future<Output = Outcome<Latencies>> + Send + 'static,
{
    let most = (count / tasks * 2 + 1) as usize;
    let mut latencies = Latencies::for_at_most(count as usize);
    let mut shares = Vec::with_capacity(tasks as usize);
    let measurement = Measurement::begin();
    let running: Vec<_> =
        (0..tasks as usize).map(|number| tokio::spawn(task(number, most))).collect();
    for one in running {
        shares.push(one.await??);
    }
    let timed = measurement.end();
    shares.into_iter().for_each(|share| latencies.add(share));
    timed.print(count as u64, work.sum.load(Relaxed), Some(latencies));
    Ok(())
}

pub async fn world_each(count: u32, depth: u32) -> Outcome<()> {
    let on = Arc::new(Prepared::new(WORLD_SQL).await?);
    let work = Work::new(count);
    measure(count, depth, work.clone(), |_, most| pipelined_task(on.clone(), work.clone(), most))
        .await
}

async fn connections() -> Outcome<Vec<Arc<Prepared>>> {
    let mut made = Vec::new();
    for _ in 0..POOL_CONNECTIONS {
        made.push(Arc::new(Prepared::new(WORLD_SQL).await?));
    }
    Ok(made)
}

pub async fn world_pipelined(count: u32, depth: u32) -> Outcome<()> {
    let on = connections().await?;
    let work = Work::new(count);
    measure(count, depth, work.clone(), |number, most| {
        pipelined_task(on[number % POOL_CONNECTIONS].clone(), work.clone(), most)
    })
    .await
}

pub async fn world_pooled(count: u32, depth: u32) -> Outcome<()> {
    let pool = Arc::new(Pool {
        free: Semaphore::new(POOL_CONNECTIONS),
        idle: Mutex::new(connections().await?),
    });
    let work = Work::new(count);
    measure(count, depth, work.clone(), |_, most| pooled_task(pool.clone(), work.clone(), most))
        .await
}

pub async fn connect_close(count: u32, _depth: u32) -> Outcome<()> {
    let mut latencies = Latencies::for_at_most(count as usize);
    let measurement = Measurement::begin();
    for _ in 0..count {
        let wanted = Instant::now();
        drop(connect().await?);
        latencies.record(wanted);
    }
    measurement.end().print(count as u64, 0, Some(latencies));
    Ok(())
}
