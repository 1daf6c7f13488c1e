//go:build unix

package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/dburl"
	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
)

// begun is the variable that names a file which the program creates when its main function begins, so that a test knows
// from when on the program itself handles signals.
const begun = "NAAP_TEST_BEGUN"

// tellBegun creates that file. It is only in the tests' build of the program.
func tellBegun() {
	if path := os.Getenv(begun); path != "" {
		_ = os.WriteFile(path, nil, 0o600)
	}
}

// hangs is how long a run that was ended may take before that counts as a fault: several times what the questions about
// the end may take, since the machine may be busy.
const hangs = 3 * time.Minute

// fault is an end from outside. It is given a run, waits for its moment, and strikes.
type fault struct {
	name   string
	signal int // sent to naap; 0 for none
	strike func(w *ruin, r *running)
	mend   func(w *ruin) // repairs what was broken; nil where nothing was
}

// ruin is the world in which verbs are ended.
type ruin struct {
	t      *testing.T
	p      *program
	dice   *rand.Rand
	admin  string // the server's URL, for what an administrator does
	data   string // the embedded server's data folder
	took   map[string]time.Duration
	round  int
	docker *dockerProxy // between naap and the engine; nil for the embedded server
}

// running is a run of a verb.
type running struct {
	verb  string
	c     *exec.Cmd
	out   bytes.Buffer
	err   bytes.Buffer
	ended chan struct{}
	took  time.Duration
	said  string // the failure's message, or ""
}

// verbs returns the command lines that are ended, after preparing what each needs.
func (w *ruin) verbs() map[string][]string {
	dump := filepath.Join(w.p.dir, "whole.dump")
	n := strconv.Itoa(w.round)
	return map[string][]string{
		"up": {"dev", "up"}, "status": {"dev", "status"}, "doctor": {"dev", "doctor"}, "url": {"dev", "url"},
		"logs": {"dev", "logs"}, "diff": {"dev", "diff"}, "push": {"dev", "push", "--accept-data-loss"},
		"reset": {"dev", "reset", "app", "--yes=app", "--cascade"}, "undo": {"dev", "undo", "--cascade"}, "undo list": {"dev", "undo", "--list"},
		"seed": {"dev", "seed", "--force"}, "fake": {"dev", "seed", "--fake", "300", "--append"},
		"save": {"dev", "snapshot", "save", "s" + n}, "snapshots": {"dev", "snapshot", "list"},
		"restore snapshot": {"dev", "snapshot", "restore", "kept", "--yes=kept", "--terminate-sessions"},
		"backup":           {"dev", "backup", filepath.Join(w.p.dir, "b"+n+".dump")},
		"restore":          {"dev", "restore", dump, "--yes=whole.dump", "--terminate-sessions"},
		"sql":              {"dev", "sql", "SELECT count(*) FROM generate_series(1, 2000000) g"},
		"write":            {"dev", "sql", "--write", "CREATE TABLE IF NOT EXISTS app.w (i int); INSERT INTO app.w SELECT generate_series(1, 200000)"},
		"watch":            {"dev", "watch"}, "schema list": {"dev", "schema", "list"}, "config": {"config"}, "version": {"version"}, "check": {"check"},
		"schema add": {"dev", "schema", "add", "plugin_x" + n, "--dry-run"},
	}
}

// atWork are the verbs that change the database, or have the server work for long.
var atWork = []string{"backup", "diff", "fake", "push", "reset", "restore", "restore snapshot", "save", "seed", "sql", "undo", "up", "write"}

// goOn are the verbs that go on until they are ended; only a signal is sure to end them.
var goOn = []string{"watch"}

func newRuin(t *testing.T, engine string, seed uint64) *ruin {
	w := &ruin{t: t, dice: rand.New(rand.NewPCG(seed, 0)), took: map[string]time.Duration{}}
	if engine == "docker" {
		w.docker = newDockerProxy(t) // before the program, whose cleanup goes through it
	}
	w.p = newUsed(t, engine)
	w.writeWorkspace()
	if w.docker != nil {
		w.p.env = append(w.p.env, "DOCKER_HOST="+w.docker.host())
	}
	w.p.must(t, "dev", "up")
	w.p.must(t, "dev", "seed", "--fake", "200", "--append")
	w.p.must(t, "dev", "snapshot", "save", "kept")
	// Where no pg_dump on this machine fits the embedded server, backup and restore say so; Docker's container has one.
	if out, err := w.p.command("dev", "backup", filepath.Join(w.p.dir, "whole.dump")).CombinedOutput(); err != nil && engine == "docker" {
		t.Fatalf("backup: %v\n%s", err, out)
	}
	w.p.must(t, "dev", "reset", "app", "--yes=app", "--cascade")
	target, err := dburl.ParseTarget(strings.TrimSpace(w.p.must(t, "dev", "url")))
	if err != nil {
		t.Fatal(err)
	}
	target.Database = "postgres"
	w.admin = target.URL()
	if _, doc := w.p.document(t, "dev", "status"); engine == "embedded" {
		w.data, _ = doc["process"].(map[string]any)["data"].(string)
	}
	return w
}

