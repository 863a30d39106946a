// The workloads through pgx v4: pgx4 WORKLOAD MODE N [DEPTH]. README.md says how.
package main

import (
	"context"
	"fmt"
	"os"
	"strconv"

	"github.com/jackc/pgx/v4"
)

const (
	echoSQL         = "SELECT $1::int4"
	worldSQL        = "SELECT id, randomnumber FROM world WHERE id=$1"
	bulkSQL         = "SELECT a, b, c, d FROM bulk"
	insertSQL       = "INSERT INTO bulkin VALUES ($1,$2,$3,$4)"
	wideSQL         = "SELECT * FROM wide"
	wideColumns     = 50
	poolConnections = 20
)

var ctx = context.Background()

type variant struct {
	workload, mode string
	run            func(count, depth int) error
}

var variants = []variant{
	{"W1", "query", echoQuery},
	{"W2", "each", worldEach},
	{"W2", "batch", worldBatch},
	{"W3", "pool", worldPooled},
	{"W4", "stream", bulkStream},
	{"W5", "copy", copyIn},
	{"W5", "insert", insertBatches},
	{"W6", "connect", connectClose},
	{"W7", "stream", wideStream},
}

// connect goes where PGHOST and its kin say.
func connect() (*pgx.Conn, error) { return pgx.Connect(ctx, "") }

// connectPrepared also prepares the statement "s".
func connectPrepared(sql string) (*pgx.Conn, error) {
	connection, err := connect()
	if err == nil {
		_, err = connection.Prepare(ctx, "s", sql)
	}
	return connection, err
}

func worldID(index int) int32 { return int32((uint32(index)*2654435761>>8)%10000 + 1) }

// counts reads N and DEPTH.
func counts(arguments []string) (count, depth int, ok bool) {
	depth = 1
	count, err := strconv.Atoi(arguments[0])
	if err == nil && len(arguments) > 1 {
		depth, err = strconv.Atoi(arguments[1])
	}
	return count, depth, err == nil && count >= 0 && depth >= 1
}

func run(arguments []string) int {
	if len(arguments) != 3 && len(arguments) != 4 {
		fmt.Fprintln(os.Stderr, "usage: pgx4 WORKLOAD MODE N [DEPTH]")
		return 2
	}
	workload, mode := arguments[0], arguments[1]
	count, depth, ok := counts(arguments[2:])
	if !ok {
		fmt.Fprintln(os.Stderr, "usage: pgx4 WORKLOAD MODE N [DEPTH]")
		return 2
	}
	for _, known := range variants {
		if known.workload != workload || known.mode != mode {
			continue
		}
		if err := known.run(count, depth); err != nil {
			fmt.Fprintf(os.Stderr, "pgx4 %s %s: %v\n", workload, mode, err)
			return 1
		}
		return 0
	}
	fmt.Fprintf(os.Stderr, "pgx4: no %s %s; there is:", workload, mode)
	for _, known := range variants {
		fmt.Fprintf(os.Stderr, " %s %s", known.workload, known.mode)
	}
	fmt.Fprintln(os.Stderr)
	return 2
}

func main() { os.Exit(run(os.Args[1:])) }
