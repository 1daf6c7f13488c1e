package mcpserver

import (
	"context"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

// patience is the argument that says how long a statement may take.
type patience struct {
	Seconds int `json:"timeout_seconds,omitempty" jsonschema:"how long it may take; 30 if absent, 300 at most"`
}

const (
	usualSeconds = 30
	mostSeconds  = 300
)

func (p patience) limit() (time.Duration, error) {
	seconds, err := bounded("timeout_seconds", p.Seconds, usualSeconds, mostSeconds)
	return time.Duration(seconds) * time.Second, err
}

type queryArguments struct {
	SQL   string `json:"sql" jsonschema:"one or more statements; the server refuses whatever writes"`
	Limit int    `json:"limit,omitempty" jsonschema:"rows of each statement; 100 if absent, 1000 at most"`
	patience
}

type queryAnswer struct {
	Results []resultEntry `json:"results" jsonschema:"one for each statement"`
	Notes   []string      `json:"notes"`
	Cut     string        `json:"cut,omitempty"`
}

type resultEntry struct {
	Tag string `json:"tag" jsonschema:"the server's: SELECT 3"`
	rowSet
}

const (
	usualRows = 100
	mostRows  = 1000
)

func queryTool() tool {
	return define(tool{
		name: "query", title: "Read-only SQL", kind: reads,
		about: "Runs SQL that only reads. The server itself refuses writes: the transaction is READ ONLY and rolled back, and the role may only read. Names with capitals need double quotes: SELECT count(*) FROM plugin_x.\"Order\".",
	}, 0, runQuery)
}

func runQuery(ctx context.Context, env *devenv.Env, in queryArguments) (queryAnswer, error) {
	limit, err := bounded("limit", in.Limit, usualRows, mostRows)
	if err != nil {
		return queryAnswer{}, err
	}
	if len(postgres.Split(in.SQL)) == 0 {
		return queryAnswer{}, noStatement()
	}
	s, err := env.OpenSession(ctx, false)
	if err != nil {
		return queryAnswer{}, err
	}
	defer leave(ctx, s)
	out, err := s.Run(ctx, in.SQL, postgres.RunOptions{MaxRows: limit, MaxCell: cellSize})
	if err == nil && out.Err() != nil {
		last := out.Results[len(out.Results)-1]
		err = refused(ctx, env, in.SQL, last.Err, last.At)
	}
	if err != nil {
		return queryAnswer{}, err
	}
	results, cut := resultsOf(out)
	return queryAnswer{results, notesOf(s), cut}, nil
}

// refused returns the error for a statement that the caller gave, or a value: it is theirs, and not one of naap's. What
// ended it from outside is explained elsewhere.
func refused(ctx context.Context, env *devenv.Env, text string, err error, at *postgres.Position) error {
	if ctx.Err() != nil || postgres.EndOf(err) != postgres.NotEnded {
		return err
	}
	return env.StatementFailed(ctx, postgres.Outcome{Results: []postgres.Result{{Err: err, At: at}}}, text, false)
}

func noStatement() error {
	return remedy.New("usage", remedy.ExitUsage, "there is no statement in the argument \"sql\"")
}

// leave ends a session even where ctx has ended.
func leave(ctx context.Context, s *postgres.Session) {
	ctx, cancel := postgres.Ending(ctx)
	defer cancel()
	_ = s.Close(ctx)
}

// notesOf says what a session may do although it only reads.
func notesOf(s *postgres.Session) []string {
	if s.Powers() == "" {
		return []string{}
	}
	return []string{visible.String(s.Powers()) + "; writes are refused, but not what else such a role may do: use a role that may only read"}
}

// resultsOf returns the results that fit, and says how many do not.
func resultsOf(out postgres.Outcome) (entries []resultEntry, cut string) {
	left := room(roomSize)
	entries = []resultEntry{}
	for i, r := range out.Results {
		tag := visible.String(r.Tag)
		if !left.take(resultEntry{Tag: tag}) {
			return entries, say.Count(len(out.Results)-i, "result") + " more: give fewer statements"
		}
		entries = append(entries, resultEntry{tag, rowsOf(&left, r.Columns, r.Rows, r.More, "narrow it with WHERE, fewer columns, or LIMIT and OFFSET")})
	}
	return entries, ""
}

func (q queryAnswer) text() string {
	return say.Join(q.Results, "\n", func(r resultEntry) string {
		if len(r.Columns) == 0 {
			return r.Tag + "\n"
		}
		return r.rowSet.text()
	}) + note(q.Cut) + lines(q.Notes)
}

type explainArguments struct {
	SQL     string `json:"sql" jsonschema:"the statement"`
	Analyze bool   `json:"analyze,omitempty" jsonschema:"also run it and measure; a statement that writes is refused"`
	patience
}

type explainAnswer struct {
	Plan     []string `json:"plan"`
	Analyzed bool     `json:"analyzed"`
	Cut      string   `json:"cut,omitempty"`
}

func explainTool() tool {
	return define(tool{
		name: "explain", title: "Explain a statement", kind: reads,
		about: "How the server would run a statement, with costs; with analyze it is run, read-only, and measured.",
	}, 0, explain)
}

func explain(ctx context.Context, env *devenv.Env, in explainArguments) (explainAnswer, error) {
	if len(postgres.Split(in.SQL)) == 0 {
		return explainAnswer{}, noStatement()
	}
	s, err := env.OpenSession(ctx, false)
	if err != nil {
		return explainAnswer{}, err
	}
	defer leave(ctx, s)
	plan, err := s.Explain(ctx, in.SQL, 0, in.Analyze, nil)
	if err != nil {
		return explainAnswer{}, refused(ctx, env, in.SQL, err, plan.At)
	}
	left := room(roomSize)
	fits, missing := fill(&left, say.Each(plan.Lines, visible.String))
	out := explainAnswer{Plan: append([]string{}, fits...), Analyzed: plan.Analyzed}
	if missing > 0 {
		out.Cut = say.Count(missing, "line") + " more: explain a part of the statement"
	}
	return out, nil
}

func (e explainAnswer) text() string { return strings.Join(e.Plan, "\n") + "\n" + note(e.Cut) }
