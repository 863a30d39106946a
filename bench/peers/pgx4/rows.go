package main

import (
	"time"

	"github.com/jackc/pgx/v4"
)

func bulkStream(count, _ int) error {
	connection, err := connect()
	if err != nil {
		return err
	}
	var a, sum int64
	var b float64
	var c time.Time
	var d string
	read := 0
	m := newMeasurement(0)
	m.begin()
	for i := 0; i < count; i++ {
		rows, err := connection.Query(ctx, bulkSQL)
		if err != nil {
			return err
		}
		for rows.Next() {
			if err := rows.Scan(&a, &b, &c, &d); err != nil {
				return err
			}
			sum += a
			read++
		}
		if rows.Err() != nil {
			return rows.Err()
		}
	}
	m.end()
	m.print(read, sum)
	return nil
}

func wideStream(count, _ int) error {
	connection, err := connect()
	if err != nil {
		return err
	}
	var values [wideColumns]int32
	targets := make([]interface{}, wideColumns)
	for i := range targets {
		targets[i] = &values[i]
	}
	var sum int64
	read := 0
	m := newMeasurement(0)
	m.begin()
	for i := 0; i < count; i++ {
		rows, err := connection.Query(ctx, wideSQL)
		if err != nil {
			return err
		}
		for rows.Next() {
			if err := rows.Scan(targets...); err != nil {
				return err
			}
			read++
			for _, value := range values {
				sum += int64(value)
			}
		}
		if rows.Err() != nil {
			return rows.Err()
		}
	}
	m.end()
	m.print(read, sum)
	return nil
}

// The generated rows, as bench/workload_rows.hpp makes them.
func rowA(number int64) int64   { return number * 1000003 }
func rowB(number int64) float64 { return float64(number)*0.5 + 0.25 }
func rowC(number int64) time.Time {
	const year2000 = 946684800 * 1000000 // us since 1970
	us := year2000 + 631152000000000 + number*1000001
	return time.Unix(us/1000000, us%1000000*1000).UTC()
}
func rowD(number int64) string {
	mixed := uint64(number) * 0x9E3779B97F4A7C15
	var text [32]byte
	for i := range text {
		text[i] = "0123456789abcdef"[mixed>>(uint(i)*4%64)&15]
	}
	return string(text[:])
}

func connectTruncated() (*pgx.Conn, error) {
	connection, err := connect()
	if err == nil {
		_, err = connection.Exec(ctx, "TRUNCATE bulkin")
	}
	return connection, err
}

func copyIn(count, _ int) error {
	connection, err := connectTruncated()
	if err != nil {
		return err
	}
	row := make([]interface{}, 4)
	source := pgx.CopyFromSlice(count, func(i int) ([]interface{}, error) {
		number := int64(i) + 1
		row[0], row[1], row[2], row[3] = rowA(number), rowB(number), rowC(number), rowD(number)
		return row, nil
	})
	m := newMeasurement(0)
	m.begin()
	written, err := connection.CopyFrom(ctx, pgx.Identifier{"bulkin"}, []string{"a", "b", "c", "d"}, source)
	if err != nil {
		return err
	}
	m.end()
	m.print(count, written)
	return nil
}

// insertBatches: one transaction, a SendBatch and so one Sync for depth rows.
func insertBatches(count, depth int) error {
	connection, err := connectTruncated()
	if err != nil {
		return err
	}
	var written int64
	m := newMeasurement(0)
	m.begin()
	transaction, err := connection.Begin(ctx)
	if err != nil {
		return err
	}
	if _, err := connection.Prepare(ctx, "s", insertSQL); err != nil {
		return err
	}
	for number := int64(1); number <= int64(count); {
		batch := &pgx.Batch{}
		for ; batch.Len() < depth && number <= int64(count); number++ {
			batch.Queue("s", rowA(number), rowB(number), rowC(number), rowD(number))
		}
		results := transaction.SendBatch(ctx, batch)
		for i := 0; i < batch.Len(); i++ {
			tag, err := results.Exec()
			if err != nil {
				return err
			}
			written += tag.RowsAffected()
		}
		if err := results.Close(); err != nil {
			return err
		}
	}
	if err := transaction.Commit(ctx); err != nil {
		return err
	}
	m.end()
	m.print(count, written)
	return nil
}
