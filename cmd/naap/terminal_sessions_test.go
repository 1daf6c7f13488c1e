//go:build unix

package main

import (
	"context"
	"testing"

	"github.com/livepeer/naap-dev/internal/postgres"
)

// application opens a session of an application of that name, and runs something in it.
func application(t *testing.T, p *program, name, sql string) *postgres.Conn {
	t.Helper()
	url := p.must(t, "dev", "url")
	c, err := postgres.Connect(t.Context(), url[:len(url)-1], postgres.Options{Application: name})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { postgres.Close(c) })
	if _, err := postgres.ExecScript(t.Context(), c, sql); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTerminalNamesTheBlockerAndEndsIt(t *testing.T) {
	t.Parallel()
	p := newPrepared(t, empty)
	p.must(t, "dev", "up", "--detach", "--no-push", "--no-seed")
	p.must(t, "dev", "sql", "--write", `CREATE TABLE wallet (id int)`)
	application(t, p, "gateway", `BEGIN; LOCK wallet`)
	waiter := application(t, p, "leaderboard", `SELECT 1`)
	done := make(chan error, 1)
	go func() { _, err := waiter.Exec(context.Background(), `SELECT FROM wallet`); done <- err }()

	s := sit(t, p, 120, 40, "dev")
	s.sees("1 Schemas", "locks waiting").types("3").sees("↵ sessions").types(enter)
	s.sees("> sessions", "└ leaderboard", "waits", "holds up").types("K").sees("End session", "gateway, postgres in naap", "LOCK wallet", "Leave it")
	s.types(enter).loses("End session").types("K").sees("End session").types(tabKey, enter).sees("gateway was ended").loses("└ leaderboard")
	if err := <-done; err != nil {
		t.Errorf("with nobody in its way: %v", err)
	}
	s.escapes().sees("healthy")
	s.escapes().leaves()
}
