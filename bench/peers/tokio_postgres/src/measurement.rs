//! Clocks around the timed part, and the line of JSON.
use std::time::{Duration, Instant};

struct Usage {
    when: Instant,
    user_s: f64,
    system_s: f64,
    sleeps: i64,
}

impl Usage {
    fn now() -> Usage {
        let mut used = std::mem::MaybeUninit::<libc::rusage>::zeroed();
        // SAFETY: getrusage fills the structure it is given, and all zeroes is a valid one.
        let used = unsafe {
            libc::getrusage(libc::RUSAGE_SELF, used.as_mut_ptr());
            used.assume_init()
        };
        let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 * 1e-6;
        Usage {
            when: Instant::now(),
            user_s: seconds(used.ru_utime),
            system_s: seconds(used.ru_stime),
            sleeps: used.ru_nvcsw,
        }
    }
}

/// How long operations took, in nanoseconds; the memory for that is taken before the timed part.
pub struct Latencies(Vec<u32>);

impl Latencies {
    pub fn for_at_most(records: usize) -> Latencies {
        Latencies(Vec::with_capacity(records))
    }
    pub fn record(&mut self, wanted: Instant) {
        self.0.push(wanted.elapsed().as_nanos() as u32);
    }
    pub fn add(&mut self, other: Latencies) {
        self.0.extend(other.0);
    }
}

pub struct Measurement {
    before: Usage,
}

impl Measurement {
    pub fn begin() -> Measurement {
        Measurement { before: Usage::now() }
    }
    pub fn end(self) -> Timed {
        Timed { before: self.before, after: Usage::now() }
    }
}

pub struct Timed {
    before: Usage,
    after: Usage,
}

impl Timed {
    pub fn print(self, operations: u64, check: i64, mut latencies: Option<Latencies>) {
        print!(
            "{{\"ops\":{operations},\"wall_s\":{:.6},\"user_s\":{:.6},\"sys_s\":{:.6},\
             \"rss_kb\":{},\"check\":{check},\"sleeps\":{}",
            as_seconds(self.after.when - self.before.when),
            self.after.user_s - self.before.user_s,
            self.after.system_s - self.before.system_s,
            peak_resident_kb(),
            self.after.sleeps - self.before.sleeps
        );
        if let Some(Latencies(sorted)) = latencies.as_mut().filter(|some| !some.0.is_empty()) {
            sorted.sort_unstable();
            let microseconds =
                |thousandths: usize| sorted[sorted.len() * thousandths / 1000] as f64 / 1000.0;
            print!(
                ",\"p50_us\":{:.2},\"p99_us\":{:.2},\"p999_us\":{:.2}",
                microseconds(500),
                microseconds(990),
                microseconds(999)
            );
        }
        println!("}}");
    }
}

fn as_seconds(time: Duration) -> f64 {
    time.as_secs_f64()
}

/// The compiler must believe that somebody looks at this value (std::hint::black_box is younger than
/// Debian 12's compiler).
pub fn keep<T>(value: T) {
    // SAFETY: no instruction is emitted.
    unsafe { std::arch::asm!("/* {0} */", in(reg) &value, options(nostack, preserves_flags)) }
}

/// VmHWM, because ru_maxrss begins at the size of the parent process.
fn peak_resident_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|rest| rest.split_whitespace().next())
        .and_then(|word| word.parse().ok())
        .unwrap_or(0)
}
