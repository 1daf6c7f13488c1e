//go:build unix

package main

import (
	"context"
	"strings"
	"testing"
	"time"
)

// TestAVerbThatFindsNothingToDoConnectsOnce counts the sessions that the server has had. One of the verb's own is enough,
// also for a reset and its undo, where the database is known to be the workspace's and nothing is in the way.
func TestAVerbThatFindsNothingToDoConnectsOnce(t *testing.T) {
	t.Parallel()
	p := newPrepared(t, builtin)
	p.must(t, "dev", "up", "--detach")
	conn := p.connect(t)
	defer conn.Close(context.Background())
	sessions := func() (n int) {
		t.Helper()
		// A session is counted when it ends, which the verb does not wait for.
		for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
			var open int
			if err := conn.QueryRow(context.Background(), `SELECT sessions, (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid())
				FROM pg_stat_database WHERE datname = current_database()`).Scan(&n, &open); err != nil {
				t.Fatal(err)
			}
			if open == 0 || time.Now().After(deadline) {
				return n
			}
		}
	}
	for _, words := range []string{"dev up --detach --no-seed", "dev push", "dev reset plugin_gateway --yes=plugin_gateway --no-seed", "dev undo"} {
		want := 1
		if strings.HasPrefix(words, "dev up") {
			want = 2 // the rows are counted by the role that only reads
		}
		// A verb that takes long also looks who holds it up, from a session that it opens for that.
		least := 0
		for tries := 0; tries < 20 && least != want; tries++ {
			if words == "dev undo" && tries > 0 {
				p.must(t, "dev", "reset", "plugin_gateway", "--yes=plugin_gateway", "--no-seed")
			}
			before := sessions()
			p.must(t, strings.Fields(words)...)
			if n := sessions() - before; tries == 0 || n < least {
				least = n
			}
		}
		if least != want {
			t.Errorf("naap %s connected %d times, not %d", words, least, want)
		}
	}
}
