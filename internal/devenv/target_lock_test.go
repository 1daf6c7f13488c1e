package devenv

import (
	"context"
	"fmt"
	"io"
	neturl "net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/dburl"
	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// holdTargetAt names the database whose lock the test binary, run again, takes and keeps.
const holdTargetAt = "DEVENV_TEST_HOLD_TARGET_AT"

// TestHoldsTheTargetForAnotherTest is the other process of the tests below.
func TestHoldsTheTargetForAnotherTest(t *testing.T) {
	url := os.Getenv(holdTargetAt)
	if url == "" {
		t.Skip("only the other process of this file's tests runs this")
	}
	e := testEnv(t, nil, "NAAP_DATABASE_URL="+url)
	db, err := e.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.lockTarget(t.Context(), db, "snapshot restore", false); err != nil {
		t.Fatal(err)
	}
	fmt.Println("held")
	_, _ = io.Copy(io.Discard, os.Stdin) // until the process ends that asked for it
}

// otherNaap starts a process that holds the lock of a database.
func otherNaap(t *testing.T, url string) *exec.Cmd {
	t.Helper()
	return otherProcess(t, "TestHoldsTheTargetForAnotherTest", holdTargetAt+"="+url)
}

// pushing pushes the workspace's Prisma file.
func pushing(e *Env, opt PushOptions) error {
	plan, err := e.Diff(context.Background(), opt)
	if err == nil {
		_, err = e.Push(context.Background(), plan, opt, progress.Discard)
	}
	return err
}

func TestTwoHomesOnOneDatabaseExcludeEachOther(t *testing.T) {
	url := pgtest.NewDatabase(t)
	root := folder(t, ofModel("Stall"))
	first := at(t, root, "NAAP_DATABASE_URL="+url)
	if _, err := first.SaveSnapshot(t.Context(), "ours", CopyOptions{AllowExternal: true}, progress.Discard); err != nil {
		t.Fatal(remedy.Text(err))
	}
	first.Close()
	other := otherNaap(t, url)
	for verb, do := range writingVerbs(t) {
		if verb == "watch" || verb == "sql --write" {
			continue // the former waits, the latter is the user's own statement
		}
		e := at(t, root, "NAAP_DATABASE_URL="+url)
		err := do(e)
		e.Close()
		if remedy.Code(err) != "busy" || remedy.Exit(err) != remedy.ExitBusy {
			t.Errorf("%s: the error is %v", verb, err)
			continue
		}
		want := fmt.Sprintf("pid %d on this machine: its verb is snapshot restore", other.Process.Pid)
		if text := remedy.Text(err); !strings.Contains(text, want) || !strings.Contains(text, "--wait") {
			t.Errorf("%s: it does not say %q and --wait:\n%s", verb, want, text)
		}
	}
	if n := countOf(t, url, `SELECT count(*) FROM pg_tables WHERE tablename = 'Stall'`); n != 0 {
		t.Error("a table was made while another naap worked")
	}
	first.opt.Wait = true
	_ = other.Process.Kill()
	if err := first.DeleteSnapshot(t.Context(), "ours", CopyOptions{AllowExternal: true}); err != nil {
		t.Error(remedy.Text(err))
	}
}

func TestTheLockOfAKilledNaapIsGone(t *testing.T) {
	url := pgtest.NewDatabase(t)
	other := otherNaap(t, url)
	e := at(t, folder(t, ofModel("Stall")), "NAAP_DATABASE_URL="+url)
	e.opt.Wait = true // the server sees that the connection ended only when it gets to it
	if err := other.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := pushing(e, PushOptions{AllowExternal: true}); err != nil {
		t.Error(remedy.Text(err))
	}
}

func TestTwoDatabasesAreWorkedOnSideBySide(t *testing.T) {
	busy, free := pgtest.NewDatabase(t), pgtest.NewDatabase(t)
	otherNaap(t, busy)
	// The same workspace, home and instance: only the database differs.
	e := at(t, folder(t, ofModel("Stall")), "NAAP_DATABASE_URL="+free)
	release, err := lock(t.Context(), e.StateDir(), "push", false) // as a push to another --database-url would hold it
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	if err := pushing(e, PushOptions{AllowExternal: true}); err != nil {
		t.Error(remedy.Text(err))
	}
}

func TestAWaitingNaapGoesOnWhenTheOtherHasFinished(t *testing.T) {
	url := pgtest.NewDatabase(t)
	first := at(t, folder(t, ofModel("Stall")), "NAAP_DATABASE_URL="+url)
	db, err := first.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	release, err := first.lockTarget(t.Context(), db, "up", false)
	if err != nil {
		t.Fatal(err)
	}
	second := at(t, first.ws.Root, "NAAP_DATABASE_URL="+url)
	second.opt.Wait = true
	done := make(chan error, 1)
	go func() { done <- pushing(second, PushOptions{AllowExternal: true}) }()
	select {
	case err := <-done:
		t.Fatalf("the second did not wait for the first: %v", err)
	case <-time.After(300 * time.Millisecond):
	}
	release()
	if err := <-done; err != nil {
		t.Error(remedy.Text(err))
	}
}

func TestACopyOfTheDatabaseKeepsTheOtherVerbsAway(t *testing.T) {
	url := pgtest.NewDatabase(t)
	target, err := dburl.ParseTarget(url)
	if err != nil {
		t.Fatal(err)
	}
	// The lock that backup.Server.exclusive takes, in another database.
	conn, err := postgres.Connect(t.Context(), pgtest.URL(t), postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), `SELECT pg_advisory_lock(hashtext('naap backup'), hashtext($1))`, target.Database); err != nil {
		t.Fatal(err)
	}
	e := at(t, folder(t, ofModel("Stall")), "NAAP_DATABASE_URL="+url)
	if err := pushing(e, PushOptions{AllowExternal: true}); remedy.Code(err) != "busy" {
		t.Errorf("the error is %v", err)
	}
	another := at(t, e.ws.Root, "NAAP_DATABASE_URL="+pgtest.NewDatabase(t))
	if err := pushing(another, PushOptions{AllowExternal: true}); err != nil {
		t.Errorf("another database: %v", remedy.Text(err))
	}
}

