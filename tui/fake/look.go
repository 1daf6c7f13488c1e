package fake

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/backend"
	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/server"
	"github.com/livepeer/naap-dev/internal/watch"
)

// Identity is the header's.
func (b *Backend) Identity() devenv.Identity {
	return devenv.Identity{Instance: "naap", Engine: "docker", Address: "127.0.0.1:5432/naap", Workspace: b.str("naap"), Lacks: b.Lacks}
}

// Probe fails where questions do, and where the server was stopped, or said to be gone; it is never slow.
func (b *Backend) Probe(context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.Stopped {
		return remedy.New("server.stopped", remedy.ExitNoServer, "the server does not run")
	}
	if b.gone != nil {
		return b.gone
	}
	return b.fail
}

// file is the state of the Prisma file that every answer speaks of.
func (b *Backend) file() backend.FileState {
	return backend.FileState{Name: b.str("prisma/schema.prisma"), AsOf: Now, ID: "1"}
}

// WatchFiles reports no change.
func (b *Backend) WatchFiles(ctx context.Context, _ func(watch.Change) bool) error {
	return b.wait(ctx)
}

// Snapshot is all schemas with a healthy server.
func (b *Backend) Snapshot(ctx context.Context, fresh bool) (*postgres.Snapshot, error) {
	if err := b.enter(ctx); err != nil {
		return nil, err
	}
	s := &postgres.Snapshot{TakenAt: Now, Took: 9 * time.Millisecond, RoundTrips: 1, Reused: !fresh && b.Asked() > 1, Server: b.server(), Health: b.health()}
	for _, sch := range b.schemas {
		info := postgres.SchemaInfo{Name: b.str(sch.name), Owner: "postgres", Rows: postgres.RowCount{Exact: true}}
		for _, t := range sch.tables {
			ti := b.info(t)
			info.Tables = append(info.Tables, ti)
			info.Rows.N += ti.Rows.N
			info.Rows.Exact = info.Rows.Exact && ti.Rows.Exact
			info.Bytes += ti.Bytes
			for _, p := range t.points {
				s.ForeignKeys = append(s.ForeignKeys, b.edge(t, p))
			}
		}
		s.Schemas = append(s.Schemas, info)
	}
	return s, nil
}

func (b *Backend) server() postgres.ServerInfo {
	return postgres.ServerInfo{
		Version: 160014, Started: Now.Add(-12 * time.Minute), Clock: Now, Database: "naap", User: "postgres", Superuser: true,
		Encoding: "UTF8", TimeZone: b.str("UTC"), Port: 5432,
	}
}

func (b *Backend) health() postgres.Health {
	return postgres.Health{
		TakenAt: Now, Latency: 600 * time.Microsecond, Used: 4, Max: 100, Active: 1, Idle: 3,
		Sessions: []postgres.SessionGroup{
			{Application: "naap", State: "active", Sessions: 1, Ours: true}, {Application: b.str("psql"), State: "idle", Sessions: 2}, {State: "idle", Sessions: 1},
		},
		CacheHit: 0.998, Commits: 1200, Rollbacks: 3, DatabaseBytes: 358 << 20, WALBytes: 80 << 20, WALPosition: 1 << 30, TempBytes: 0,
		LongestQuery: 0,
	}
}

func (b *Backend) info(t *table) postgres.TableInfo {
	ti := postgres.TableInfo{
		Schema: b.str(t.ref.Schema), Name: b.str(t.ref.Name), Kind: postgres.KindTable, Owner: "postgres", Rows: postgres.RowCount{N: t.rows, Exact: t.exact},
		Bytes: 16<<10 + t.rows*290, HeapBytes: 8<<10 + t.rows*200, Columns: len(t.columns), Indexes: 2, HasKey: true, Scans: t.rows/7 + 3, Empty: t.rows == 0,
	}
	for _, p := range t.points {
		ti.References = append(ti.References, b.ref(p.to))
	}
	return ti
}

func (b *Backend) edge(t *table, p pointer) postgres.ForeignKeyEdge {
	return postgres.ForeignKeyEdge{
		Name: b.str(t.ref.Name + "_" + t.columns[p.column].Name + "_fkey"), From: b.ref(t.ref), To: b.ref(p.to), FromColumns: []string{b.str(t.columns[p.column].Name)},
		ToColumns: []string{b.str("id")}, OnDelete: "CASCADE", Valid: true,
	}
}

// Detail is one table.
func (b *Backend) Detail(ctx context.Context, ref postgres.TableRef) (*postgres.TableDetail, error) {
	if err := b.enter(ctx); err != nil {
		return nil, err
	}
	t, err := b.real(ref)
	if err != nil {
		return nil, err
	}
	d := &postgres.TableDetail{TableInfo: b.info(t), Columns: b.columns(t), Key: []string{b.str("id")}}
	d.Indexes = []postgres.Index{
		{Name: b.str(t.ref.Name + "_pkey"), Definition: "CREATE UNIQUE INDEX …", Method: "btree", Columns: []string{b.str("id")}, Unique: true, Primary: true, Valid: true, Bytes: 16 << 10, Scans: 88},
		{Name: b.str(t.ref.Name + "_address_idx"), Definition: "CREATE INDEX …", Method: "btree", Columns: []string{b.str("address")}, Valid: true, Bytes: 16 << 10, Scans: 7},
	}
	for _, p := range t.points {
		d.Out = append(d.Out, postgres.ForeignKey{ForeignKeyEdge: b.edge(t, p), OnUpdate: "CASCADE"})
	}
	for _, in := range b.incoming(t) {
		d.In = append(d.In, postgres.ForeignKey{ForeignKeyEdge: in, OnUpdate: "CASCADE"})
	}
	d.Checks = []postgres.Check{{Name: b.str("amount_positive"), Definition: b.str("CHECK (amount >= 0)"), Valid: true}}
	d.Stats = postgres.TableStats{
		Rows: d.Rows, HeapBytes: d.HeapBytes, IndexBytes: 32 << 10, ToastBytes: 8 << 10, TotalBytes: d.Bytes, Live: t.rows, Dead: 3, Inserted: t.rows,
		SeqScans: 12, IndexScans: 88, HeapHit: 990, HeapRead: 10, AutoVacuumed: Now.Add(-time.Hour),
	}
	d.DDL = b.ddl(t)
	return d, nil
}

