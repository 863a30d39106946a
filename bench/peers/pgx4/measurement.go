package main

import (
	"bufio"
	"fmt"
	"os"
	"sort"
	"strings"
	"syscall"
	"time"
)

// usage is what the process has used so far.
type usage struct {
	when         time.Time
	user, system float64
	sleeps       int64
}

func usageNow() usage {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		panic(err)
	}
	seconds := func(t syscall.Timeval) float64 { return float64(t.Sec) + float64(t.Usec)*1e-6 }
	return usage{time.Now(), seconds(used.Utime), seconds(used.Stime), int64(used.Nvcsw)}
}

// measurement has the clocks around the timed part, and how long each operation in it took; the
// memory for that is made before it.
type measurement struct {
	before, after usage
	latencies     []uint32 // ns
}

func newMeasurement(mostRecords int) *measurement {
	return &measurement{latencies: make([]uint32, 0, mostRecords)}
}

func (m *measurement) begin() { m.before = usageNow() }
func (m *measurement) end()   { m.after = usageNow() }

// record: an operation that was wanted then is complete now.
func (m *measurement) record(wanted time.Time) {
	m.latencies = append(m.latencies, uint32(time.Since(wanted)))
}

func (m *measurement) print(operations int, check int64) {
	fmt.Printf("{\"ops\":%d,\"wall_s\":%.6f,\"user_s\":%.6f,\"sys_s\":%.6f,\"rss_kb\":%s,\"check\":%d,\"sleeps\":%d",
		operations, m.after.when.Sub(m.before.when).Seconds(), m.after.user-m.before.user,
		m.after.system-m.before.system, peakResidentKB(), check, m.after.sleeps-m.before.sleeps)
	if sorted := m.latencies; len(sorted) > 0 {
		sort.Slice(sorted, func(i, j int) bool { return sorted[i] < sorted[j] })
		microseconds := func(thousandths int) float64 {
			return float64(sorted[len(sorted)*thousandths/1000]) / 1000
		}
		fmt.Printf(",\"p50_us\":%.2f,\"p99_us\":%.2f,\"p999_us\":%.2f",
			microseconds(500), microseconds(990), microseconds(999))
	}
	fmt.Println("}")
}

// peakResidentKB is VmHWM, because ru_maxrss begins at the size of the parent process.
func peakResidentKB() string {
	status, err := os.Open("/proc/self/status")
	if err != nil {
		return "0"
	}
	defer status.Close()
	for lines := bufio.NewScanner(status); lines.Scan(); {
		if words := strings.Fields(lines.Text()); len(words) > 1 && words[0] == "VmHWM:" {
			return words[1]
		}
	}
	return "0"
}