// writeWorkspace writes a workspace of some tables with seeds, in which every push has a column to add or to drop.
func (w *ruin) writeWorkspace() {
	var b strings.Builder
	b.WriteString("datasource db {\n  provider = \"postgresql\"\n  url      = env(\"DATABASE_URL\")\n  schemas  = [\"app\", \"public\"]\n}\n")
	for i := range 12 {
		fmt.Fprintf(&b, "\nmodel T%d {\n  id   Int    @id @default(autoincrement())\n  name String\n", i)
		if i > 0 {
			fmt.Fprintf(&b, "  of   T%d?   @relation(fields: [ofId], references: [id])\n  ofId Int?\n", i-1)
		}
		if i < 11 {
			fmt.Fprintf(&b, "  has  T%d[]\n", i+1)
		}
		if w.round%2 == 1 {
			b.WriteString("  more String?\n")
		}
		b.WriteString("  @@schema(\"app\")\n}\n")
	}
	files := map[string]string{
		"packages/database/prisma/schema.prisma": b.String(),
		"naap.toml":                              "",
	}
	for i := range 4 {
		files[fmt.Sprintf("seeds/app.%d.sql", i)] = fmt.Sprintf("INSERT INTO \"app\".\"T%d\" (name) SELECT 'n' || g FROM generate_series(1, 2000) g;\n", i)
	}
	for name, text := range files {
		path := filepath.Join(w.p.dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
			w.t.Fatal(err)
		}
	}
}

// start starts a verb and waits until its main function runs.
func (w *ruin) start(verb string, args []string) *running {
	return w.starts(verb, w.p.command(append([]string{"--json"}, args...)...))
}

func (w *ruin) starts(verb string, c *exec.Cmd) *running {
	file := filepath.Join(w.p.home, "begun")
	if err := os.MkdirAll(w.p.home, 0o755); err != nil {
		w.t.Fatal(err)
	}
	_ = os.Remove(file)
	r := &running{verb: verb, c: c, ended: make(chan struct{})}
	r.c.Env = append(slices.Clone(w.p.env), begun+"="+file)
	r.c.Stdout, r.c.Stderr = &r.out, &r.err
	began := time.Now()
	if err := r.c.Start(); err != nil {
		w.t.Fatal(err)
	}
	go func() { _ = r.c.Wait(); r.took = time.Since(began); close(r.ended) }()
	for r.runs() {
		if _, err := os.Stat(file); err == nil {
			return r
		}
		time.Sleep(200 * time.Microsecond)
	}
	return r
}

func (r *running) runs() bool {
	select {
	case <-r.ended:
		return false
	default:
		return true
	}
}

// moment waits for a random moment of a run, within the time that the verb usually takes.
func (w *ruin) moment(r *running) {
	usual := w.took[r.verb]
	if usual == 0 {
		usual = 200 * time.Millisecond
	}
	select {
	case <-r.ended:
	case <-time.After(time.Duration(w.dice.Int64N(int64(usual) + 1))):
	}
}

