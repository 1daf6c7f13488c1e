//go:build unix

package main

import (
	"bufio"
	"bytes"
	"context"
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

	"github.com/livepeer/naap-dev/internal/pgtest"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/embedpg"
	"github.com/livepeer/naap-dev/internal/memtest"
	"github.com/livepeer/naap-dev/internal/porttest"
	"github.com/livepeer/naap-dev/internal/progress"
)

// kills returns how many moments of a verb are tried: NAAP_TEST_KILLS, or a few.
func kills(t testing.TB, few int) int {
	t.Helper()
	return pgtest.Number(t, "NAAP_TEST_KILLS", few)
}

func TestUpAfterAKillAtAnyStepEmbedded(t *testing.T) {
	t.Parallel()
	killUp(t, newProgram(t, "embedded"), kills(t, 1))
}

func TestUpAfterAKillAtAnyStepDocker(t *testing.T) {
	t.Parallel()
	pgtest.Long(t)
	needDocker(t)
	killUp(t, newProgram(t, "docker"), kills(t, 1))
}

// killUp kills `up` at steps spread over its whole run, each time on an instance without any data, and expects the next
// `up` to end well with every table there, as an undisturbed run makes them.
func killUp(t *testing.T, p *program, rounds int) {
	steps := slices.DeleteFunc(p.steps(t, "dev", "up"), func(step string) bool { // a download happens only once, and is a step more
		return strings.HasPrefix(step, "binaries ") || strings.HasPrefix(step, "image ")
	})
	want, shape := p.tables(t), p.shape(t)
	p.deleteData(t)
	for i := range rounds {
		at := steps[(2*i+1)*len(steps)/(2*rounds)%len(steps)]
		p.killAtStep(t, at, "dev", "up")
		out, err := p.command("dev", "up").CombinedOutput()
		if err != nil {
			t.Fatalf("killed at %s, the next up failed: %v\n%s", at, err, out)
		}
		if got := p.tables(t); got != want {
			t.Errorf("killed at %s: %s, want %s", at, got, want)
		}
		if got := p.shape(t); got != shape {
			t.Errorf("killed at %s, the catalogue differs:\n%s", at, firstDifference(got, shape))
		}
		p.deleteData(t)
	}
	t.Logf("%d kills at %d steps", rounds, len(steps))
}

// steps returns the steps that a verb reports, each once, except the last: at that the verb may be over.
func (p *program) steps(t *testing.T, args ...string) []string {
	t.Helper()
	c := p.command(append(args, "--events")...)
	var events, out bytes.Buffer
	c.Stdout, c.Stderr = &out, &events
	if err := c.Run(); err != nil {
		t.Fatalf("naap %s: %v\n%s%s", strings.Join(args, " "), err, out.Bytes(), events.Bytes())
	}
	var steps []string
	for line := range bytes.Lines(events.Bytes()) {
		if step := stepOf(line); step != "" && !slices.Contains(steps, step) {
			steps = append(steps, step)
		}
	}
	if len(steps) < 2 {
		t.Fatalf("naap %s tells no steps:\n%s", strings.Join(args, " "), events.Bytes())
	}
	return steps[:len(steps)-1]
}

// stepOf returns the step of a line of --events with its count, "seeds running 3", or "" for any other line.
func stepOf(line []byte) string {
	var e struct {
		Event, Name, Status string
		Done                int
	}
	if json.Unmarshal(line, &e) != nil || e.Event != "step" {
		return ""
	}
	return fmt.Sprint(e.Name, " ", e.Status, " ", e.Done)
}

// killAtStep starts a verb and kills it when it reports a step.
func (p *program) killAtStep(t *testing.T, step string, args ...string) {
	t.Helper()
	c := p.command(append(args, "--events")...)
	events, err := c.StderrPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for lines := bufio.NewScanner(events); lines.Scan(); {
		told = append(told, stepOf(lines.Bytes()))
		if told[len(told)-1] == step {
			_ = c.Process.Kill()
		}
	}
	_ = c.Wait()
	if status, ok := c.ProcessState.Sys().(syscall.WaitStatus); !ok || !status.Signaled() {
		t.Errorf("naap %s ended before it was killed at %s: %q", strings.Join(args, " "), step, told)
	}
}

// shape returns the catalogue of the instance's database: each column, type, default, key and index. It is empty where
// the query for it, or psql, is missing. The ledger is left out.
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
	pgtest.Long(t)
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

