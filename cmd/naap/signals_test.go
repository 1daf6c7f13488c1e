package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// TestASignalEndsWhatNeedsNoDatabase has a git that never answers: where no engine and no server is waited for, a signal
// is answered too.
func TestASignalEndsWhatNeedsNoDatabase(t *testing.T) {
	p := newProgram(t, "embedded")
	w := &ruin{t: t, p: p}
	w.writeWorkspace()
	folder := t.TempDir()
	asked := filepath.Join(folder, "asked")
	if err := os.WriteFile(filepath.Join(folder, "git"), []byte("#!/bin/sh\n: > '"+asked+"'\nexec sleep 600\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	p.env = append(p.env, "PATH="+folder+":"+os.Getenv("PATH"))
	for _, f := range signals[:3] {
		_ = os.Remove(asked)
		r := w.start("check", []string{"check", "--changed"})
		for r.runs() {
			if _, err := os.Stat(asked); err == nil {
				break
			}
			time.Sleep(time.Millisecond)
		}
		_ = r.c.Process.Signal(syscall.Signal(f.signal))
		select {
		case <-r.ended:
		case <-time.After(hangs):
			_ = r.c.Process.Kill()
			t.Fatalf("%s does not end it", f.name)
		}
		var doc failureDocument
		if err := json.Unmarshal(r.out.Bytes(), &doc); err != nil || doc.Error.Code != "interrupted" || r.c.ProcessState.ExitCode() != 128+f.signal {
			t.Errorf("%s: exit status %d, %v\n%s%s", f.name, r.c.ProcessState.ExitCode(), err, r.out.Bytes(), r.err.Bytes())
		}
	}
}

// TestASignalThatWasIgnoredStaysIgnored starts naap as nohup does: the hangup passes by, and what comes after it ends it.
func TestASignalThatWasIgnoredStaysIgnored(t *testing.T) {
	p := newProgram(t, "embedded")
	w := &ruin{t: t, p: p}
	w.writeWorkspace() // the built-in one can't change, and is not watched
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
