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

// TestASignalEndsTheReadingOfTheWorkspace has a naap.toml that is a pipe which nobody writes to: before a verb is known to
// need a database, a signal is answered.
func TestASignalEndsTheReadingOfTheWorkspace(t *testing.T) {
	p := newProgram(t, "embedded")
	pipe := filepath.Join(p.dir, "naap.toml")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Remove(pipe) })
	w := &ruin{t: t, p: p}
	for _, f := range signals[:3] {
		r := w.start("config", []string{"config"})
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
