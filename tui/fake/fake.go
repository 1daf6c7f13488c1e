// Package fake is a backend for tests of the screens: ten schemas of 112 tables with rows, keys that lead from table to
// table, strings that try to command the terminal, and every verb. It needs no server and gives the same answers always.
package fake

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/livepeer/naap-dev/internal/backend"
	"github.com/livepeer/naap-dev/internal/backup"
	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/schemaplan"
	"github.com/livepeer/naap-dev/internal/trust"
)

// Now is the moment at which a Backend stands still.
var Now = time.Date(2025, 3, 14, 14, 2, 7, 0, time.UTC)

// Hostile is what a value may try: to name the window, clear the screen, set the clipboard, reorder the line.
const Hostile = "evil\x1b]0;pwn\x07\x1b[2J\x1b]52;c;cHdu\x07\u202egnp\u0085\r\n\x9b31m"

// Backend answers from what it was made of. Its exported fields may be set before it is used.
type Backend struct {
	Editing

	Poison    func(string) string           // done to every string that comes from outside; nil leaves them
	Busy      time.Duration                 // how long the machine takes for each question and step
	Brief     bool                          // logs and events end instead of waiting for more
	Unkeyed   bool                          // nothing but their numbers tells rows apart, as in views
	Referrers map[string]postgres.LinkCount // what is counted of tables, by name, instead of their rows
	Lacks     engine.Lacks                  // what its server cannot do

	mu        sync.Mutex
	fail      error
	gone      error
	stall     chan struct{}
	asked     int
	schemas   []schema
	snapshots []backup.Snapshot
	byName    map[postgres.TableRef]*table
	Planned   []*backend.PushPlan
	Pushed    []*backend.PushPlan  // the plans that were carried out
	Wiped     []schemaplan.Wipe    // by a push, which then drops tables without rows
	Resets    []*backend.ResetPlan // and these
	Undone    []string
	Saved     []string                 // snapshots by name
	Files     []string                 // backups and restores of files
	Ran       []string                 // statements
	Named     [][]postgres.NameRequest // what names were asked for
	Powers    string                   // of a session though it is locked
	Explained []string                 // texts, from the cursor on
	Bound     []postgres.Arguments     // of what was run
	Kept      map[string]string        // queries by name
	Faked     []devenv.FakeOptions
	Applied   [][]string       // seeds by name; none for all
	Asks      []trust.Standing // what the seeds are asked about
	Hooks     []trust.Standing // what runs after a push
	Beside    bool             // the migrations alone are to make the tables
	History   []Migration      // those of the folder and the database; none for no folder
	Unfiled   bool             // the workspace has no Prisma file, and so no migrations
	Recorded  bool             // the database has the table of migrations
	Reaches   []trust.Standing // what the scripts of migrations reach
	Drifted   bool             // the database is not what its migrations make
	Agreed    bool             // the migrations make what the Prisma file says
	Deployed  []string         // migrations that ran
	Commits   int
	Ended     []int // sessions that were ended or whose query was cancelled
	Rollbacks int
	Stopped   bool
	Blocked   bool // a session is in the way of resets, undos and snapshots, until it is ended
	BootFail  error
	OldClient map[string][]string // models that the generated client knows otherwise, by schema
	Stale     bool                // the files have changed since any plan was made
	Broken    error               // why the files cannot be read, or what they mean is not known
}

type schema struct {
	name   string
	owner  string
	tables []*table
}

type table struct {
	ref     postgres.TableRef
	rows    int64
	exact   bool
	columns []postgres.Column
	points  []pointer // by column
}

// pointer is a foreign key of one column.
type pointer struct {
	column int
	to     postgres.TableRef
}

// layout is the schemas with their owners, numbers of tables and the words that their tables' names are made of.
var layout = []struct {
	name, owner string
	tables      int
	words       []string
}{
	{"plugin_capacity", "capacity", 3, []string{"Capacity"}},
	{"plugin_community", "community", 9, []string{"Post", "Comment"}},
	{"plugin_daydream", "daydream", 2, []string{"Dream"}},
	{"plugin_dashboard", "dashboard", 3, []string{"Board"}},
	{"plugin_developer_api", "developer-api", 4, []string{"DevKey"}},
	{"plugin_gateway", "gateway", 4, []string{"Gateway"}},
	{"plugin_orchestrator_leaderboard", "leaderboard", 5, []string{"Score"}},
	{"plugin_service_gateway", "service-gateway", 11, []string{"Service", "Route"}},
	{"plugin_wallet", "wallet", 19, []string{"Wallet", "Stake", "Ledger"}},
	{"public", "base", 52, []string{"User", "Team", "Plugin", "ApiKey", "Webhook", "Invoice", "Audit", "Role", "Session"}},
}

var endings = []string{"", "Address", "Connection", "Snapshot", "Setting", "Log", "Event", "Member", "Metric", "Token"}

