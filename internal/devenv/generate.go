package devenv

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/livepeer/naap-dev/internal/client"
	"github.com/livepeer/naap-dev/internal/command"
	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/program"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// generation is how Prisma's generators are run.
type generation struct {
	dir  string   // absolute: where Prisma finds its configuration
	args []string // of the command prisma
}

// generation returns how the clients are generated: in the closest folder above the schema that is a package or has a
// Prisma config, with the schema named where Prisma would not find it there.
func (e *Env) generation() generation {
	g := generation{dir: e.ws.Root, args: []string{"generate"}}
	configured := false
	for dir := range client.Upward(filepath.Dir(e.ws.SchemaPath), e.codeRoot()) {
		configured = workspace.HasPrismaConfig(dir)
		if configured || isFile(filepath.Join(dir, "package.json")) {
			g.dir = dir
			break
		}
	}
	rel, err := filepath.Rel(g.dir, e.ws.SchemaPath)
	if rel = filepath.ToSlash(rel); err == nil && !configured && rel != "schema.prisma" && rel != "prisma/schema.prisma" {
		g.args = append(g.args, "--schema", rel)
	}
	return g
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// shown returns the command for the user to paste into their shell.
func (g generation) shown() string {
	line := "npx prisma " + strings.Join(say.Each(g.args, remedy.ShellWord), " ")
	here, err := os.Getwd()
	if err != nil {
		return "cd " + remedy.ShellWord(g.dir) + " && " + line
	}
	if real, err := filepath.EvalSymlinks(g.dir); err == nil && real == here {
		return line
	}
	dir := g.dir
	if rel, inside := files.Below(here, g.dir); inside {
		dir = rel
	}
	if dir == "." {
		return line
	}
	return "cd " + remedy.ShellWord(filepath.ToSlash(dir)) + " && " + line
}

// Generator is the workspace's own Prisma, ready to generate its clients.
type Generator struct {
	Command string // for the user to paste
	run     command.Command
}

// Generator returns how the clients are generated, or an error where the workspace has no Prisma of its own, installed
// beside the schema or above: what is not there is not downloaded. That the user asked for it, by a flag, is their
// permission to run it.
func (e *Env) Generator(ctx context.Context) (*Generator, error) {
	if !e.ws.SchemaOnDisk() {
		return nil, remedy.New("generate.none", remedy.ExitUsage, "there is no Prisma file here whose client could be generated").
			WithHelp(remedy.Naap("config").Note("schema says where it is looked for"))
	}
	g := e.generation()
	c := command.Command{Args: append([]string{""}, g.args...), Dir: g.dir}
	for dir := range client.Upward(g.dir, e.codeRoot()) {
		bin := filepath.Join(dir, "node_modules", ".bin")
		c.Bin = append(c.Bin, bin)
		if file, err := program.Along("", g.dir, filepath.Join(bin, "prisma")); err == nil && c.Args[0] == "" {
			c.Args[0] = file
		}
	}
	if c.Args[0] == "" {
		manager := e.ws.PackageManager(ctx, g.dir)
		into := "cd " + remedy.ShellWord(g.dir) + " && " + manager + " "
		return nil, remedy.New("generate.missing", remedy.ExitFailed, "this workspace has no Prisma to generate its client with").
			WithSeen("there is no node_modules/.bin/prisma in "+visible.String(g.dir)+", nor above it").
			WithFix(into+"install", "where prisma is not among its dependencies: "+into+map[bool]string{true: "install", false: "add"}[manager == "npm"]+" -D prisma")
	}
	return &Generator{Command: g.shown(), run: c}, nil
}

// Generate generates the clients, with the variables that name a database set to this instance.
func (e *Env) Generate(ctx context.Context, g *Generator, report progress.Report) error {
	const name, title = "generate", "Generate Prisma's client"
	report = progress.Clock(report)
	report(progress.Step{Name: name, Title: title, Status: progress.Running})
	db, err := e.commandDatabase(ctx)
	if err == nil {
		err = e.run(ctx, g.run, db, func(line string) {
			report(progress.Step{Name: name, Title: title, Status: progress.Running, Detail: visible.String(line)})
		})
	}
	if failure := (*command.Failure)(nil); errors.As(err, &failure) {
		r := remedy.New("generate.failed", remedy.ExitFailed, "the client was not generated: %v", failure.Err).
			WithSeen(strings.Join(say.Each(g.run.Args, visible.String), " "), "in "+visible.String(g.run.Dir)).WithFix(g.Command)
		r.Excerpt = failure.Output
		err = r
	}
	if err != nil {
		return failed(report, name, title, err)
	}
	report(progress.Step{Name: name, Title: title, Status: progress.Done, Detail: visible.String(g.Command)})
	return nil
}
