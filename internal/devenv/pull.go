package devenv

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/pull"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/schemaplan"
	"github.com/livepeer/naap-dev/internal/visible"
)

// PlanPull returns how the Prisma file becomes what the database is, in all schemas that the file rules or in some of them.
// It changes nothing.
func (e *Env) PlanPull(ctx context.Context, schemas []string) (*pull.Plan, error) {
	if !e.ws.SchemaOnDisk() {
		return nil, remedy.New("pull.none", remedy.ExitUsage, "there is no Prisma file here to pull into").
			WithSeen(e.ws.Describe()).WithFix(`datasource db { provider = "postgresql" … }    (a file prisma/schema.prisma, a setting a line)`)
	}
	want, db, err := e.desiredAndDatabase(ctx)
	if err != nil {
		return nil, err
	}
	if err := knownSchemas(ctx, db, want.db, schemas); err != nil {
		return nil, err
	}
	schema, err := prisma.Parse(e.sources()...)
	if err != nil {
		return nil, e.schemaInvalid(err)
	}
	found, err := schemaplan.Read(ctx, db, want.db, schemaplan.ComputeOptions{Schemas: schemas, LockTimeout: e.ws.Settings.LockTimeout, WithImage: e.withImage})
	if err != nil {
		return nil, err
	}
	if len(found.Tables) == 0 && len(found.Enums) == 0 {
		return nil, remedy.New("pull.empty", remedy.ExitRefused, "the database has no tables in the schemas of the Prisma file (P4001)").
			WithSeen("looked into " + say.And(want.db.Scope)).WithHelp(remedy.Naap("dev push").Note("makes the file's tables"))
	}
	plan := pull.Make(schema, found, schemas, e.ws.SchemaName())
	return plan, e.mayBePulled(plan)
}

// mayBePulled refuses a plan after which the Prisma file could not be read any more.
func (e *Env) mayBePulled(plan *pull.Plan) error {
	sources := e.sources()
	for _, f := range plan.Files {
		if f.New {
			sources = append(sources, prisma.Source{Name: f.Name, Text: f.Text})
			continue
		}
		for i := range sources {
			if sources[i].Name == f.Name {
				sources[i].Text = f.Text
			}
		}
	}
	_, err := prisma.Parse(sources...)
	var found *prisma.Diagnostics
	if !errors.As(err, &found) {
		return err
	}
	r := remedy.New("pull.invalid", remedy.ExitFailed, "what is in the database cannot be said in a Prisma file; nothing was written")
	r.Excerpt = found.RenderFirst(mistakesShown, false)
	return r
}

// Pull writes what PlanPull returned, if the files are still what they were.
func (e *Env) Pull(ctx context.Context, plan *pull.Plan) error {
	home := e.pullHome()
	var list []files.Rewrite
	for _, f := range plan.Files {
		path := filepath.FromSlash(f.Name)
		if !filepath.IsAbs(path) {
			path = filepath.Join(e.ws.Root, path)
		}
		was := []byte(f.Was)
		if f.New {
			was = nil
		}
		list = append(list, files.Rewrite{Name: path, Was: was, Text: []byte(f.Text)})
	}
	in, err := files.OpenInside(home)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := in.RewriteAll(ctx, list, files.Schema); err != nil {
		return files.Explain(err, remedy.New("pull.write", remedy.ExitFailed, "%s cannot be written", visible.String(e.ws.SchemaName())))
	}
	return nil
}

// pullHome returns the folder that no link may lead out of: the workspace or, where the user named a Prisma file elsewhere,
// that one's folder.
func (e *Env) pullHome() string {
	if _, inside := files.Below(e.ws.Root, e.ws.SchemaPath); inside && e.ws.Root != "" {
		return e.ws.Root
	}
	if len(e.ws.SchemaFiles) == 1 {
		return filepath.Dir(e.ws.SchemaFiles[0].Path)
	}
	return e.ws.SchemaPath
}
