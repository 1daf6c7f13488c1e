package fake

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/backend"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/queries"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/sqltext"
)

// Completion is every table with its columns.
func (b *Backend) Completion(ctx context.Context) (*postgres.Completion, error) {
	if err := b.enter(ctx); err != nil {
		return nil, err
	}
	c := &postgres.Completion{Functions: []string{"count", "now", "coalesce"}, Types: []string{"text", "uuid"}, Keywords: []string{"SELECT", "FROM", "WHERE", "ORDER", "LIMIT", "WINDOW"}, Reserved: []string{"FROM", "LIMIT", "ORDER", "SELECT", "WHERE", "WINDOW"}, Settings: []string{"search_path"}}
	for _, s := range b.schemas {
		c.Schemas = append(c.Schemas, b.str(s.name))
		for _, t := range s.tables {
			ct := postgres.CompletionTable{TableRef: b.ref(t.ref), Kind: postgres.KindTable, Visible: s.name == "public"}
			for _, col := range b.columns(t) {
				ct.Columns = append(ct.Columns, postgres.CompletionColumn{Name: col.Name, Type: col.Type})
			}
			c.Tables = append(c.Tables, ct)
		}
	}
	return c, nil
}

// session is a connection of the console.
type session struct {
	b     *Backend
	write bool
}

// OpenSession makes a session.
func (b *Backend) OpenSession(ctx context.Context, write bool) (backend.Session, error) {
	return &session{b, write}, b.enter(ctx)
}

// Powers are the backend's.
func (s *session) Powers() string { return s.b.Powers }

// Queries are those that are kept.
func (b *Backend) Queries(ctx context.Context) ([]queries.Query, error) {
	if err := b.enter(ctx); err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []queries.Query
	for _, name := range slices.Sorted(maps.Keys(b.Kept)) {
		list = append(list, b.query(name, b.Kept[name]))
	}
	return list, nil
}

func (b *Backend) query(name, text string) queries.Query {
	q := queries.Query{Name: b.str(name), Text: b.str(text), File: b.str("naap/queries/" + name + ".sql")}
	if first, _, _ := strings.Cut(text, "\n"); strings.HasPrefix(first, "-- ") {
		q.Description = b.str(first[3:])
	}
	return q
}

