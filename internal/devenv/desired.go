package devenv

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/schemaplan"
	"github.com/livepeer/naap-dev/internal/trust"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// desired returns the database that the workspace's Prisma file means.
func (e *Env) desired() wanted {
	if len(e.ws.SchemaFiles) == 0 {
		return wanted{skip: "the workspace has no Prisma schema"}
	}
	if e.ws.SchemaDoubt != nil {
		return wanted{err: e.ws.SchemaDoubt}
	}
	for _, f := range e.ws.SchemaFiles {
		if e.isHeldSQL(f.Name) {
			return wanted{err: e.mayUse(trust.SQL)}
		}
	}
	return e.meaning.of(e.sources(), schemaplan.External(e.ws.External), e.readDesired)
}

func (e *Env) readDesired(sources []prisma.Source, external schemaplan.External) wanted {
	schema, err := prisma.Parse(sources...)
	if err != nil {
		return wanted{err: e.schemaInvalid(err)}
	}
	w := wanted{generators: schema.Generators}
	if schema.Datasource == nil {
		// An empty file, as an editor leaves for a moment, must not mean an empty database.
		w.err = remedy.New("schema.datasource", remedy.ExitFailed, "%s has no datasource", e.ws.SchemaName()).
			WithFix(`datasource db { provider = "postgresql" … }    (belongs into it, a setting a line)`)
		return w
	}
	w.schemas = say.Each(schema.Datasource.Schemas, func(s prisma.Name) string { return s.Value })
	w.db, w.err = schemaplan.Desired(schema, external)
	return w
}

func (e *Env) sources() []prisma.Source {
	return say.Each(e.ws.SchemaFiles, func(f workspace.File) prisma.Source { return prisma.Source{Name: f.Name, Text: f.Text} })
}

// NoModel returns a sentence saying that the Prisma file has no model at all; "" where it has one, or cannot be read.
func (e *Env) NoModel() string { return e.noModel(e.desired()) }

// noModel returns a sentence saying that a Prisma file has no model at all, and which files beside it have some; ""
// where it has one.
func (e *Env) noModel(want wanted) string {
	if want.db == nil || len(want.db.Tables) > 0 {
		return ""
	}
	line := e.ws.SchemaName() + " has no model: there are no tables to create"
	if len(e.ws.Beside) == 0 {
		return line
	}
	var beside []string
	for _, file := range e.ws.Beside {
		name, err := filepath.Rel(filepath.Dir(e.ws.SchemaPath), file)
		if err != nil {
			name = file
		}
		beside = append(beside, filepath.ToSlash(name))
	}
	return line + "; " + strings.Join(beside, ", ") + " beside it, with models, is not read, because the file is named as the schema and not its folder"
}

// readSchema reads the Prisma file in the background; the returned function waits for it.
func (e *Env) readSchema(skip bool) func() wanted {
	done := make(chan wanted, 1)
	go func() {
		if skip {
			done <- wanted{skip: "asked to leave the tables alone"}
			return
		}
		done <- e.desired()
	}()
	var got *wanted
	return func() wanted {
		if got == nil {
			w := <-done
			got = &w
		}
		return *got
	}
}

// readAhead begins to read the Prisma file, for a verb that needs it once it is connected.
func (e *Env) readAhead() { e.readSchema(false) }

// schemaInvalid returns the error for a Prisma file with mistakes: their number, and the first of them, each with its
// line and place.
func (e *Env) schemaInvalid(err error) error {
	var found *prisma.Diagnostics
	if !errors.As(err, &found) {
		return err
	}
	r := remedy.New("schema.invalid", remedy.ExitFailed, "%s in %s", say.Count(found.Errors(), "mistake"), e.ws.SchemaName())
	if other := found.Foreign(); other != "" {
		r = remedy.New("schema.provider", remedy.ExitFailed, "%s is for %s, and naap knows only PostgreSQL", e.ws.SchemaName(), other).
			WithFix(`schema = "…"    (a line for naap.toml, if another Prisma schema is meant)`)
	}
	r.Excerpt = found.RenderFirst(mistakesShown, false)
	paths := say.Each(e.ws.SchemaFiles, func(f workspace.File) string { return f.Path })
	return e.ws.Withhold(r, "schema", paths...)
}

// MustBePostgreSQL returns the error for a Prisma schema that is for another database: nothing that is judged by it means
// anything then.
func (e *Env) MustBePostgreSQL() error { return e.mustBePostgreSQL(e.desired) }

// mustBePostgreSQL returns the error for a schema that is for another database, before anything is started for it. Most
// are not, and are read while the server starts.
func (e *Env) mustBePostgreSQL(schema func() wanted) error {
	if !slices.ContainsFunc(e.ws.SchemaFiles, func(f workspace.File) bool { return prisma.MayBeForeign(f.Text) }) {
		return nil
	}
	if err := schema().err; remedy.Code(err) == "schema.provider" {
		return err
	}
	return nil
}

// mistakesShown is how many mistakes of a schema are shown: those that follow from another one disappear with it, and
// nobody reads thousands.
const mistakesShown = 20