// busyWord matches what naap says when another naap is at work; the pid is left out where that one has just ended.
var busyWord = regexp.MustCompile(`another naap (?:\(pid (\d+)\) )?is working on this instance`)

// tenUps starts ten at once: each ends well or says that another is at work, with the pid of one of the others.
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

// TestAnInstanceIsItsUsersOnly does two things with an instance of each engine, which has a password of its own.
func TestAnInstanceIsItsUsersOnly(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{"embedded", "docker"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			if engine == "docker" {
				pgtest.Long(t)
				needDocker(t)
			}
			p := newProgram(t, engine)
			t.Run("the password is in no log and no error", p.keepsItsPassword)
			t.Run("only the loopback listens", p.listensOnLoopback)
		})
	}
}

// listensOnLoopback reads the kernel's table: whatever the engine, nothing listens on another address.
func (p *program) listensOnLoopback(t *testing.T) {
	p.must(t, "dev", "up", "--no-push", "--no-seed")
	out, err := exec.Command("ss", "-Hltn", "sport", "=", ":"+p.port).Output()
	if err != nil {
		t.Skip("ss is not on this machine: ", err)
	}
	if len(strings.Fields(string(out))) == 0 {
		t.Errorf("nobody listens on %s", p.port)
	}
	for line := range strings.Lines(string(out)) {
		if local := strings.Fields(line)[3]; local != "127.0.0.1:"+p.port {
			t.Errorf("it listens on %s", local)
		}
	}
}

// keepsItsPassword looks for a password of its own in all that verbs print, whether they succeed or fail, and in every
// file that they leave.
func (p *program) keepsItsPassword(t *testing.T) {
	const password = "correct-horse-battery"
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
		t.Errorf("the password was printed: …%s", seen.Bytes()[max(0, i-300):i+30])
	}
	filesWithout(t, p.home, password)
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
	external                        bool // its server is not one that naap started
}

// instances counts the instances that the tests of this process made.
var instances atomic.Int64

func newProgram(t *testing.T, engine string) *program {
	t.Helper()
	p, err := newProgramIn(t.TempDir(), memtest.Dir(t), engine)
	if err == nil {
		err = noteInstance(p.instance, p.state())
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.clear(t, engine) })
	return p
}

// clear removes the instance after its test. Where that needs no naap it takes none.
func (p *program) clear(t *testing.T, engine string) {
	if engine != "embedded" {
		p.deleteData(t)
		return
	}
	e, err := embedpg.New(embedpg.Options{Dir: filepath.Join(p.instanceDir(), "embedded")})
	if err == nil {
		_, err = e.DeleteData(context.Background(), progress.Discard)
	}
	if err != nil {
		t.Error(err)
	}
}

// newProgramIn returns naap in a new folder, with a home in another. What it makes there lets the server's user pass
// through, so that all of the instance is there even where the tests run as root.
func newProgramIn(dir, home, engine string) (*program, error) {
	// The test binary is naap where it is called by that name: see TestMain. A workspace's folder naap is its queries'.
	path := filepath.Join(home, "naap")
	self, err := os.Executable()
	if err == nil {
		err = os.Symlink(self, path)
	}
	if err != nil {
		return nil, err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, err
	}
	p := &program{path: path, home: home, dir: dir, port: strconv.Itoa(porttest.Free()),
		instance: fmt.Sprintf("k%d-%d-%d", os.Getpid(), time.Now().Unix()%1_000_000, instances.Add(1))}
	p.env = append(os.Environ(), "XDG_STATE_HOME="+p.state(), "XDG_CACHE_HOME="+cache,
		"NAAP_INSTANCE="+p.instance, "NAAP_ENGINE="+engine, "NAAP_PORT="+p.port, "NAAP_TRUST=all")
	return p, os.MkdirAll(p.instanceDir(), 0o755)
}

// state is the folder of naap's state.
func (p *program) state() string { return filepath.Join(p.home, "state") }

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

// tables returns a line about what the instance's database holds.
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
	tables, rows := 0, int64(0)
	for _, s := range st.Schemas {
		tables += s.Tables
		rows += s.Rows
	}
	return fmt.Sprintf("%s, %d schemas, %d tables, %d rows, %d statements differ, %d seeds pending", st.State, len(st.Schemas), tables, rows, drift, pending)
}

// deleteData removes the instance, whatever state it is in.
func (p *program) deleteData(t *testing.T) {
	t.Helper()
	if p.external {
		return
	}
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
