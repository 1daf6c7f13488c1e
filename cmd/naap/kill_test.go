//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/devenv"
)

// kills is how many moments of a verb are tried: NAAP_TEST_KILLS, or a few.
func kills(few int) int {
	if n, err := strconv.Atoi(os.Getenv("NAAP_TEST_KILLS")); err == nil && n > 0 {
		return n
	}
	return few
}

func TestUpAfterAKillAtAnyMomentEmbedded(t *testing.T) {
	t.Parallel()
	killUp(t, newProgram(t, "embedded"), kills(6))
}

func TestUpAfterAKillAtAnyMomentDocker(t *testing.T) {
	t.Parallel()
	needDocker(t)
	killUp(t, newProgram(t, "docker"), kills(4))
}

// killUp kills `up` at moments spread over its whole length, each time on an instance without any data, and expects
// the next `up` to end well with every table there, as a run that nothing disturbed makes them.
func killUp(t *testing.T, p *program, rounds int) {
	p.must(t, "dev", "up") // what is fetched or made once is no part of the measured one
	p.deleteData(t)
	began := time.Now()
	p.must(t, "dev", "up")
	whole := time.Since(began)
	want, shape := p.tables(t), p.shape(t)
	p.deleteData(t)
	hits, tried := 0, 0
	few := func() bool { return hits*3 < rounds*2 }
	for ; tried < rounds || few() && tried < 3*rounds; tried++ {
		after := whole * time.Duration(tried%rounds*2+1) / time.Duration(rounds*2)
		took, killed := p.killAfter(t, after, "dev", "up")
		if killed {
			hits++
		} else {
			whole = took // the machine has become faster: the rest is spread over that
		}
		out, err := p.command("dev", "up").CombinedOutput()
		if err != nil {
			t.Fatalf("killed after %s of %s, the next up failed: %v\n%s", after, whole, err, out)
		}
		if got := p.tables(t); got != want {
			t.Errorf("killed after %s: %s, want %s", after, got, want)
		}
		if got := p.shape(t); got != shape {
			t.Errorf("killed after %s, the catalogue differs:\n%s", after, firstDifference(got, shape))
		}
		p.deleteData(t)
	}
	if few() && os.Getenv("NAAP_TEST_KILLS") != "" { // a few are a matter of luck on a busy machine
		t.Errorf("%d of %d kills met a process", hits, tried)
	}
	t.Logf("%d kills spread over %s, %d of which met a process", tried, whole, hits)
}

// killAfter starts naap and kills it after a while. killed is false if it had ended by itself before, which took that
// long.
func (p *program) killAfter(t *testing.T, after time.Duration, args ...string) (took time.Duration, killed bool) {
	t.Helper()
	c := p.command(args...)
	began := time.Now()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan time.Duration, 1)
	go func() {
		_ = c.Wait()
		ended <- time.Since(began)
	}()
	select {
	case took := <-ended:
		return took, false
	case <-time.After(after):
	}
	_ = c.Process.Kill()
	took = <-ended
	status, ok := c.ProcessState.Sys().(syscall.WaitStatus)
	return took, ok && status.Signaled()
}

// shape is the catalogue of the instance's database: each column, type, default, key and index. It is empty where the
// query for it, or psql, is not there. The bookkeeping is left out.
func (p *program) shape(t *testing.T) string {
	t.Helper()
	shared := os.Getenv("NAAP_SHARED")
	if shared == "" {
		shared = "../../../shared"
	}
	if _, err := os.Stat(shared + "/prisma/oracle/catalog.sql"); err != nil {
		return ""
	}
	if _, err := exec.LookPath("psql"); err != nil {
		return ""
	}
	return withoutLines(catalogue(t, shared, strings.TrimSpace(p.must(t, "dev", "url"))), "extension ", "naap_dev")
}

func TestTenUpsAtOnceEmbedded(t *testing.T) {
	t.Parallel()
	tenUps(t, newProgram(t, "embedded"))
}

