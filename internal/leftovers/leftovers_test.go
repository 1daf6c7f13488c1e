//go:build unix

package leftovers

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
)

// TestWhatAKilledProcessLeftIsRemovedByTheNext has a process note two folders and a network, create a folder and the
// network, and be killed; another process that is still running keeps its own.
func TestWhatAKilledProcessLeftIsRemovedByTheNext(t *testing.T) {
	network := os.Getenv("LEFTOVERS_NETWORK")
	if folder := os.Getenv("LEFTOVERS_FOLDER"); folder != "" {
		if network != "" {
			if err := Note(Network, network); err != nil {
				t.Fatal(err)
			}
			if out, err := exec.Command("docker", "network", "create", network).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
		}
		for _, name := range []string{folder + "-never-made", folder} {
			if err := Note(Folder, name); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		if os.Getenv("LEFTOVERS_KILLED") != "" {
			syscall.Kill(os.Getpid(), syscall.SIGKILL)
		}
		return
	}
	cache := t.TempDir()
	child := func(folder string, more ...string) *exec.Cmd {
		c := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
		c.Env = append(append(os.Environ(), "XDG_CACHE_HOME="+cache, "HOME="+cache, "LEFTOVERS_FOLDER="+folder), more...)
		return c
	}
	there := func(path string) bool { _, err := os.Stat(path); return err == nil }
	killed, alive := filepath.Join(cache, "killed"), filepath.Join(cache, "alive")
	t.Setenv("XDG_CACHE_HOME", cache)
	t.Setenv("HOME", cache)
	if err := Note(Folder, alive); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(alive, 0o700); err != nil {
		t.Fatal(err)
	}
	more := []string{"LEFTOVERS_KILLED=1"}
	if exec.Command("docker", "version").Run() == nil {
		network = fmt.Sprintf("naap-leftovers-%d", os.Getpid())
		more = append(more, "LEFTOVERS_NETWORK="+network)
	} else if os.Getenv("NAAP_TEST_DOCKER") == "required" {
		t.Error("NAAP_TEST_DOCKER=required, and no Docker engine answers")
	}
	if out, err := child(killed, more...).CombinedOutput(); err == nil || !there(killed) {
		t.Fatalf("the process was not killed with its folder there: %v\n%s", err, out)
	}
	if out, err := child(filepath.Join(cache, "next")).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if there(killed) || !there(alive) {
		t.Errorf("what the killed process made is there: %v; what this one made: %v", there(killed), there(alive))
	}
	if network != "" && slices.Contains(listed("network", "ls", "--format", "{{.Name}}"), network) {
		t.Errorf("the network %s is there", network)
	}
	if left, _ := filepath.Glob(filepath.Join(cache, "naap", "tests", "*")); len(left) > 4 {
		t.Errorf("notes are left: %v", left)
	}
}
