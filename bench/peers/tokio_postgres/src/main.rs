//! The workloads through tokio-postgres: PROGRAM WORKLOAD MODE N [DEPTH]. README.md says how.
mod measurement;
mod queries;
mod rows;

use std::process::exit;
use tokio_postgres::{Client, Config, NoTls};

pub type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

const VARIANTS: [(&str, &str); 10] = [
    ("W1", "query"),
    ("W2", "each"),
    ("W3", "pipe"),
    ("W3", "pool"),
    ("W4", "stream"),
    ("W4", "copy"),
    ("W5", "copy"),
    ("W5", "insert"),
    ("W6", "connect"),
    ("W7", "stream"),
];

async fn run(workload: &str, mode: &str, count: u32, depth: u32) -> Outcome<()> {
    match (workload, mode) {
        ("W1", "query") => queries::echo_query(count, depth).await,
        ("W2", "each") => queries::world_each(count, depth).await,
        ("W3", "pipe") => queries::world_pipelined(count, depth).await,
        ("W3", "pool") => queries::world_pooled(count, depth).await,
        ("W4", "stream") => rows::bulk_stream(count, depth).await,
        ("W4", "copy") => rows::bulk_copy(count, depth).await,
        ("W5", "copy") => rows::copy_in(count, depth).await,
        ("W5", "insert") => rows::insert_pipelined(count, depth).await,
        ("W6", "connect") => queries::connect_close(count, depth).await,
        ("W7", "stream") => rows::wide_stream(count, depth).await,
        _ => Err("not among the variants".into()),
    }
}

/// As PGHOST and its kin say: the library does not read them by itself.
async fn connect() -> Outcome<Client> {
    let value = |name: &str, fallback: &str| {
        std::env::var(name).ok().filter(|set| !set.is_empty()).unwrap_or_else(|| fallback.into())
    };
    if value("PGSSLMODE", "disable") == "require" {
        return Err("built without TLS: PGSSLMODE=disable".into());
    }
    let mut config = Config::new();
    config
        .host(&value("PGHOST", "/var/run/postgresql"))
        .port(value("PGPORT", "5432").parse()?)
        .user(&value("PGUSER", "postgres"))
        .password(value("PGPASSWORD", ""))
        .dbname(&value("PGDATABASE", "postgres"));
    let (client, connection) = config.connect(NoTls).await?;
    tokio::spawn(async move {
        // Whoever waits for an answer on it is told of the error too.
        let _ = connection.await;
    });
    Ok(client)
}

/// "db error: FATAL: ..." rather than "db error" alone.
fn with_sources(error: &dyn std::error::Error) -> String {
    let source = error.source().map(|source| format!(": {}", with_sources(source)));
    format!("{error}{}", source.unwrap_or_default())
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let number = |index: usize| arguments.get(index).map_or(Some(1), |text| text.parse().ok());
    let (count, depth) = match (arguments.len(), number(3), number(4)) {
        (4 | 5, Some(count), Some(depth)) if depth > 0 => (count, depth),
        _ => {
            eprintln!("usage: {} WORKLOAD MODE N [DEPTH]", arguments[0]);
            exit(2);
        }
    };
    let (workload, mode) = (arguments[1].as_str(), arguments[2].as_str());
    if !VARIANTS.contains(&(workload, mode)) {
        let known: Vec<_> =
            VARIANTS.iter().map(|(first, second)| format!("{first} {second}")).collect();
        eprintln!("{}: no {workload} {mode}; there is: {}", arguments[0], known.join(" "));
        exit(2);
    }
    // One thread, as our own client has.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let ended = runtime
        .map_err(Into::into)
        .and_then(|runtime| runtime.block_on(run(workload, mode, count, depth)));
    if let Err(error) = ended {
        eprintln!("{} {workload} {mode}: {}", arguments[0], with_sources(&*error));
        exit(1);
    }
}