// whenAtWork waits until naap has a statement running on the server, and does something to its sessions there. It tries
// until it has struck, or the run is over.
func (w *ruin) whenAtWork(r *running, what string) {
	ctx := context.Background()
	admin, err := postgres.Connect(ctx, w.admin, postgres.Options{Application: "admin"})
	if err != nil {
		w.t.Fatal(err)
	}
	defer admin.Close(ctx)
	w.moment(r)
	for r.runs() {
		var n int
		if err := admin.QueryRow(ctx, `SELECT count(*) FILTER (WHERE `+what+`) FROM pg_stat_activity
WHERE application_name ~ '^(naap|pg_dump|pg_restore)' AND pid <> pg_backend_pid() AND (state = 'active' OR state ~ '^idle in')`).Scan(&n); err != nil {
			w.t.Fatal(err)
		}
		if n > 0 {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

func sends(name string, s syscall.Signal, times int) fault {
	return fault{name: name, signal: int(s), strike: func(w *ruin, r *running) {
		w.moment(r)
		for range times {
			_ = r.c.Process.Signal(s)
		}
	}}
}

var signals = []fault{
	sends("INT", syscall.SIGINT, 1), sends("TERM", syscall.SIGTERM, 1), sends("HUP", syscall.SIGHUP, 1), sends("INT twice", syscall.SIGINT, 2),
}

var sessions = []fault{
	{name: "terminate", strike: func(w *ruin, r *running) { w.whenAtWork(r, "pg_terminate_backend(pid)") }},
	{name: "cancel", strike: func(w *ruin, r *running) { w.whenAtWork(r, "pg_cancel_backend(pid)") }},
}

// postmaster returns a strike that sends a signal to the embedded server's processes.
func postmaster(signal syscall.Signal) func(w *ruin, r *running) {
	return func(w *ruin, r *running) {
		w.whenAtWork(r, "true")
		if err := syscall.Kill(w.postmaster(), signal); err != nil {
			w.t.Fatal(err)
		}
	}
}

// postmaster returns the pid of the embedded server.
func (w *ruin) postmaster() int {
	text, err := os.ReadFile(filepath.Join(w.data, "postmaster.pid"))
	line, _, _ := strings.Cut(string(text), "\n")
	pid, numeral := strconv.Atoi(strings.TrimSpace(line))
	if err := errors.Join(err, numeral); err != nil {
		w.t.Fatalf("the server's process is not known: %v", err)
	}
	return pid
}

func upAgain(w *ruin) { w.p.must(w.t, "--wait", "dev", "up") }

var embeddedServer = []fault{
	{name: "postmaster KILL", strike: postmaster(syscall.SIGKILL), mend: upAgain},
	{name: "postmaster INT", strike: postmaster(syscall.SIGINT), mend: upAgain},
	{name: "backend KILL", mend: upAgain, strike: func(w *ruin, r *running) {
		w.moment(r)
		for r.runs() {
			if pid := w.backend(); pid > 0 {
				_ = syscall.Kill(pid, syscall.SIGKILL)
				return
			}
			time.Sleep(time.Millisecond)
		}
	}},
}

// backend returns the pid of one of naap's sessions that is running a statement, or 0 where there is none.
func (w *ruin) backend() (pid int) {
	ctx := context.Background()
	admin, err := postgres.Connect(ctx, w.admin, postgres.Options{Application: "admin"})
	if err != nil {
		return 0
	}
	defer admin.Close(ctx)
	_ = admin.QueryRow(ctx, `SELECT coalesce(max(pid), 0) FROM pg_stat_activity WHERE application_name ~ '^(naap|pg_dump|pg_restore)' AND (state = 'active' OR state ~ '^idle in')`).Scan(&pid)
	return pid
}

func onContainer(args ...string) func(w *ruin, r *running) {
	return func(w *ruin, r *running) {
		w.whenAtWork(r, "true")
		_ = exec.Command("docker", append(args, w.container())...).Run()
	}
}

// pause pauses the container while a verb is running. Where the verb starts a program in the container, it waits until
// that program runs: runc freezes with a container in which it is starting one, and the engine then answers nothing
// about that container any more.
func pause(w *ruin, r *running) {
	what := "true"
	if r.verb == "backup" || r.verb == "restore" {
		what = "application_name ~ '^pg_'"
	}
	w.whenAtWork(r, what)
	_, _ = dockerOn(w.container(), "pause")
}

// dockerOn has docker pause or unpause a container. The kernel refuses to freeze one in which a program is just
// starting, as the health check does now and then.
func dockerOn(container, verb string) (out []byte, err error) {
	for range 50 {
		out, err = exec.Command("docker", verb, container).CombinedOutput()
		if err == nil || !bytes.Contains(out, []byte("unable to freeze")) {
			return out, err
		}
		time.Sleep(100 * time.Millisecond)
	}
	return out, err
}

func (w *ruin) container() string { return "naap-" + w.p.instance + "-db" }

var dockerServer = []fault{
	{name: "container stop", strike: onContainer("stop", "-t", "20"), mend: upAgain},
	{name: "container kill", strike: onContainer("kill"), mend: upAgain},
	{name: "container pause", strike: pause, mend: func(w *ruin) {
		_ = exec.Command("docker", "unpause", w.container()).Run()
		upAgain(w)
	}},
	{name: "container removed", strike: onContainer("rm", "-f"), mend: upAgain},
	{name: "engine dies", strike: func(w *ruin, r *running) { w.moment(r); w.docker.die() }, mend: func(w *ruin) { w.docker.revive(); upAgain(w) }},
	{name: "engine hangs", strike: func(w *ruin, r *running) { w.moment(r); w.docker.stall(".") }, mend: func(w *ruin) { w.docker.stall(""); upAgain(w) }},
}

func TestAnyEndOfAnyVerbIsToldForWhatItIsEmbedded(t *testing.T) {
	t.Parallel()
	ruinVerbs(t, "embedded", 6, slices.Concat(signals, signals, sessions, sessions, embeddedServer))
}

func TestAnyEndOfAnyVerbIsToldForWhatItIsDocker(t *testing.T) {
	t.Parallel()
	pgtest.Long(t)
	needDocker(t)
	ruinVerbs(t, "docker", 3, slices.Concat(dockerServer, dockerServer, signals, sessions))
}

// ruinVerbs ends verbs at random moments, in every way there is, and expects of each run that it ends, and that its one
// document says, under a code of its own, what happened and what helps.
func ruinVerbs(t *testing.T, engine string, few int, faults []fault) {
	seed := uint64(pgtest.Number(t, "NAAP_TEST_SEED", 1))
	w := newRuin(t, engine, seed)
	codes := map[string]int{}
	names := slices.Sorted(maps.Keys(w.verbs()))
	if _, err := os.Stat(filepath.Join(w.p.dir, "whole.dump")); err != nil {
		names = slices.DeleteFunc(names, func(name string) bool { return name == "backup" || name == "restore" })
	}
	for _, verb := range atWork { // most of the ends are for those with something to lose
		if slices.Contains(names, verb) {
			names = append(names, verb, verb)
		}
	}
	rounds := kills(t, few)
	for w.round = 1; w.round <= rounds; w.round++ {
		f := faults[w.dice.IntN(len(faults))]
		verb := names[w.dice.IntN(len(names))]
		if slices.Contains(goOn, verb) && f.signal == 0 {
			f = signals[w.dice.IntN(len(signals))]
		}
		w.writeWorkspace()
		r := w.start(verb, w.verbs()[verb])
		f.strike(w, r)
		what := fmt.Sprintf("seed %d, round %d: %s, ended by %s", seed, w.round, verb, f.name)
		select {
		case <-r.ended:
		case <-time.After(hangs):
			_ = r.c.Process.Signal(syscall.SIGQUIT) // shows where it hangs
			<-r.ended
			t.Fatalf("%s: it hangs\n%s", what, r.err.Bytes())
		}
		code := r.judged(t, what, f)
		codes[code]++
		t.Logf("%s: %s, %s %s", what, cmp.Or(code, "done"), r.took.Round(time.Millisecond), r.said)
		if code == "" {
			w.took[verb] = r.took
		}
		if f.mend != nil {
			f.mend(w)
		}
		w.p.settle(t)
		w.clear()
	}
	t.Logf("%d ends, seed %d: %v", rounds, seed, codes)
	if codes[""] == rounds && rounds > few { // whether a few meet one is luck
		t.Error("no end met a run")
	}
}

// clear makes room for the next rounds, and gives undo something to do.
func (w *ruin) clear() {
	_ = w.p.command("dev", "snapshot", "delete", "s"+strconv.Itoa(w.round), "--yes=s"+strconv.Itoa(w.round)).Run()
	_ = os.Remove(filepath.Join(w.p.dir, "b"+strconv.Itoa(w.round)+".dump"))
	if w.round%4 == 0 {
		_ = w.p.command("dev", "reset", "app", "--yes=app", "--cascade").Run()
	}
}

// judged returns the code that a run ended with, or "" for one that ended well.
func (r *running) judged(t *testing.T, what string, f fault) string {
	t.Helper()
	fail := func(format string, args ...any) {
		t.Helper()
		t.Errorf("%s: %s\nexit status %d\n%s%s", what, fmt.Sprintf(format, args...), r.c.ProcessState.ExitCode(), r.out.Bytes(), r.err.Bytes())
	}
	status := r.c.ProcessState.Sys().(syscall.WaitStatus)
	if status.Signaled() {
		fail("it was killed by the signal, and said nothing")
		return "killed"
	}
	exit := status.ExitStatus()
	var doc struct{ Error *failureBody }
	in := json.NewDecoder(bytes.NewReader(r.out.Bytes()))
	err := in.Decode(&doc)
	if slices.Contains(goOn, r.verb) && err == io.EOF {
		if exit != 0 && exit != 128+f.signal {
			fail("it goes on until it is ended")
		}
		return "ended"
	}
	if err != nil {
		fail("no document: %v", err)
		return "no document"
	}
	if !slices.Contains(goOn, r.verb) && in.Decode(new(any)) != io.EOF {
		fail("more than one document")
	}
	if doc.Error != nil {
		r.said = doc.Error.Message
	}
	switch {
	case exit == 0 && doc.Error != nil:
		fail("a failure with exit status 0")
	case exit == 0 || doc.Error == nil:
		return "" // a verdict such as the doctor's has an exit status of its own
	case doc.Error.Code == "internal", strings.HasPrefix(doc.Error.Code, "internal."):
		fail("an end that nobody has named")
	case doc.Error.Code == "interrupted":
		if exit != 128+f.signal {
			fail("interrupted, and its exit status is not %d", 128+f.signal)
		}
	case doc.Error.Remedy == "":
		fail("no remedy")
	}
	if doc.Error == nil {
		return ""
	}
	return doc.Error.Code
}