// New makes the ten schemas.
func New() *Backend {
	b := &Backend{byName: map[postgres.TableRef]*table{}, Kept: map[string]string{"big-teams": "-- Teams with many members\nSELECT * FROM \"Team\" WHERE amount > :least;\n", "idle": "SELECT 1;\n"}}
	for s, l := range layout {
		sch := schema{name: l.name, owner: l.owner}
		for i := range l.tables {
			name := l.words[i%len(l.words)] + endings[i/len(l.words)%len(endings)]
			sch.tables = append(sch.tables, b.table(postgres.TableRef{Schema: l.name, Name: name}, s*31+i))
		}
		b.schemas = append(b.schemas, sch)
	}
	b.connect()
	b.snapshots = []backup.Snapshot{
		{Name: "before-migration", At: Now.Add(-2 * time.Hour), Bytes: 120 << 20, Rows: 18_412, Note: "16.14"},
		{Name: "demo", At: Now.Add(-50 * time.Hour), Bytes: 80 << 20, Rows: 9_120},
	}
	return b
}

// Large makes so many schemas of so many tables each.
func Large(schemas, tables int) *Backend {
	b := &Backend{byName: map[postgres.TableRef]*table{}}
	for s := range schemas {
		sch := schema{name: fmt.Sprintf("tenant_%03d", s), owner: "tenant"}
		for i := range tables {
			ref := postgres.TableRef{Schema: sch.name, Name: fmt.Sprintf("%s%s%03d", layout[s%len(layout)].words[0], endings[i%len(endings)], i)}
			sch.tables = append(sch.tables, b.table(ref, s*tables+i))
		}
		b.schemas = append(b.schemas, sch)
	}
	return b
}

// table makes one table; n varies it.
func (b *Backend) table(ref postgres.TableRef, n int) *table {
	t := &table{ref: ref, rows: int64(n*n*37%1000 + 3), exact: true}
	switch {
	case n%23 == 7:
		t.rows, t.exact = 1_234_567, false
	case n%11 == 5:
		t.rows = 0
	}
	kinds := []struct {
		name, typ string
		kind      postgres.ColumnKind
	}{
		{"id", "uuid", postgres.UUIDKind}, {"address", "text", postgres.TextKind}, {"name", "text", postgres.TextKind},
		{"ownerId", "uuid", postgres.UUIDKind}, {"amount", "numeric(20,6)", postgres.NumberKind}, {"active", "boolean", postgres.BoolKind},
		{"meta", "jsonb", postgres.JSONKind}, {"tags", "text[]", postgres.ArrayKind}, {"createdAt", "timestamp(3) without time zone", postgres.TimeKind},
		{"payload", "bytea", postgres.BytesKind}, {"état 漢字", "text", postgres.TextKind}, {"status", "\"Status\"", postgres.EnumKind},
	}
	for i, k := range kinds[:4+n%9] {
		c := postgres.Column{Number: i + 1, Name: k.name, Type: k.typ, Kind: k.kind, NotNull: i < 2 || i == 8}
		switch k.name {
		case "id":
			c.PrimaryKey, c.Unique, c.Indexed, c.Default = 1, true, true, "gen_random_uuid()"
		case "address":
			c.Unique, c.Indexed = n%3 == 0, true
		case "createdAt":
			c.Default = "CURRENT_TIMESTAMP"
		case "status":
			c.EnumLabels = []string{"ACTIVE", "PAUSED", "GONE"}
		case "name":
			c.Comment = "what people call it"
		}
		t.columns = append(t.columns, c)
	}
	b.byName[ref] = t
	return t
}

// connect lets the ownerId of each table point somewhere: to the first table of its schema, or to public's User.
func (b *Backend) connect() {
	user := postgres.TableRef{Schema: "public", Name: "User"}
	for s := range b.schemas {
		first := b.schemas[s].tables[0].ref
		for i, t := range b.schemas[s].tables {
			to := first
			if i%3 == 0 {
				to = user
			}
			if to == t.ref {
				continue
			}
			t.points = []pointer{{3, to}}
			t.columns[3].References = &postgres.ColumnReference{Constraint: t.ref.Name + "_ownerId_fkey", Table: to, Column: "id", Key: []postgres.KeyColumn{{From: "ownerId", To: "id"}}}
		}
	}
	b.byName[user].rows, b.byName[user].exact = 240, true
}

// Fail makes every question fail from now on; nil makes them work again.
func (b *Backend) Fail(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fail = err
}

// Gone makes the probe say that the server is not there; nil takes it back.
func (b *Backend) Gone(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.gone = err
}

// Stall makes every question wait until the returned function is called.
func (b *Backend) Stall() (release func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	stall := make(chan struct{})
	b.stall = stall
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.stall = nil
		close(stall)
	}
}

// Asked is how many questions there were.
func (b *Backend) Asked() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.asked
}

// enter begins a question.
func (b *Backend) enter(ctx context.Context) error {
	time.Sleep(b.Busy)
	b.mu.Lock()
	b.asked++
	fail, stall := b.fail, b.stall
	b.mu.Unlock()
	if stall != nil {
		select {
		case <-stall:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if fail != nil {
		return fail
	}
	return ctx.Err()
}

func (b *Backend) str(s string) string {
	if b.Poison == nil {
		return s
	}
	return b.Poison(s)
}

func (b *Backend) ref(r postgres.TableRef) postgres.TableRef {
	return postgres.TableRef{Schema: b.str(r.Schema), Name: b.str(r.Name)}
}

// real finds the table that a ref, poisoned or not, names.
func (b *Backend) real(r postgres.TableRef) (*table, error) {
	if t, ok := b.byName[r]; ok {
		return t, nil
	}
	for ref, t := range b.byName {
		if b.ref(ref) == r {
			return t, nil
		}
	}
	return nil, fmt.Errorf("relation %q does not exist", r.String())
}