func TestTenUpsAtOnceDocker(t *testing.T) {
	t.Parallel()
	needDocker(t)
	p := newProgram(t, "docker")
	tenUps(t, p)
	out, err := exec.Command("docker", "ps", "-aq", "--filter", "name=naap-"+p.instance+"-db").Output()
	if err != nil {
		t.Fatal(err)
	}
	if n := len(strings.Fields(string(out))); n != 1 {
		t.Errorf("%d containers, want 1", n)
	}
}

// busyWord is what a naap says that found another at work; the pid is left out where the other has just ended.
var busyWord = regexp.MustCompile(`another naap (?:\(pid (\d+)\) )?is working on this instance`)

// tenUps starts ten at once: each ends well or says busy, with the pid of one of the others.
func tenUps(t *testing.T, p *program) {
	var wg sync.WaitGroup
	codes, texts, pids := make([]int, 10), make([]string, 10), make([]string, 10)
	for i := range codes {
		wg.Go(func() {
			c := p.command("dev", "up")
			out, _ := c.CombinedOutput()
			codes[i], texts[i], pids[i] = c.ProcessState.ExitCode(), string(out), strconv.Itoa(c.ProcessState.Pid())
		})
	}
	wg.Wait()
	done, named := 0, 0
	for i, code := range codes {
		switch code {
		case 0:
			done++
		case 4:
			said := busyWord.FindStringSubmatch(texts[i])
			if said == nil || said[1] != "" && (said[1] == pids[i] || !slices.Contains(pids, said[1])) {
				t.Errorf("pid %s says of the pids %s that it is busy: %s", pids[i], pids, texts[i])
			}
			if said != nil && said[1] != "" {
				named++
			}
		default:
			t.Errorf("exit status %d: %s", code, texts[i])
		}
	}
	if done == 0 {
		t.Error("none of the ten ended well")
	}
	if done < len(codes) && named == 0 {
		t.Error("nobody who was busy said with whom")
	}
	if out, err := p.command("--wait", "dev", "up").CombinedOutput(); err != nil {
		t.Errorf("--wait: %v\n%s", err, out)
	}
}

// TestOnlyLoopbackListens reads the kernel's table: whatever the engine, nothing listens on another address.
func TestOnlyLoopbackListens(t *testing.T) {
	t.Parallel()
	engines := []string{"embedded"}
	if dockerAnswers() {
		engines = append(engines, "docker")
	}
	for _, engine := range engines {
		p := newProgram(t, engine)
		p.must(t, "dev", "up")
		out, err := exec.Command("ss", "-Hltn", "sport", "=", ":"+p.port).Output()
		if err != nil {
			t.Skip("ss is not on this machine: ", err)
		}
		lines := strings.Fields(string(out))
		if len(lines) == 0 {
			t.Errorf("%s: nobody listens on %s", engine, p.port)
		}
		for line := range strings.Lines(string(out)) {
			if local := strings.Fields(line)[3]; local != "127.0.0.1:"+p.port {
				t.Errorf("%s listens on %s", engine, local)
			}
		}
	}
}

// TestThePasswordIsInNoLogAndNoError looks for a password of its own in all that verbs print, go they well or not, and
// in every file that they leave.
func TestThePasswordIsInNoLogAndNoError(t *testing.T) {
	t.Parallel()
	const password = "correct-horse-battery"
	engines := []string{"embedded"}
	if dockerAnswers() {
		engines = append(engines, "docker")
	}
	for _, engine := range engines {
		p := newProgram(t, engine)
		p.env = append(p.env, "NAAP_PASSWORD="+password)
		var seen bytes.Buffer
		for _, args := range [][]string{
			{"dev", "up", "--events"}, {"dev", "up"}, {"dev", "status"}, {"dev", "status", "--json"}, {"dev", "logs", "--tail", "-1"},
			{"dev", "diff"}, {"config"}, {"config", "--json"}, {"dev", "sql", "SELECT nothing"}, {"dev", "up", "--port", "1"},
			{"dev", "status", "--database-url", "postgresql://postgres:" + password + "@127.0.0.1:1/naap"},
			{"dev", "up", "--database-url", "postgresql://postgres:" + password + "@127.0.0.1:" + p.port + "/missing"},
		} {
			out, _ := p.command(args...).CombinedOutput()
			fmt.Fprintf(&seen, "naap %s\n%s\n", strings.Join(args[:1], " "), out)
		}
		wrong := p.command("dev", "sql", "SELECT 1")
		wrong.Env = append(wrong.Env, "NAAP_PASSWORD="+password+"-wrong")
		out, _ := wrong.CombinedOutput()
		seen.Write(out)
		if i := bytes.Index(seen.Bytes(), []byte(password)); i >= 0 {
			t.Errorf("%s: the password was printed: …%s", engine, seen.Bytes()[max(0, i-300):i+30])
		}
		filesWithout(t, p.home, password)
	}
}

