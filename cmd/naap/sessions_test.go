//go:build unix

package main

import (
	"context"
	"testing"
)

func TestTerminalNamesSessionsInTheWayOfASnapshotAndAsks(t *testing.T) {
	t.Parallel()
	p := newPrepared(t, empty)
	p.must(t, "dev", "up", "--no-push", "--no-seed")
	conn := p.connect(t)
	defer conn.Close(context.Background())
	if _, err := conn.Exec(context.Background(), "SET application_name = 'next dev'"); err != nil {
		t.Fatal(err)
	}
	s := sit(t, p, 120, 30, "dev", "snapshot", "save", "kept")
	s.sees("next dev", "End them?").types("no\r").sees("another session uses the database")
	if err := conn.Ping(context.Background()); err != nil {
		t.Errorf("the session was ended: %v", err)
	}
	sit(t, p, 120, 30, "dev", "snapshot", "save", "kept").sees("End them?").types("yes\r").sees("Saved kept")
	if err := conn.Ping(context.Background()); err == nil {
		t.Error("the session lives on")
	}
}
