package schemaplan

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// migrating returns a session that holds the lock of Prisma's migrate and db push.
func migrating(t *testing.T, url string) *postgres.Conn {
	t.Helper()
	other, err := postgres.Connect(ctx, url, postgres.Options{Application: "prisma migrate"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { other.Close(ctx) })
	if _, err := other.Exec(ctx, "SELECT pg_advisory_lock(72707369)"); err != nil {
		t.Fatal(err)
	}
	return other
}

func TestAPushDoesNotChangeTablesWhilePrismaDoes(t *testing.T) {
	t.Parallel()
	url, db := database(t)
	p := plan(t, db, userBefore)
	other := migrating(t, url)
	_, err := Apply(ctx, db, p, ApplyOptions{LockTimeout: 4 * time.Second})
	if remedy.Code(err) != "push.busy" || remedy.Exit(err) != remedy.ExitBusy {
		t.Fatalf("got %v", err)
	}
	for _, part := range []string{"Prisma", fmt.Sprintf("pid %d", postgres.BackendPID(other)), "prisma migrate", "let it finish"} {
		if !strings.Contains(remedy.Text(err), part) {
			t.Errorf("the error lacks %q:\n%s", part, remedy.Text(err))
		}
	}
	if err := other.Close(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := Apply(ctx, db, p, ApplyOptions{}); err != nil {
		t.Error(remedy.Text(err))
	}
}

func TestPrismaIsLockedOutWhileAPushChangesTables(t *testing.T) {
	url, db := database(t)
	push(t, db, userBefore)
	p := plan(t, db, strings.Replace(userBefore, "  age Int?\n", "", 1))
	pid := held(t, url, `"User"`) // the push waits for the table while it holds the lock
	done := make(chan error, 1)
	go func() {
		_, err := Apply(ctx, db, p, ApplyOptions{LockTimeout: time.Minute, AllowLoss: true})
		done <- err
	}()
	prisma, err := postgres.Connect(ctx, url, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer prisma.Close(ctx)
	for n, began := 0, time.Now(); n == 0; time.Sleep(5 * time.Millisecond) {
		err := prisma.QueryRow(ctx, `SELECT count(*) FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid))`, pid).Scan(&n)
		if err != nil || time.Since(began) > time.Minute {
			t.Fatalf("the push does not wait for the table: %v", err)
		}
	}
	var got bool
	if err := prisma.QueryRow(ctx, "SELECT pg_try_advisory_lock(72707369)").Scan(&got); err != nil || got {
		t.Errorf("Prisma's lock was free while the push worked: %v, %v", got, err)
	}
	if _, err := prisma.Exec(ctx, "SELECT pg_terminate_backend($1)", pid); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Error(remedy.Text(err))
	}
}