func filesWithout(t *testing.T, dir, secret string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		if bytes.Contains(text, []byte(secret)) {
			t.Errorf("the password is in %s", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// program is naap as a process, with a home, an instance and a port of its own.
type program struct {
	path, home, dir, instance, port string
	env                             []string
}

// instances counts those that the tests of this process made.
var instances atomic.Int64

func newProgram(t *testing.T, engine string) *program {
	t.Helper()
	dir := t.TempDir()
	// The test binary is naap where it is called so: see TestMain.
	path := filepath.Join(dir, "naap")
	self, err := os.Executable()
	if err == nil {
		err = os.Symlink(self, path)
	}
	if err != nil {
		t.Fatal(err)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	p := &program{path: path, home: filepath.Join(dir, "home"), dir: dir, port: unusedPort(t),
		instance: fmt.Sprintf("k%d-%d-%d", os.Getpid(), time.Now().Unix()%1_000_000, instances.Add(1))}
	p.env = append(os.Environ(), "XDG_STATE_HOME="+filepath.Join(p.home, "state"), "XDG_CACHE_HOME="+cache,
		"NAAP_INSTANCE="+p.instance, "NAAP_ENGINE="+engine, "NAAP_PORT="+p.port, "NAAP_TRUST=all")
	t.Cleanup(func() { p.deleteData(t) })
	return p
}

func (p *program) command(args ...string) *exec.Cmd {
	c := exec.Command(p.path, args...)
	c.Dir, c.Env = p.dir, p.env
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return c
}

func (p *program) must(t *testing.T, args ...string) string {
	t.Helper()
	var stderr bytes.Buffer
	c := p.command(args...)
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		t.Fatalf("naap %s: %v\n%s%s", strings.Join(args, " "), err, out, stderr.Bytes())
	}
	return string(out)
}

// tables is a line about what the instance's database holds.
func (p *program) tables(t *testing.T) string {
	t.Helper()
	var st devenv.Status
	if err := json.Unmarshal([]byte(p.must(t, "dev", "status", "--json")), &st); err != nil {
		t.Fatal(err)
	}
	pending := 0
	for _, s := range st.Seeds {
		if s.State != "applied" {
			pending++
		}
	}
	drift := -1
	if st.Drift != nil {
		drift = st.Drift.PendingStatements
	}
	return fmt.Sprintf("%s, %s, %d statements differ, %d seeds pending", st.State, st.Summary(), drift, pending)
}

// deleteData removes the instance, whatever state it is in.
func (p *program) deleteData(t *testing.T) {
	t.Helper()
	out, err := p.command("dev", "down", "--delete-data").CombinedOutput()
	if err == nil {
		return
	}
	_, rest, found := strings.Cut(string(out), "--yes=")
	if !found {
		t.Errorf("down: %v\n%s", err, out)
		return
	}
	name, _, _ := strings.Cut(rest, " ")
	name, _, _ = strings.Cut(name, "\n")
	if out, err := p.command("dev", "down", "--delete-data", "--yes="+name).CombinedOutput(); err != nil {
		t.Errorf("down: %v\n%s", err, out)
	}
}
