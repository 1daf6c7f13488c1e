package mcpserver

import (
	"context"
	"fmt"
	"strings"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

type noArguments struct{}

type statusAnswer struct {
	Instance   string   `json:"instance"`
	State      string   `json:"state" jsonschema:"running, starting, stopped, unhealthy or absent"`
	Engine     string   `json:"engine,omitempty"`
	URL        string   `json:"database_url,omitempty" jsonschema:"a password other than the public default is masked"`
	Server     string   `json:"server_version,omitempty"`
	Workspace  string   `json:"workspace,omitempty" jsonschema:"the folder; absent for the built-in workspace"`
	PrismaFile string   `json:"prisma_file,omitempty"`
	Schemas    int      `json:"schemas"`
	Tables     int      `json:"tables"`
	Rows       int64    `json:"rows"`
	Pending    int      `json:"pending_steps" jsonschema:"how many steps the database is behind the Prisma file"`
	Destroys   int      `json:"destructive_steps" jsonschema:"how many of them destroy"`
	Seeds      []string `json:"seeds_pending" jsonschema:"seed files that are not applied as they are now"`
	Notes      []string `json:"notes" jsonschema:"what is wrong or worth knowing, and what helps"`
}

func statusTool() tool {
	return define(tool{
		name: "status", title: "Status of the database", kind: reads,
		about: "How the workspace's database is: whether it runs, where, its schemas and rows in numbers, how far it is behind the Prisma file, which seeds are missing.",
	}, looks, func(ctx context.Context, env *devenv.Env, _ noArguments) (statusAnswer, error) {
		st, err := env.Status(ctx, devenv.StatusOptions{})
		if err != nil {
			return statusAnswer{}, err
		}
		return statusOf(env, st), nil
	})
}

func statusOf(env *devenv.Env, st *devenv.Status) statusAnswer {
	out := statusAnswer{
		Instance: visible.String(st.Instance), State: string(st.State), Engine: st.Engine, URL: visible.String(st.DatabaseURL),
		Server: visible.String(st.ServerVersion), Workspace: visible.String(st.Workspace.Root), PrismaFile: visible.String(st.Workspace.SchemaFile),
		Schemas: len(st.Schemas), Notes: st.Warnings,
	}
	for _, s := range st.Schemas {
		out.Tables, out.Rows = out.Tables+s.Tables, out.Rows+s.Rows
	}
	var seeds []string
	for _, s := range st.Seeds {
		if s.State != "applied" {
			seeds = append(seeds, s.Name+": "+s.State)
		}
	}
	left := room(roomSize)
	out.Seeds = fitting(&left, seeds)
	if d := st.Drift; d != nil {
		out.Pending, out.Destroys = d.PendingStatements, d.Destructive
		if d.Problem != "" {
			out.Notes = append(out.Notes, "the Prisma file can't be compared: "+visible.String(d.Problem))
		}
	}
	if line := devenv.StaleLine(st.Clients); line != "" {
		out.Notes = append(out.Notes, line)
	}
	if p := st.Problem; p != nil {
		out.Notes = append(out.Notes, p.Code+": "+visible.String(p.Message))
		for line := range strings.Lines(p.Remedy) {
			out.Notes = append(out.Notes, "try: "+visible.String(strings.TrimSpace(line)))
		}
	} else if st.State == engine.Stopped || st.State == engine.Absent {
		out.Notes = append(out.Notes, "start it with: "+env.Target().Line(remedy.Again("dev up")))
	}
	out.Notes = fitting(&left, out.Notes)
	return out
}

func (s statusAnswer) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "instance %s: %s", s.Instance, s.State)
	if s.Engine != "" {
		b.WriteString(" (" + s.Engine + ")")
	}
	if s.Server != "" {
		b.WriteString(", PostgreSQL " + s.Server)
	}
	b.WriteString("\n" + s.URL + "\n")
	if s.Workspace != "" {
		fmt.Fprintf(&b, "workspace %s, Prisma file %s\n", s.Workspace, s.PrismaFile)
	} else {
		b.WriteString("the built-in workspace\n")
	}
	if s.State == string(engine.Running) {
		fmt.Fprintf(&b, "%s, %s, %s\n", say.Count(s.Schemas, "schema"), say.Count(s.Tables, "table"), say.Count(s.Rows, "row"))
		fmt.Fprintf(&b, "behind the Prisma file: %s, %d of them destructive\n", say.Count(s.Pending, "step"), s.Destroys)
	}
	for _, seed := range s.Seeds {
		b.WriteString("seed " + seed + "\n")
	}
	return b.String() + lines(s.Notes)
}
