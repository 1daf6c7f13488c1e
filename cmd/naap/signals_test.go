//go:build unix

package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/scripttest"
)

// TestASignalEndsWhatNeedsNoDatabase has a git that never answers: a signal is answered even where no engine and no
// server is waited for.
func TestASignalEndsWhatNeedsNoDatabase(t *testing.T) {
	p := newProgram(t, "embedded")
	w := &ruin{t: t, p: p}
	w.writeWorkspace()
	folder := t.TempDir()
	asked := filepath.Join(folder, "asked")
	scripttest.Write(t, filepath.Join(folder, "git"), ": > '"+asked+"'\nexec sleep 600")
	p.env = append(p.env, "PATH="+folder+":"+os.Getenv("PATH"))
	for _, verb := range [][]string{{"check", "--changed"}, {"check", "--offline"}} {
		for _, f := range signals[:3] {
			for _, whole := range []bool{false, true} { // ctrl+c in a terminal goes to the whole group, git included
				_ = os.Remove(asked)
				r := w.start("check", verb)
				for r.runs() {
					if _, err := os.Stat(asked); err == nil {
						break
					}
					time.Sleep(time.Millisecond)
				}
				to := r.c.Process.Pid
				if whole {
					to = -to
				}
				_ = syscall.Kill(to, syscall.Signal(f.signal))
				select {
				case <-r.ended:
				case <-time.After(hangs):
					_ = r.c.Process.Kill()
					t.Fatalf("%v: %s does not end it", verb, f.name)
				}
				var doc failureDocument
				if err := json.Unmarshal(r.out.Bytes(), &doc); err != nil || doc.Error.Code != "interrupted" || r.c.ProcessState.ExitCode() != 128+f.signal {
					t.Errorf("%v: %s to the group %t: exit status %d, %v\n%s%s", verb, f.name, whole, r.c.ProcessState.ExitCode(), err, r.out.Bytes(), r.err.Bytes())
				}
			}
		}
	}
}

// TestAGitThatIsEndedIsNotOneThatHasNothingToSay has a git that dies, as where memory runs out: what it would have said
// is not known, and a check does not say that all rules hold.
func TestAGitThatIsEndedIsNotOneThatHasNothingToSay(t *testing.T) {
	p := newProgram(t, "embedded")
	(&ruin{t: t, p: p}).writeWorkspace()
	folder := t.TempDir()
	scripttest.Write(t, filepath.Join(folder, "git"), "kill -9 $$")
	p.env = append(p.env, "PATH="+folder+":"+os.Getenv("PATH"))
	out, err := p.command("--json", "check", "--offline").Output()
	var doc failureDocument
	if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) || json.Unmarshal(out, &doc) != nil || doc.Error.Code != "check.git" {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestASignalThatWasIgnoredStaysIgnored starts naap as nohup does: the hangup is ignored, and the signal after it ends
// naap.
func TestASignalThatWasIgnoredStaysIgnored(t *testing.T) {
	t.Parallel()
	p := newPrepared(t, empty)
	w := &ruin{t: t, p: p}
	w.writeWorkspace() // the built-in workspace can't change, and is not watched
	p.must(t, "dev", "up")
	nohup := exec.Command("sh", "-c", `trap "" HUP; exec "$0" dev watch`, p.path)
	nohup.Dir = p.dir
	r := w.starts("watch", nohup)
	for _, s := range []syscall.Signal{syscall.SIGHUP, syscall.SIGTERM} {
		_ = r.c.Process.Signal(s)
	}
	<-r.ended
	if got := r.c.ProcessState.ExitCode(); got != 128+int(syscall.SIGTERM) {
		t.Errorf("exit status %d\n%s%s", got, r.out.Bytes(), r.err.Bytes())
	}
}
