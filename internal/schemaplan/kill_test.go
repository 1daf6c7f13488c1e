package schemaplan

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
)

// TestAPushThatIsKilledLeavesBeforeOrAfter ends the push's session on the server at random moments.
func TestAPushThatIsKilledLeavesBeforeOrAfter(t *testing.T) {
	url, db := database(t)
	base, err := os.ReadFile(filepath.Join("testdata", "shop.prisma"))
	if err != nil {
		t.Fatal(err)
	}
	push(t, db, string(base))
	fill(t, db, desired(t, string(base)), 1)
	to := strings.Split(string(base), "enum Status")[0] + "model A {\n  id Int @id\n  @@schema(\"sales\")\n}\n"
	before := catalogue(t, url)
	template := databaseName(url)
	db.Close()

	reference := pgtest.NewDatabase(t, pgtest.Template(template))
	whole := timed(t, reference, to)
	after := catalogue(t, reference)

	r := rand.New(rand.NewPCG(7, 7))
	ends := map[string]int{}
	for range 50 {
		victim := pgtest.NewDatabase(t, pgtest.Template(template))
		kill(t, victim, to, time.Duration(r.Int64N(int64(whole+whole/4))))
		switch got := catalogue(t, victim); got {
		case before:
			ends["before"]++
		case after:
			ends["after"]++
		default:
			t.Fatalf("something between:\n%s", differences(before, got))
		}
	}
	t.Logf("of 50 pushes killed within %s: %v", whole, ends)
}

// timed pushes once, whole.
func timed(t *testing.T, url, text string) time.Duration {
	t.Helper()
	db := connect(t, url)
	defer db.Close()
	p := plan(t, db, text)
	start := time.Now()
	if _, err := Apply(ctx, db, p, ApplyOptions{AllowLoss: true}); err != nil {
		t.Fatal(err)
	}
	return time.Since(start)
}

// kill starts a push and ends its session after a while.
func kill(t *testing.T, url, text string, after time.Duration) {
	t.Helper()
	conn, err := postgres.Connect(ctx, url, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	p := plan(t, conn, text)
	killer := connect(t, url)
	defer killer.Close()
	if err := killer.Ping(ctx); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		time.Sleep(after)
		killer.TerminateBackend(ctx, postgres.BackendPID(conn))
	}()
	Apply(ctx, conn, p, ApplyOptions{AllowLoss: true}) // its error is the kill, if that came in time
	<-done
	for i := 0; number(t, killer, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'") > 0; i++ {
		if i > 200 {
			t.Fatal("the killed session does not end")
		}
		time.Sleep(10 * time.Millisecond)
	}
}