func (b *Backend) incoming(t *table) []postgres.ForeignKeyEdge {
	var out []postgres.ForeignKeyEdge
	for _, s := range b.schemas {
		for _, other := range s.tables {
			for _, p := range other.points {
				if p.to == t.ref {
					out = append(out, b.edge(other, p))
				}
			}
		}
	}
	return out
}

func (b *Backend) columns(t *table) []postgres.Column {
	out := make([]postgres.Column, len(t.columns))
	for i, c := range t.columns {
		c.Name, c.Type, c.Default, c.Comment = b.str(c.Name), b.str(c.Type), b.poisoned(c.Default), b.poisoned(c.Comment)
		if c.References != nil {
			c.References = &postgres.ColumnReference{Constraint: c.References.Constraint, Table: b.ref(c.References.Table), Column: b.str(c.References.Column),
				Key: []postgres.KeyColumn{{From: c.Name, To: b.str(c.References.Column)}}}
		}
		out[i] = c
	}
	return out
}

func (b *Backend) poisoned(s string) string {
	if s == "" {
		return ""
	}
	return b.str(s)
}

func (b *Backend) ddl(t *table) string {
	var s strings.Builder
	fmt.Fprintf(&s, "CREATE TABLE \"%s\".\"%s\" (\n", t.ref.Schema, t.ref.Name)
	for i, c := range t.columns {
		if i > 0 {
			s.WriteString(",\n")
		}
		fmt.Fprintf(&s, "    \"%s\" %s", c.Name, c.Type)
		if c.NotNull {
			s.WriteString(" NOT NULL")
		}
		if c.Default != "" {
			s.WriteString(" DEFAULT " + c.Default)
		}
	}
	fmt.Fprintf(&s, ",\n    CONSTRAINT \"%s_pkey\" PRIMARY KEY (\"id\")\n);\n-- owned by 'postgres'\n", t.ref.Name)
	return b.str(s.String())
}

// Facts are owners, one missing table, rows as they were seeded.
func (b *Backend) Facts(ctx context.Context) (*backend.Facts, error) {
	if err := b.enter(ctx); err != nil {
		return nil, err
	}
	f := &backend.Facts{
		Owners: map[string]string{}, Missing: map[string][]string{b.str("plugin_capacity"): {b.str("CapacityRequest")}}, Unknown: map[string][]string{},
		Baseline: map[postgres.TableRef]int64{}, Pending: 3, Destroys: 1, DriftErr: b.Broken, Migrations: b.counts(), File: b.file(),
	}
	for _, s := range b.schemas {
		f.Owners[b.str(s.name)] = b.str(s.owner)
		for i, t := range s.tables {
			f.Baseline[b.ref(t.ref)] = max(0, t.rows-int64(i%4)*2)
		}
	}
	f.Seeds = b.seeds()
	if b.OldClient != nil {
		f.Stale, f.Generate = b.OldClient, b.str("cd packages/database && npx prisma generate")
	}
	return f, nil
}

// EngineStats is a container at rest.
func (b *Backend) EngineStats(ctx context.Context) (*server.Stats, error) {
	if err := cmp.Or(b.Lacks.Stats.Err(), ctx.Err()); err != nil {
		return nil, err
	}
	return &server.Stats{
		Name: b.str("naap-db"), Image: b.str("postgres:16"), Status: "running", Health: "healthy", Started: Now.Add(-12 * time.Minute),
		CPU: 0.012, Memory: 94 << 20, MemoryLimit: 7782 << 20, HostFree: 41 << 30,
	}, nil
}

// Instances are this one, one that runs, one that was stopped, and one whose workspace is gone.
func (b *Backend) Instances(ctx context.Context) ([]devenv.Instance, error) {
	if err := b.enter(ctx); err != nil {
		return nil, err
	}
	return []devenv.Instance{
		{Name: "demo", Engine: "embedded", State: engine.Running, Port: 5433, Root: b.str("/home/ann/demo"), Bytes: 31 << 20, Made: Now.Add(-40 * 24 * time.Hour), Started: Now.Add(-3 * time.Hour)},
		{Name: "naap", Current: true, Engine: "docker", State: engine.Running, Port: 5432, Root: b.str("/home/ann/naap"), Bytes: 358 << 20, Made: Now.Add(-9 * 24 * time.Hour), Started: Now.Add(-12 * time.Minute)},
		{Name: "old", Engine: "docker", Detail: "the folder of the workspace of instance \"old\" cannot be opened", Port: 5440, Root: b.str("/home/ann/gone"), Bytes: -1, Made: Now.Add(-400 * 24 * time.Hour),
			Other: remedy.New("instance.workspace", remedy.ExitFailed, "the folder of the workspace of instance %q cannot be opened", "old").WithSeen(b.str("/home/ann/gone"))},
		{Name: "plain", Engine: "embedded", State: engine.Stopped, Port: 5434, Bytes: 22 << 20, Made: Now.Add(-2 * time.Hour)},
	}, nil
}
