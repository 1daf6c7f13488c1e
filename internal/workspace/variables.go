package workspace

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/livepeer/naap-dev/internal/dburl"
	"github.com/livepeer/naap-dev/internal/lazy"
	"github.com/livepeer/naap-dev/internal/prisma"
)

// DatabaseVariable is a variable of the environment by which the workspace's programs find its database.
type DatabaseVariable struct {
	Name  string
	Use   string // the setting that names it: UseURL, UseDirect, UseShadow; "" for DATABASE_URL where nothing names it
	Where string // "packages/database/prisma/schema.prisma:9"; "" where nothing names it

	config bool // prisma.config names it
}

// The settings of a datasource that say where a database is.
const (
	UseURL    = "url"
	UseDirect = "directUrl"
	UseShadow = "shadowDatabaseUrl"
)

// databaseUses are these settings. Where one variable is of several, the first counts.
var databaseUses = []string{UseURL, UseDirect, UseShadow}

// DatabaseVariables returns the variables by which the workspace's programs find its database, each once: DATABASE_URL,
// then those that the datasource names by env(…), then those that prisma.config visibly names. A name that is not one
// for a database is left out, since a program may load code from what such a variable says.
func (w *Workspace) DatabaseVariables(ctx context.Context) []DatabaseVariable {
	out := []DatabaseVariable{{Name: "DATABASE_URL"}}
	for _, v := range append(w.datasourceVariables(), w.configVariables(ctx)...) {
		i := slices.IndexFunc(out, func(o DatabaseVariable) bool { return o.Name == v.Name })
		switch {
		case !isDatabaseName(v.Name):
		case i < 0:
			out = append(out, v)
		case out[i].Use == "" && !v.IsShadow(), out[i].IsShadow() && (v.config || !v.IsShadow()):
			out[i] = v
		}
	}
	return out
}

// datasourceVariables returns the variables of the Prisma files' datasource.
func (w *Workspace) datasourceVariables() []DatabaseVariable {
	var out []DatabaseVariable
	for _, f := range w.SchemaFiles {
		if !strings.Contains(f.Text, prisma.DatasourceBlock.String()) {
			continue // most files of a folder; parsing all of them takes longer than the rest
		}
		tree, _ := prisma.ParseFile(prisma.Source{Name: f.Name, Text: f.Text})
		for _, b := range tree.Blocks {
			if b.Kind != prisma.DatasourceBlock {
				continue
			}
			for _, use := range databaseUses {
				if name, line := b.Variable(use); name != "" {
					out = append(out, DatabaseVariable{Name: name, Use: use, Where: f.Name + ":" + strconv.Itoa(line)})
				}
			}
		}
	}
	return out
}

// configVariables returns the variables of the workspace's prisma.config files.
func (w *Workspace) configVariables(ctx context.Context) []DatabaseVariable {
	var out []DatabaseVariable
	for _, dir := range w.Homes() {
		config, _ := readPrismaConfig(ctx, dir)
		for _, v := range config.variables {
			v.Where, v.config = w.name(config.path), true
			out = append(out, v)
		}
	}
	return out
}

// IsShadow reports whether the variable names the database in which Prisma tries migrations.
func (v DatabaseVariable) IsShadow() bool { return v.Use == UseShadow }

// Value returns what the variable says for a database. A shadow database's is never the database itself: Prisma refuses
// that where it notices, and otherwise empties it. It is empty, which Prisma takes for a shadow database of its own
// making, and by which a .env file does not name another one. In prisma.config, env(…) fails for an empty variable,
// whatever the verb: there it names a database beside this one, which only `prisma migrate dev` looks for.
func (v DatabaseVariable) Value(url string) string {
	if !v.IsShadow() {
		return url
	}
	target, err := dburl.ParseTarget(url)
	if !v.config || err != nil {
		return ""
	}
	target.Database += "_shadow"
	return target.URL()
}

var (
	variableWord = lazy.Regexp{Text: `^[A-Za-z_][A-Za-z0-9_]{0,99}$`}
	databaseWord = lazy.Regexp{Text: `^(DB|PG|POSTGRES|POSTGRESQL|CONN|CONNECTION|[A-Z0-9]*(URL|URI|DSN|DATABASE|CONNECTIONSTRING))$`}
)

// isDatabaseName reports whether a variable's name is one for a database: one of its words says so.
func isDatabaseName(name string) bool {
	return variableWord.Get().MatchString(name) &&
		slices.ContainsFunc(strings.Split(strings.ToUpper(name), "_"), databaseWord.Get().MatchString)
}
