package password_test

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/livepeer/naap-dev/internal/password"
	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// TestAChangeThatIsCutOffAnywhereLosesNoPassword cuts the connection before and after each question of a change, to a
// random password and back, as a kill of naap would. The next naap logs in with what the state folder and the settings
// say, and completes the change.
func TestAChangeThatIsCutOffAnywhereLosesNoPassword(t *testing.T) {
	direct := pgtest.NewDatabase(t)
	relay := pgtest.NewRelay(t, direct)
	for _, random := range []bool{true, false} {
		for question := 1; ; question++ {
			cut := false
			for _, answered := range []bool{false, true} {
				role := fmt.Sprintf("changing_%t_%d_%t", random, question, answered)
				pgtest.Exec(t, direct, "CREATE ROLE "+role+" LOGIN SUPERUSER PASSWORD 'plain'")
				t.Cleanup(func() { pgtest.Exec(t, direct, "DROP ROLE "+role) })
				dir, home := t.TempDir(), t.TempDir()
				check(t, os.WriteFile(filepath.Join(dir, "naap.toml"), []byte("user = \""+role+"\"\npassword = \"plain\"\n"), 0o644))
				ws := find(t, dir, home)
				if !random { // begin with a random one
					change(t, ws, direct, true, nil)
					ws = find(t, dir, home)
				}
				before := ws.Settings.Password

				relay.At(question, answered, func() bool { cut = true; return false })
				change(t, ws, relay.URL(), random, &cut)
				relay.At(0, false, nil)

				next := find(t, dir, home)
				err := login(t, next, direct)
				if err != nil && password.Other(next, err) {
					err = login(t, next, direct)
				}
				check(t, err)
				check(t, password.Finish(next))
				done := find(t, dir, home)
				check(t, login(t, done, direct))
				if set := done.Settings; set.PasswordIs.Next != "" || set.PasswordIs.Kept != (set.Password != "plain") {
					t.Errorf("random %t, cut at question %d, answered %t: next %t, kept %t", random, question, answered, set.PasswordIs.Next != "", set.PasswordIs.Kept)
				}
				if !cut && done.Settings.Password == before {
					t.Errorf("random %t: nothing cut it off, and it changed nothing", random)
				}
			}
			if !cut {
				if question < 3 {
					t.Fatalf("a change asks only %d questions", question-1)
				}
				break
			}
		}
	}
}

func find(t *testing.T, dir, home string) *workspace.Workspace {
	t.Helper()
	ws, err := workspace.Find(t.Context(), dir, workspace.Options{Env: []string{"HOME=" + home, "PATH=" + os.Getenv("PATH"), "NAAP_TRUST=all"}})
	check(t, err)
	return ws
}

// as returns a URL of a server with the role and the password of a workspace.
func as(t *testing.T, server string, ws *workspace.Workspace) string {
	t.Helper()
	u, err := url.Parse(server)
	check(t, err)
	u.User = url.UserPassword(ws.Settings.User, ws.Settings.Password)
	return u.String()
}

// change changes the password, over a server that cuts the connection off where cut is not nil.
func change(t *testing.T, ws *workspace.Workspace, server string, random bool, cut *bool) {
	t.Helper()
	db, err := postgres.Open(t.Context(), as(t, server, ws), postgres.Options{})
	if err == nil {
		defer db.Close()
		err = password.Change(t.Context(), ws, db, random)
	}
	if err != nil && (cut == nil || !*cut) {
		t.Fatal(remedy.Text(err))
	}
}

func login(t *testing.T, ws *workspace.Workspace, server string) error {
	t.Helper()
	conn, err := postgres.Connect(t.Context(), as(t, server, ws), postgres.Options{})
	if err == nil {
		postgres.Close(conn)
	}
	return err
}

// TestTheReadersPasswordIsOneAndItsOwners asks for it from many sides at once, and then with files that nobody should
// believe: one that others can read, and one that names no role.
func TestTheReadersPasswordIsOneAndItsOwners(t *testing.T) {
	var dir string
	var kept postgres.Reader
	for range 30 { // it does not always come to a race
		dir = filepath.Join(t.TempDir(), "instance")
		if _, err := password.KeptReader(dir, "o"); err == nil {
			t.Error("a password is kept before one was made")
		}
		var mu sync.Mutex
		var all sync.WaitGroup
		made, begin := map[postgres.Reader]bool{}, make(chan struct{})
		for range 8 {
			all.Go(func() {
				<-begin
				r, err := password.Reader(dir, "o")
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					t.Error(err)
				}
				made[r] = true
			})
		}
		close(begin)
		all.Wait()
		var err error
		kept, err = password.KeptReader(dir, "o")
		check(t, err)
		if len(made) != 1 || !made[kept] || !strings.HasPrefix(kept.Role, postgres.ReaderPrefix) {
			t.Fatalf("%d were made at once, and %q is kept", len(made), kept.Role)
		}
	}

	path := filepath.Join(dir, "reader.json")
	for what, spoil := range map[string]func() error{
		"others can read it": func() error { return os.Chmod(path, 0o644) },
		"it names no role":   func() error { return os.WriteFile(path, []byte(`{"password":"x"}`), 0o600) },
		"it is no JSON":      func() error { return os.WriteFile(path, []byte("x"), 0o600) },
	} {
		check(t, spoil())
		if r, err := password.KeptReader(dir, "o"); err == nil {
			t.Errorf("%s: %q is believed", what, r.Role)
		}
		r, err := password.Reader(dir, "o")
		check(t, err)
		if r == kept {
			t.Errorf("%s: the password stays", what)
		}
		kept = r
	}
	check(t, password.ForgetReader(dir))
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Error("it is not forgotten")
	}
}

// TestWhoMayChangeAPassword names who knows it, and what forbids another one.
func TestWhoMayChangeAPassword(t *testing.T) {
	for _, c := range []struct {
		toml, env   string
		opt         password.Options
		is, becomes password.Kind
		code        string
	}{
		{is: password.Public},
		{opt: password.Options{Random: true}, is: password.Public, becomes: password.Random},
		{opt: password.Options{Default: true}, is: password.Public},
		{env: "NAAP_PASSWORD=mine", is: password.Own},
		{env: "NAAP_PASSWORD=mine", opt: password.Options{Random: true}, code: "settings.password"},
		{toml: "password = \"random\"\n", opt: password.Options{Default: true}, code: "settings.password"},
		{toml: "password = \"random\"\n", is: password.Public}, // until it is made
	} {
		dir, home := t.TempDir(), t.TempDir()
		check(t, os.WriteFile(filepath.Join(dir, "naap.toml"), []byte(c.toml), 0o644))
		ws, err := workspace.Find(t.Context(), dir, workspace.Options{Env: []string{"HOME=" + home, c.env}})
		check(t, err)
		plan, err := password.Decide(&ws.Settings, c.opt)
		switch {
		case err != nil || c.code != "":
			if err == nil || remedy.Code(err) != c.code {
				t.Errorf("%+v: %v", c, err)
			}
		case plan.Is != c.is || plan.Becomes != c.becomes || (plan.Becomes != "") != (len(plan.Steps) > 0):
			t.Errorf("%+v: %+v", c, plan)
		}
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(remedy.Text(err))
	}
}
