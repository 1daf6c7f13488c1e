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
	"slices"
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
	stdio := &transport{Transport: &mcp.IOTransport{Reader: in, Writer: out}, ended: cancel}
	err := newServer(ctx, opt).Run(ctx, stdio)
	if stdio.over.Load() || errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// instructions are what a client tells its model about the server.
const instructions = "The local PostgreSQL database of this workspace: one database, a schema for each plugin, shaped by one Prisma file. " +
	"Look before you change: schema_map, describe_table, query. After an edit of the Prisma file: diff, then push; check says which rules of the platform the files break. " +
	"Answers are cut at 32 KiB and say how to narrow them."

// newServer returns a server whose calls end with ctx: the library's own contexts do not.
func newServer(ctx context.Context, opt Options) *mcp.Server {
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
		s.AddTool(t.declared(), func(call context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			call, cancel := context.WithCancel(call)
			defer cancel()
			defer context.AfterFunc(ctx, cancel)()
			return opt.answer(call, t, req.Params.Arguments), nil
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
			if !ok || slices.Contains(names, call.Params.Name) {
				return next(ctx, method, req)
			}
			return failure(remedy.Target{}, unknownTool(call.Params.Name, names, withheld)), nil
		}
	}
}

func unknownTool(name string, names, withheld []string) error {
	if slices.Contains(withheld, name) {
		return remedy.New("tool.withheld", remedy.ExitRefused, "%s can destroy, and the person who configured this server has not allowed that", name).
			WithFix("ask them: only a person can allow it, or do it in a terminal")
	}
	r := remedy.New("tool.unknown", remedy.ExitUsage, "there is no tool %q", name).WithSeen("tools: " + say.And(names))
	if near := say.Nearest(name, names); near != "" {
		r.WithFix("did you mean: " + near)
	}
	return r
}