func TestTheLockOutlivesAServersLimitOnIdleTransactions(t *testing.T) {
	url := pgtest.NewDatabase(t)
	target, err := dburl.ParseTarget(url)
	if err != nil {
		t.Fatal(err)
	}
	run(t, url, `ALTER DATABASE `+postgres.Ident(target.Database)+` SET idle_in_transaction_session_timeout = '1ms'`)
	e := at(t, folder(t, ofModel("Stall")), "NAAP_DATABASE_URL="+url)
	db, err := e.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	release, err := e.lockTarget(t.Context(), db, "up", false)
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	time.Sleep(200 * time.Millisecond)
	if err := pushing(at(t, e.ws.Root, "NAAP_DATABASE_URL="+url), PushOptions{AllowExternal: true}); remedy.Code(err) != "busy" {
		t.Errorf("the error is %v", err)
	}
}

func TestDownDoesNotStopAServerThatAnotherHomeWorksOn(t *testing.T) {
	server := pgtest.Server(t, pgtest.Setting("cluster_name", "naap:test:1"))
	u, err := neturl.Parse(server.NewDatabase(t, pgtest.Named("naap")))
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil {
		t.Fatal(err)
	}
	e := at(t, folder(t, ofModel("Stall")), "NAAP_PASSWORD="+pgtest.Password)
	if err := writeRecord(e.StateDir(), record{Engine: "embedded", Port: port, Identity: "naap:test:1", Root: e.ws.Root}); err != nil {
		t.Fatal(err)
	}
	if err := e.waitForOthers(t.Context()); err != nil {
		t.Fatal(remedy.Text(err))
	}
	other := otherNaap(t, u.String())
	_, err = e.Down(t.Context(), DownOptions{}, progress.Discard)
	if remedy.Code(err) != "busy" || !strings.Contains(err.Error(), strconv.Itoa(other.Process.Pid)) {
		t.Errorf("the error is %v", err)
	}
	if _, err := postgres.Connect(t.Context(), u.String(), postgres.Options{}); err != nil {
		t.Errorf("the server was stopped: %v", err)
	}
}
