package doctor

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/program"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/scripttest"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// patient is an instance that has only what a check asks for.
type patient struct {
	Subject
	ws               *workspace.Workspace
	last             Last
	public, external bool
}

func (p patient) Workspace() *workspace.Workspace { return p.ws }
func (p patient) StateDir() string                { return p.ws.Folders.State }
func (p patient) Last() Last                      { return p.last }
func (p patient) Programs() program.Finder        { return program.Here(p.ws.Root) }
func (p patient) IsPasswordPublic() bool          { return p.public }
func (p patient) IsExternal() bool                { return p.external }

// newPatient returns an instance of a workspace made of files.
func newPatient(t *testing.T, files map[string]string, public, external bool) patient {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		put(t, filepath.Join(root, filepath.FromSlash(name)), text)
	}
	ws, err := workspace.Find(t.Context(), root, workspace.Options{Env: []string{"HOME=" + t.TempDir()}})
	if err != nil {
		t.Fatal(err)
	}
	return patient{ws: ws, public: public, external: external}
}

func put(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// said fails unless there is a finding with this severity that says this; it returns the finding.
func said(t *testing.T, l *look, code string, severity remedy.Severity, texts ...string) remedy.Finding {
	t.Helper()
	i := slices.IndexFunc(l.findings, func(f remedy.Finding) bool { return f.Code == code && f.Severity == severity })
	if i < 0 {
		t.Fatalf("there is no %s %s among %+v", severity, code, l.findings)
	}
	f := l.findings[i]
	all := strings.Join(slices.Concat([]string{f.Title}, f.Seen, remedy.Target{}.Lines(f.Fix)), "\n")
	for _, text := range texts {
		if !strings.Contains(all, text) {
			t.Errorf("%s does not say %q:\n%s", code, text, all)
		}
	}
	return f
}

// fine fails where something is wrong.
func fine(t *testing.T, l *look, codes ...string) {
	t.Helper()
	for _, f := range l.findings {
		if slices.Contains(codes, f.Code) && f.Severity != remedy.Fine {
			t.Errorf("there is a finding %s: %+v", f.Code, f)
		}
	}
}

func TestEveryCheckIsMadeAndHasWhatItNeeds(t *testing.T) {
	order := nothing
	for i, c := range checks {
		if c.run == nil {
			t.Errorf("check %d does nothing", i)
		}
		order = max(order, c.needs)
	}
	if order != sessions {
		t.Error("no check looks at the server's sessions")
	}
	ran := false
	l := begin(newPatient(t, nil, true, false)) // its Connect would panic
	l.make(t.Context(), check{nothing, func(context.Context, *look) { ran = true }},
		check{database, func(context.Context, *look) { t.Error("a check runs without the database") }})
	if !ran {
		t.Error("a check that needs nothing is left out")
	}
}

func TestLittleDiskAndMemoryAreFound(t *testing.T) {
	l := begin(newPatient(t, nil, true, false))
	l.diskFree = func(string) (int64, bool) { return leastDisk - 1, true }
	l.memory = func() (int64, int64, bool) { return 8 << 30, 200 << 20, true }
	l.make(t.Context(), diskCheck, memoryCheck)
	said(t, l, "disk", remedy.Warning, "2048 MB free", "naap dev snapshot list")
	said(t, l, "memory", remedy.Warning, "200 MB available of 8192 MB", "naap dev down")
	if disk := remedy.Text(remedy.New("", 1, "").WithHelp(said(t, l, "disk", remedy.Warning).Fix...)); strings.Contains(disk, "docker") {
		t.Errorf("without Docker one is told of docker:\n%s", disk)
	}
	l.findings, l.kind = nil, engine.Named("docker")
	l.make(t.Context(), diskCheck, memoryCheck)
	said(t, l, "disk", remedy.Warning, "docker system df")
	said(t, l, "memory", remedy.Warning, "docker stats")
	l.findings = nil
	l.diskFree = func(string) (int64, bool) { return leastDisk, true }
	l.memory = func() (int64, int64, bool) { return 8 << 30, 4 << 30, true }
	l.make(t.Context(), diskCheck, memoryCheck)
	fine(t, l, "disk", "memory")
}

func TestTheToolsVersionsAreTold(t *testing.T) {
	bin := t.TempDir()
	scripttest.Write(t, filepath.Join(bin, "node"), "echo v20.1.2")
	scripttest.Write(t, filepath.Join(bin, "npm"), "exit 3")
	t.Setenv("PATH", bin)
	l := begin(newPatient(t, nil, true, false))
	l.make(t.Context(), toolsCheck)
	if f := said(t, l, "tools", remedy.Fine); f.Title != "node v20.1.2" {
		t.Errorf("got %+v", f)
	}
	said(t, l, "tools", remedy.Warning, "exit status 3", "npm --version")
	if err := os.Remove(filepath.Join(bin, "npm")); err != nil {
		t.Fatal(err)
	}
	l.findings = nil
	l.make(t.Context(), toolsCheck)
	if f := said(t, l, "tools", remedy.Notable); f.Title != "npm is not on the PATH" {
		t.Errorf("got %+v", f)
	}
}

func TestPrismasVersionsAreCompared(t *testing.T) {
	p := newPatient(t, map[string]string{"naap.toml": ""}, true, false)
	install := func(name, version string) {
		put(t, filepath.Join(p.ws.Root, "node_modules", filepath.FromSlash(name), "package.json"), `{"version": "`+version+`"}`)
	}
	install("prisma", "5.20.0")
	install("@prisma/client", "5.22.0")
	l := begin(p)
	l.make(t.Context(), prismaCheck)
	said(t, l, "prisma", remedy.Warning, "prisma 5.20.0", "@prisma/client 5.22.0", "npm install prisma@5.22.0")
	install("prisma", "5.22.0")
	l.findings = nil
	l.make(t.Context(), prismaCheck)
	fine(t, l, "prisma")
	said(t, l, "prisma", remedy.Fine)
}

func TestAnotherServerThanNaapStartedIsFound(t *testing.T) {
	p := newPatient(t, nil, true, false)
	p.last = Last{Port: 5432, Identity: "naap:two:abc"}
	l := begin(p)
	l.has, l.info = sessions, postgres.ServerInfo{ClusterName: "main"}
	identityCheck.run(t.Context(), l)
	said(t, l, "identity", remedy.Broken, `"main"`, "naap:two:abc", "naap dev ")
	l.findings, l.info = nil, postgres.ServerInfo{ClusterName: "naap:two:abc"}
	identityCheck.run(t.Context(), l)
	said(t, l, "identity", remedy.Fine)
	fine(t, l, "identity")
}

// The server's answers are made up, because servers of other versions are not available.
func TestAnotherMajorVersionAndAClockThatIsOffAreFound(t *testing.T) {
	l := begin(newPatient(t, nil, true, false))
	look := func(info postgres.ServerInfo) {
		l.findings, l.info = nil, info
		versionCheck.run(t.Context(), l)
		clockCheck.run(t.Context(), l)
	}
	look(postgres.ServerInfo{Version: 150007, Clock: time.Now().Add(-time.Minute)})
	said(t, l, "server.version", remedy.Warning, "PostgreSQL 15.7", "naap dev ")
	said(t, l, "clock", remedy.Warning, "1m apart")
	look(postgres.ServerInfo{Version: postgres.Version(engine.Major * 10000), Clock: time.Now()})
	said(t, l, "server.version", remedy.Fine)
	fine(t, l, "server.version", "clock")
}

// sessionsOf looks at a database's sessions until there is a finding with a code, or for some seconds.
func sessionsOf(t *testing.T, address, code string, longTx time.Duration) *look {
	t.Helper()
	db, err := postgres.Open(t.Context(), address, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for tries := 60; ; tries-- {
		l := &look{longTx: longTx}
		if l.health, err = db.Health(t.Context()); err != nil {
			t.Fatal(err)
		}
		sessionsCheck.run(t.Context(), l)
		if tries == 0 || slices.ContainsFunc(l.findings, func(f remedy.Finding) bool { return f.Code == code }) {
			return l
		}
		time.Sleep(200 * time.Millisecond)
	}
}

func TestASessionThatWaitsIsFound(t *testing.T) {
	t.Parallel() // it waits for PostgreSQL's clock
	address := pgtest.NewDatabase(t)
	pgtest.Exec(t, address, `CREATE TABLE thing (id int)`)
	holder, waiter := connection(t, address), connection(t, address)
	if _, err := holder.Exec(t.Context(), `BEGIN; LOCK TABLE thing`); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		_, err := waiter.Exec(context.Background(), `SELECT count(*) FROM thing`)
		done <- err
	}()
	f := said(t, sessionsOf(t, address, "lock", time.Hour), "lock", remedy.Warning, "naap dev sql --write")
	// The command that it suggests is what mends it.
	pgtest.Exec(t, address, statementIn(t, f))
	if err := <-done; err != nil {
		t.Errorf("it still waits: %v", err)
	}
}

func TestATransactionThatIsOpenForLongIsFound(t *testing.T) {
	t.Parallel() // it waits for PostgreSQL's clock
	address := pgtest.NewDatabase(t)
	c := connection(t, address)
	if _, err := c.Exec(t.Context(), "BEGIN; SELECT 'forgotten'"); err != nil {
		t.Fatal(err)
	}
	said(t, sessionsOf(t, address, "long-transaction", 5*time.Second), "long-transaction", remedy.Warning, "forgotten", "pg_terminate_backend(", "naap dev ")
	usual := &look{longTx: time.Hour}
	db, err := postgres.Open(t.Context(), address, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if usual.health, err = db.Health(t.Context()); err != nil {
		t.Fatal(err)
	}
	sessionsCheck.run(t.Context(), usual)
	fine(t, usual, "long-transaction")
}

// statementIn returns the SQL of a finding's first command.
func statementIn(t *testing.T, f remedy.Finding) string {
	t.Helper()
	_, sql, ok := strings.Cut(fmt.Sprint(f.Fix[0]), "naap dev sql --write ")
	if !ok || !strings.HasPrefix(sql, "'") {
		t.Fatalf("no statement in %v", f.Fix)
	}
	return strings.Trim(sql, "'")
}

// connection opens a session that ends with the test.
func connection(t *testing.T, address string) *postgres.Conn {
	t.Helper()
	c, err := postgres.Connect(t.Context(), address, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.PgConn().Conn().Close() })
	return c
}
