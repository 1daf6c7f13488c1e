// Package mcpserver serves a workspace's database to coding agents over the Model Context Protocol: what there is, rows,
// SQL that the server itself keeps from writing, plans, checks, and pushes of what adds. What destroys is there only where
// the person who configured it allowed that.
//
// Each call is a verb of its own: it finds the workspace, reads its files, connects and leaves, so that nothing of an
// earlier call is in use when the files were edited or the server was restarted in between.
package mcpserver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

// Options says what is served.
type Options struct {
	// Open returns the environment for one call, with the workspace's files as they are now. It asks nobody anything.
	Open func(context.Context) (*devenv.Env, error)
	// Target is what is added to the commands that a person is to run.
	Target           remedy.Target
	AllowDestructive bool   // also serve the tools that destroy
	Version          string // naap's own
	Log              io.Writer
}

// Serve answers the client until in ends, or ctx does; then what is running on the database is cancelled. Nothing but the
// protocol is written to out.
func Serve(ctx context.Context, opt Options, in io.ReadCloser, out io.WriteCloser) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	at := &calls{ctx: ctx}
	end := &reader{ReadCloser: in, ended: func() { at.settle(); cancel() }}
	err := newServer(opt, at).Run(ctx, &mcp.IOTransport{Reader: end, Writer: out})
	if end.over.Load() || errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// reader calls ended once, before it says that there is nothing more to read.
type reader struct {
	io.ReadCloser
	ended func()
	over  atomic.Bool
}

func (r *reader) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	if err != nil && n == 0 && !r.over.Swap(true) {
		r.ended()
	}
	return n, err
}

// calls are those that are being answered. All of them end with ctx: those of the library do not end with its own.
type calls struct {
	ctx context.Context
	now atomic.Int64
}

// begin returns the context of a call.
func (c *calls) begin(ctx context.Context) (context.Context, func()) {
	c.now.Add(1)
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(c.ctx, cancel)
	return ctx, func() { stop(); cancel(); c.now.Add(-1) }
}

// How long calls may go on once the client has closed its end: what was piped in is answered where that is quick. A call
// that was read a moment ago may not have begun.
const (
	afterInput = time.Second
	idle       = 50 * time.Millisecond
)

// settle waits until no call is being answered.
func (c *calls) settle() {
	since := time.Now()
	for last := since; time.Since(since) < afterInput && time.Since(last) < idle && c.ctx.Err() == nil; time.Sleep(idle / 5) {
		if c.now.Load() > 0 {
			last = time.Now()
		}
	}
}

// instructions are what a client tells its model about the server.
const instructions = "The local PostgreSQL database of this workspace: one database, a schema for each plugin, shaped by one Prisma file. " +
	"Look before you change: schema_map, describe_table, query. After an edit of the Prisma file: diff, then push; check says which rules of the platform the files break. " +
	"Answers are cut at 32 KiB and say how to narrow them."

func newServer(opt Options, at *calls) *mcp.Server {
	s := mcp.NewServer(&mcp.Implementation{Name: "naap", Title: "naap: the workspace's local database", Version: opt.Version}, &mcp.ServerOptions{
		Instructions: instructions, Capabilities: &mcp.ServerCapabilities{}, Logger: slog.New(slog.DiscardHandler),
	})
	var names, withheld []string
	for _, t := range tools() {
		if t.kind == destroys && !opt.AllowDestructive {
			withheld = append(withheld, t.name)
			continue
		}
		names = append(names, t.name)
		s.AddTool(t.declared(), func(ctx context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			ctx, done := at.begin(ctx)
			defer done()
			return opt.answer(ctx, t, req.Params.Arguments), nil
		})
	}
	s.AddReceivingMiddleware(unknownTools(names, withheld))
	return s
}

// answer carries out one call. Its failures are answers too, which the model reads.
func (o Options) answer(ctx context.Context, t tool, arguments json.RawMessage) *mcp.CallToolResult {
	began := time.Now()
	text, doc, err := o.call(ctx, t, arguments)
	if o.Log != nil {
		outcome := "done"
		if err != nil {
			outcome = remedy.Code(err)
		}
		fmt.Fprintf(o.Log, "naap mcp: %s: %s in %s\n", t.name, outcome, say.Took(time.Since(began)))
	}
	if err != nil {
		return failure(o.Target, err)
	}
	return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: clip(text)}}, StructuredContent: doc}
}

func (o Options) call(ctx context.Context, t tool, arguments json.RawMessage) (string, any, error) {
	limit, run, err := t.bind(arguments)
	if err != nil {
		return "", nil, err
	}
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	ctx, stop := context.WithTimeoutCause(ctx, limit, tookTooLong(t, limit))
	defer stop()
	ctx, _ = postgres.WithJournal(ctx)
	env, err := o.Open(ctx)
	if err != nil {
		return "", nil, devenv.Nowhere().Explained(ctx, "", err)
	}
	defer env.Close()
	env.Guard(ctx, end)
	text, doc, err := run(ctx, env)
	return text, doc, env.Explained(ctx, "", err)
}

func tookTooLong(t tool, limit time.Duration) error {
	r := remedy.New("tool.timeout", remedy.ExitFailed, "%s was given up after %s, and cancelled on the server", t.name, say.Age(limit))
	if t.patient {
		return r.WithFix("narrow it, or give a larger timeout_seconds")
	}
	return r.WithFix("narrow it, or ask a person what holds the database up")
}

// failure returns an error as the answer of a tool: its code, then what the command line prints.
func failure(target remedy.Target, err error) *mcp.CallToolResult {
	text := remedy.Code(err) + ": " + visible.Text(target.Text(err))
	return &mcp.CallToolResult{IsError: true, Content: []mcp.Content{&mcp.TextContent{Text: clip(text)}}}
}

// unknownTools answers a call of a tool that is not served with the nearest one, or with who could allow it.
func unknownTools(names, withheld []string) mcp.Middleware {
	return func(next mcp.MethodHandler) mcp.MethodHandler {
		return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
			call, ok := req.(*mcp.CallToolRequest)
			if !ok || contains(names, call.Params.Name) {
				return next(ctx, method, req)
			}
			return failure(remedy.Target{}, unknownTool(call.Params.Name, names, withheld)), nil
		}
	}
}

func unknownTool(name string, names, withheld []string) error {
	if contains(withheld, name) {
		return remedy.New("tool.withheld", remedy.ExitRefused, "%s can destroy, and the person who configured this server has not allowed that", name).
			WithFix("ask them: only a person can allow it, or do it in a terminal")
	}
	r := remedy.New("tool.unknown", remedy.ExitUsage, "there is no tool %q", name).WithSeen("tools: " + say.And(names))
	if near := say.Nearest(name, names); near != "" {
		r.WithFix("did you mean: " + near)
	}
	return r
}