// SaveQuery keeps a query.
func (b *Backend) SaveQuery(ctx context.Context, name, text string, was *string) (queries.Query, error) {
	if err := b.enter(ctx); err != nil {
		return queries.Query{}, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now, exists := b.Kept[name]
	text = strings.TrimRight(text, "\n") + "\n"
	switch {
	case strings.ContainsAny(name, "/ "):
		return queries.Query{}, remedy.New("query.name", remedy.ExitUsage, "a query cannot be called %q", name)
	case exists && now != text && was == nil:
		return queries.Query{}, remedy.New("query.exists", remedy.ExitRefused, "there is a query %s already", name)
	case exists && now != text && now != *was, !exists && was != nil:
		return queries.Query{}, remedy.New("query.changed", remedy.ExitRefused, "naap/queries/%s.sql has changed since it was read", name)
	}
	b.Kept[name] = text
	return b.query(name, text), nil
}

// Parameters are words behind a colon: numbers if they are called least, text otherwise.
func (s *session) Parameters(ctx context.Context, text string) (list []postgres.Parameter, at *postgres.Position, err error) {
	for _, p := range sqltext.NamedParameters(text) {
		kind, typ := postgres.TextKind, "text"
		if p.Name == "least" {
			kind, typ = postgres.NumberKind, "numeric"
		}
		if !slices.ContainsFunc(list, func(other postgres.Parameter) bool { return other.Name == p.Name }) {
			list = append(list, postgres.Parameter{Name: p.Name, Type: typ, Kind: kind})
		}
	}
	if i := strings.Index(text, "nowhere"); i >= 0 {
		return nil, &postgres.Position{Offset: i, Line: 1, Column: i + 1}, errors.New(s.b.str(`ERROR: relation "nowhere" does not exist (SQLSTATE 42P01)`))
	}
	return list, nil, s.b.enter(ctx)
}

// Run answers by the first word of each statement: SELECT gives rows, INSERT writes, anything else is an error.
func (s *session) Run(ctx context.Context, text string, opt postgres.RunOptions) (postgres.Outcome, error) {
	if err := s.b.enter(ctx); err != nil {
		return postgres.Outcome{}, err
	}
	s.b.mu.Lock()
	s.b.Ran = append(s.b.Ran, text)
	s.b.Bound = append(s.b.Bound, opt.Args)
	s.b.mu.Unlock()
	var out postgres.Outcome
	offset := 0
	for _, part := range strings.Split(text, ";") {
		trimmed := strings.TrimSpace(part)
		if trimmed != "" {
			r := s.run(trimmed, text, offset+strings.Index(part, trimmed))
			out.Results = append(out.Results, r)
			out.Affected += r.Affected
			if r.Err != nil {
				break
			}
		}
		offset += len(part) + 1
	}
	out.Took = 3 * time.Millisecond
	out.Pending = out.Affected > 0 && out.Err() == nil
	return out, nil
}

func (s *session) run(text, whole string, offset int) postgres.Result {
	for strings.HasPrefix(text, "--") {
		_, text, _ = strings.Cut(text, "\n")
	}
	verb, _, _ := strings.Cut(text, " ")
	r := postgres.Result{Statement: postgres.Statement{Text: text, Offset: offset, Verb: strings.ToUpper(verb)}, Took: time.Millisecond}
	switch r.Statement.Verb {
	case "SELECT":
		t := s.b.byName[postgres.TableRef{Schema: "public", Name: "User"}]
		for _, c := range s.b.columns(t) {
			r.Columns = append(r.Columns, postgres.PageColumn{Name: c.Name, Type: c.Type, Kind: c.Kind})
		}
		for i := range int64(12) {
			r.Rows = append(r.Rows, s.b.row(t, i, 256))
		}
		r.More = strings.Contains(text, "everything")
		r.Tag = "SELECT 12"
	case "INSERT", "UPDATE", "DELETE":
		if !s.write {
			r.Err = errors.New("ERROR: cannot execute " + r.Statement.Verb + " in a read-only transaction (SQLSTATE 25006)")
			break
		}
		r.Tag, r.Affected = r.Statement.Verb+" 3", 3
	default:
		line := strings.Count(whole[:offset], "\n") + 1
		col := offset - strings.LastIndexByte(whole[:offset], '\n')
		r.Err = errors.New(s.b.str(`ERROR: syntax error at or near "` + verb + `" (SQLSTATE 42601)`))
		r.At = &postgres.Position{Offset: offset, Line: line, Column: col}
	}
	return r
}

// Commit counts.
func (s *session) Commit(ctx context.Context) error {
	s.b.mu.Lock()
	defer s.b.mu.Unlock()
	s.b.Commits++
	return ctx.Err()
}

// Rollback counts.
func (s *session) Rollback(ctx context.Context) error {
	s.b.mu.Lock()
	defer s.b.mu.Unlock()
	s.b.Rollbacks++
	return ctx.Err()
}

// Explain is a plan of two lines, or an error where a line of the text has the word "nowhere".
func (s *session) Explain(ctx context.Context, text string, at int, analyze bool, _ postgres.Arguments) (postgres.QueryPlan, error) {
	s.b.mu.Lock()
	s.b.Explained = append(s.b.Explained, text[at:])
	s.b.mu.Unlock()
	if i := strings.Index(text, "nowhere"); i >= 0 {
		line := strings.Count(text[:i], "\n") + 1
		p := postgres.Position{Offset: i, Line: line, Column: i - strings.LastIndexByte(text[:i], '\n')}
		return postgres.QueryPlan{At: &p}, errors.New(s.b.str(`ERROR: relation "nowhere" does not exist (SQLSTATE 42P01)`))
	}
	return postgres.QueryPlan{Lines: []string{s.b.str(`Seq Scan on "User"  (cost=0.00..12.40 rows=240 width=88)`), "  Filter: active"}, Analyzed: analyze, Took: time.Millisecond}, s.b.enter(ctx)
}

// Close does nothing.
func (s *session) Close(context.Context) error { return nil }
