package main

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v4"
	"github.com/jackc/pgx/v4/pgxpool"
)

func echoQuery(count, _ int) error {
	connection, err := connectPrepared(echoSQL)
	if err != nil {
		return err
	}
	var sum int64
	m := newMeasurement(count)
	m.begin()
	for i := 0; i < count; i++ {
		wanted := time.Now()
		var value int32
		if err := connection.QueryRow(ctx, "s", int32(i)).Scan(&value); err != nil {
			return err
		}
		sum += int64(value)
		m.record(wanted)
	}
	m.end()
	m.print(count, sum)
	return nil
}

func worldEach(count, depth int) error {
	if depth != 1 {
		return errors.New("the library has one query in flight, or a batch: DEPTH 1")
	}
	connection, err := connectPrepared(worldSQL)
	if err != nil {
		return err
	}
	var sum int64
	var id, number int32
	m := newMeasurement(count)
	m.begin()
	for i := 0; i < count; i++ {
		wanted := time.Now()
		if err := connection.QueryRow(ctx, "s", worldID(i)).Scan(&id, &number); err != nil {
			return err
		}
		sum += int64(number)
		m.record(wanted)
	}
	m.end()
	m.print(count, sum)
	return nil
}

// worldBatch: a SendBatch, and so one Sync, for depth queries.
func worldBatch(count, depth int) error {
	connection, err := connectPrepared(worldSQL)
	if err != nil {
		return err
	}
	var sum int64
	m := newMeasurement(count)
	m.begin()
	for i := 0; i < count; {
		wanted := time.Now()
		batch := &pgx.Batch{}
		for ; batch.Len() < depth && i < count; i++ {
			batch.Queue("s", worldID(i))
		}
		results := connection.SendBatch(ctx, batch)
		for k := 0; k < batch.Len(); k++ {
			var id, number int32
			if err := results.QueryRow().Scan(&id, &number); err != nil {
				return err
			}
			sum += int64(number)
		}
		if err := results.Close(); err != nil {
			return err
		}
		for k := 0; k < batch.Len(); k++ {
			m.record(wanted)
		}
	}
	m.end()
	m.print(count, sum)
	return nil
}

// fullPool has all its connections open.
func fullPool() (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig("")
	if err != nil {
		return nil, err
	}
	config.MaxConns = poolConnections
	pool, err := pgxpool.ConnectConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	for taken := 0; taken < poolConnections; taken++ {
		connection, err := pool.Acquire(ctx)
		if err != nil {
			return nil, err
		}
		defer connection.Release()
	}
	return pool, nil
}

func worldPooled(count, depth int) error {
	pool, err := fullPool()
	if err != nil {
		return err
	}
	defer pool.Close()
	var next, sum int64
	shares, failures := make([]*measurement, depth), make(chan error, depth)
	var tasks sync.WaitGroup
	all := newMeasurement(count)
	for i := range shares {
		shares[i] = newMeasurement(2*count/depth + 1)
	}
	all.begin()
	for _, share := range shares {
		tasks.Add(1)
		go func(share *measurement) {
			defer tasks.Done()
			for {
				i := int(atomic.AddInt64(&next, 1)) - 1
				if i >= count {
					return
				}
				wanted := time.Now()
				var id, number int32
				if err := pool.QueryRow(ctx, worldSQL, worldID(i)).Scan(&id, &number); err != nil {
					failures <- err
					return
				}
				atomic.AddInt64(&sum, int64(number))
				share.record(wanted)
			}
		}(share)
	}
	tasks.Wait()
	all.end()
	select {
	case err := <-failures:
		return err
	default:
	}
	for _, share := range shares {
		all.latencies = append(all.latencies, share.latencies...)
	}
	all.print(count, sum)
	return nil
}

func connectClose(count, _ int) error {
	m := newMeasurement(count)
	m.begin()
	for i := 0; i < count; i++ {
		wanted := time.Now()
		connection, err := connect()
		if err != nil {
			return err
		}
		if err := connection.Close(ctx); err != nil {
			return err
		}
		m.record(wanted)
	}
	m.end()
	m.print(count, 0)
	return nil
}
