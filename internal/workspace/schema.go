package workspace

import (
	"context"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/lazy"
	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// schemasLimit is for all files of one schema.
const schemasLimit files.Limit = 64 << 20

// schemaMark is where a monorepo has its Prisma schema: one file, or a folder of files.
const schemaMark = "packages/database/prisma/schema.prisma"

// findSchema reads the Prisma schema: the one that is set, the one that Prisma's own settings name, or one in the usual
// places.
func (w *Workspace) findSchema(ctx context.Context) error {
	named := w.prismaSettings(ctx)
	if set := w.Settings.Schema; set != "" {
		named = schemaPlace{set, w.Settings.Origin("schema").String()}
		w.live(ctx, w.homeOf(set))
	}
	if named.path != "" {
		return w.readNamed(ctx, named)
	}
	if w.Root == "" {
		return nil
	}
	for _, usual := range platformPlaces {
		if at := filepath.Join(w.Root, filepath.FromSlash(usual)); isSchema(ctx, w.Root, at) {
			w.place = schemaPlace{path: at}
			return w.readSchema(ctx)
		}
	}
	c, ok, err := w.chooseSchema(ctx)
	if err != nil || !ok {
		w.place, w.SchemaDoubt = schemaPlace{}, w.configDoubt
		return err
	}
	w.place = c.schemaPlace
	w.live(ctx, c.home)
	if c.setBy != "" {
		return w.readNamed(ctx, c.schemaPlace)
	}
	return w.readSchema(ctx)
}

// live notes the home of the package with the Prisma schema, and what that package's files say.
func (w *Workspace) live(ctx context.Context, home string) {
	if w.home = home; !slices.Contains(databaseFolders, home) {
		w.note(toldIn(ctx, w.Root, home), false)
	}
}

func (w *Workspace) readNamed(ctx context.Context, named schemaPlace) error {
	w.place = named
	if err := w.mayLookAt(named.path, "schema", named.setBy); err != nil {
		return err
	}
	missing := remedy.New("workspace.schema", remedy.ExitUsage, "no Prisma schema at %s", visible.String(named.path)).
		WithSeen("set by " + visible.String(named.setBy)).Behind(fs.ErrNotExist)
	if _, err := os.Stat(named.path); err != nil {
		return missing
	}
	if err := w.readSchema(ctx); err != nil {
		return err
	}
	if len(w.SchemaFiles) == 0 {
		return missing
	}
	return nil
}

// platformPlaces are where the platform's monorepo has its schema; the folder comes last, since it counts only if it
// contains a datasource.
var platformPlaces = []string{schemaMark, "packages/database/prisma/schema", "packages/database/prisma"}

// isSchema reports whether a place is a file, or a folder with a *.prisma file. In a folder whose name does not mean a
// schema alone, one file must have the datasource.
func isSchema(ctx context.Context, root, place string) bool {
	if _, err := os.Lstat(place); err != nil {
		return false
	}
	list, err := prisma.Files(ctx, place, treeOf(root))
	if err != nil {
		return !os.IsNotExist(err) // what exists and cannot be read is an error later on
	}
	if filepath.Base(place) != "prisma" {
		return len(list) > 0
	}
	return slices.ContainsFunc(list, func(file string) bool { return isOwn(place, file) && outlineOf(ctx, file).datasource })
}

// isOwn reports whether a file below a folder is not in one of tests, examples and the like: a program about Prisma has
// such schemas, and no database of its own.
func isOwn(dir, file string) bool {
	rel, err := filepath.Rel(dir, filepath.Dir(file))
	return err == nil && !slices.ContainsFunc(strings.Split(filepath.ToSlash(rel), "/"), func(part string) bool { return slices.Contains(notPackages, part) })
}

// prismaSettings returns the place that Prisma's own settings name, the closer folder's first: prisma.config,
// package.json, or the --schema of its scripts. It also records the external tables, and what it cannot read of them.
func (w *Workspace) prismaSettings(ctx context.Context) schemaPlace {
	var found schemaPlace
	w.configDoubt, w.migrationsDoubt, w.migrations, w.shadowInit = nil, nil, schemaPlace{}, ShadowInit{}
	w.External = External{slices.Clone(w.Settings.External.Tables), slices.Clone(w.Settings.External.Enums)}
	if w.Root == "" {
		return found
	}
	for _, home := range databaseFolders {
		told := toldIn(ctx, w.Root, home)
		w.note(told, found.path != "")
		if found.path == "" {
			found = told.place
		}
	}
	return found
}

// told is what the files of a package say about its Prisma schema.
type told struct {
	place      schemaPlace // "" where they name none
	config     prismaConfig
	configured bool // there is a prisma.config
	pkg        string
	pkgErr     error // why the package.json cannot be read
}

// scriptsOf follows the name of a package.json whose scripts name the schema.
const scriptsOf = "'s scripts"

// toldIn reads what the package in a home of a root says: prisma.config, package.json, or the --schema of its scripts.
func toldIn(ctx context.Context, root, home string) (t told) {
	dir := filepath.Join(root, filepath.FromSlash(home))
	t.config, t.configured = readPrismaConfig(ctx, dir)
	t.pkg = relativeTo(root, filepath.Join(dir, "package.json"))
	var pkg packageJSON
	pkg, t.pkgErr = parsePackage(ctx, dir)
	switch {
	case t.config.schema != "":
		t.place = schemaPlace{t.config.schema, relativeTo(root, t.config.path)}
	case pkg.Prisma.Schema != "":
		t.place = schemaPlace{absolute(dir, pkg.Prisma.Schema), t.pkg}
	default:
		if place := scriptsSchema(dir, pkg.Scripts); place != "" {
			t.place = schemaPlace{place, t.pkg + scriptsOf}
		}
	}
	return t
}

// note records what a package says about external tables, and whether its files may name another schema and cannot be
// read. settled reports that a closer package names the schema.
func (w *Workspace) note(t told, settled bool) {
	if t.configured && t.config.err != nil && w.Settings.Schema == "" {
		w.doubtFile(w.name(t.config.path), t.config.err)
	} else if t.configured {
		w.noteConfig(t.config)
	}
	if !settled && t.config.schema == "" && w.Settings.Schema == "" && mayNameSchema(t.pkgErr) {
		w.doubtFile(t.pkg, t.pkgErr)
	}
}

// doubtFile records that, without a package.json or a prisma.config, the wrong schema may be found.
func (w *Workspace) doubtFile(name string, err error) {
	if w.configDoubt == nil {
		w.configDoubt = remedy.New("schema.ambiguous", remedy.ExitRefused, "%s cannot be read, and may say where the Prisma schema is", visible.String(name)).
			WithSeen(visible.String(err.Error())).
			WithFix("fix "+visible.String(name), `schema = "…"    (a line for naap.toml, which counts first)`)
	}
}

var schemaFlag = lazy.Regexp{Text: `\bprisma\s[^&|;]*--schema[= ]\s*["']?([^\s"'&|;]+)`}

// scriptsSchema returns the schema that the scripts of a package.json run Prisma with, if they agree and it exists.
func scriptsSchema(dir string, scripts map[string]string) string {
	place := ""
	for _, script := range scripts {
		for _, m := range schemaFlag.Get().FindAllStringSubmatch(script, -1) {
			at := filepath.Clean(absolute(dir, m[1]))
			if place != "" && place != at {
				return ""
			}
			place = at
		}
	}
	if place == "" || files.MayOpen(place) != nil {
		return ""
	}
	if _, err := os.Stat(place); err != nil {
		return ""
	}
	return place
}

// noteConfig records what a Prisma config says about external tables.
func (w *Workspace) noteConfig(c prismaConfig) {
	w.External.Tables = append(w.External.Tables, c.tables...)
	w.External.Enums = append(w.External.Enums, c.enums...)
	if w.shadowInit.Where == "" && (c.init.SQL != "" || c.init.Unread) {
		w.shadowInit = c.init
		w.shadowInit.Where = w.name(c.path)
	}
	if w.migrations.path == "" && c.migrations != "" {
		w.migrations = schemaPlace{c.migrations, w.name(c.path)}
	}
	for _, setting := range c.unread {
		name := visible.String(w.name(c.path))
		own := map[string]string{"schema": "schema", "migrations.path": "migrate.folder", "tables.external": "external.tables", "enums.external": "external.enums"}[setting]
		if w.Settings.IsSet(own) {
			continue
		}
		if own == "migrate.folder" {
			w.migrationsDoubt = remedy.New("migrate.folder", remedy.ExitRefused, "where the migrations are is not known").
				WithSeen(name + ": " + setting + " is not written out, and the file is not executed").
				WithFix(`folder = "prisma/migrations"    (a line for naap.toml, below [migrate])`)
			continue
		}
		if own == "schema" {
			w.Warnings = append(w.Warnings, name+": schema is not written out, and the file is not executed; naap.toml can say it: schema = \"…\"")
			continue
		}
		w.configDoubt = remedy.New("schema.external", remedy.ExitRefused, "which tables are external is not known").
			WithSeen(name + ": " + setting + " is not written out as a list of names, and the file is not executed").
			WithFix(strings.TrimPrefix(own, "external.") + ` = ["auth.users"]    (a line for naap.toml, below [external]; [] for none)`)
	}
}

// readSchema reads the files of the schema at w.place. For a single file that nothing named, it decides whether the
// files beside it belong to it.
func (w *Workspace) readSchema(ctx context.Context) error {
	w.SchemaPath, w.SchemaDoubt, w.Beside = w.place.path, w.configDoubt, nil
	list, err := prisma.Files(ctx, w.place.path, w.schemaBound())
	if err == nil && len(list) == 1 && list[0] == w.place.path {
		list, err = w.together(ctx, list[0])
	}
	if err != nil {
		return w.unreadableSchema(err)
	}
	w.SchemaFiles = nil
	left := schemasLimit
	for _, file := range list {
		data, err := files.Read(ctx, file, min(files.Schema, left))
		if err != nil {
			return w.unreadableSchema(err)
		}
		left -= files.Limit(len(data))
		w.SchemaFiles = append(w.SchemaFiles, File{Path: file, Name: w.name(file), Text: string(data)})
	}
	return nil
}

// schemaBound returns the folder that a search for the schema's files does not leave, or "" where the user named the
// schema.
func (w *Workspace) schemaBound() string {
	if w.Root == "" || w.Settings.Origin("schema").IsPerson() {
		return ""
	}
	return treeOf(w.Root)
}

func (w *Workspace) unreadableSchema(err error) error {
	e := remedy.New("workspace.schema", remedy.ExitFailed, "cannot read the Prisma schema")
	if w.place.setBy != "" {
		e.WithSeen("set by " + visible.String(w.place.setBy))
	}
	return files.Explain(err, e)
}

// together returns the files of the schema that main belongs to: main alone, or all in its folder. Real Prisma reads a
// folder only where it is named; main alone would lose the models beside it.
func (w *Workspace) together(ctx context.Context, main string) ([]string, error) {
	folder := filepath.Dir(main)
	all, err := prisma.Files(ctx, folder, w.schemaBound())
	if err == nil && len(all) == 1 && all[0] == main {
		return all, nil // as most are; a large schema takes longer to parse than all the rest of a workspace
	}
	known := outlines{}
	if w.place.setBy == "" || !known.of(ctx, main).models {
		if err != nil {
			if known.of(ctx, main).models {
				return []string{main}, nil // complete without what cannot be read
			}
			return nil, err
		}
		whole, doubt := known.belongTogether(ctx, main, all)
		switch {
		case w.place.setBy != "":
			w.Beside = known.modelsBeside(ctx, main, all)
		case whole:
			w.SchemaPath = folder
			return all, nil
		case doubt:
			w.SchemaDoubt = w.ambiguous(main, known.modelsBeside(ctx, main, all))
		}
	}
	return []string{main}, nil
}

// ambiguous returns why it is not known whether the files beside main are part of the schema.
func (w *Workspace) ambiguous(main string, beside []string) error {
	if w.SchemaDoubt != nil {
		return w.SchemaDoubt
	}
	name := w.name(main)
	e := remedy.New("schema.ambiguous", remedy.ExitRefused, "%s has models, and so have files beside it: nothing says whether they belong together", visible.String(name))
	for _, file := range beside {
		e.WithSeen(visible.String(w.name(file)))
	}
	return e.WithFix(
		`schema = "`+visible.String(path.Dir(name))+`"    (a line for naap.toml, if they do)`,
		`schema = "`+visible.String(name)+`"    (if they do not: what Prisma reads where nothing names the folder)`)
}

// outline is what a Prisma file declares and refers to.
type outline struct {
	datasource bool
	provider   string // of the datasource, "" where it is not a string
	models     bool   // or views, enums or types
	declares   map[string]bool
	refers     map[string]bool
}

// outlineOf reads a file's outline; it is empty for a file that cannot be read.
func outlineOf(ctx context.Context, file string) outline {
	o := outline{declares: map[string]bool{}, refers: map[string]bool{}}
	text, err := files.Read(ctx, file, files.Schema)
	if err != nil {
		return o
	}
	tree, _ := prisma.ParseFile(prisma.Source{Name: file, Text: string(text)})
	for _, b := range tree.Blocks {
		switch b.Kind {
		case prisma.DatasourceBlock:
			o.datasource = true
			for _, m := range b.Members {
				if m.Name.Value == "provider" && m.Value != nil && m.Value.Kind == prisma.StringExpr {
					o.provider = m.Value.Text
				}
			}
		case prisma.GeneratorBlock:
		default:
			o.models = true
			o.declares[b.Name.Value] = true
			for _, m := range b.Members {
				o.refers[m.Type.Name] = true
			}
		}
	}
	return o
}

// outlines are those of the files that were looked at, each of them once.
type outlines map[string]outline

func (known outlines) of(ctx context.Context, file string) outline {
	o, ok := known[file]
	if !ok {
		o = outlineOf(ctx, file)
		known[file] = o
	}
	return o
}

// modelsBeside returns the files other than main that have models and no datasource of their own.
func (known outlines) modelsBeside(ctx context.Context, main string, all []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(file string) bool {
		o := known.of(ctx, file)
		return file == main || !o.models || o.datasource
	})
}

// belongTogether reports whether main is a schema only together with the files beside it: it has no model or no
// datasource, or uses names that they declare. It is in doubt where main is a schema by itself and nothing is declared
// twice, as it would be in a copy.
func (known outlines) belongTogether(ctx context.Context, main string, all []string) (whole, doubt bool) {
	m := known.of(ctx, main)
	parts := known.modelsBeside(ctx, main, all)
	source := slices.ContainsFunc(all, func(file string) bool { return file != main && known.of(ctx, file).datasource })
	if len(parts) == 0 || !m.models || !m.datasource {
		return len(parts) > 0 && (!m.models || !m.datasource) || m.models && !m.datasource && source, false
	}
	for _, file := range parts {
		p := known.of(ctx, file)
		for name := range p.declares {
			if m.declares[name] {
				return false, false
			}
			whole = whole || m.refers[name]
		}
	}
	return whole, !whole
}

// MigrationsDir returns the folder of Prisma's migrations, and how messages call it: that of the settings, of
// prisma.config or, as for Prisma, the one beside the file with the datasource. dir is "" where there is no Prisma file
// on disk. The folder need not exist. The error says why it is not known, or must not be looked at.
func (w *Workspace) MigrationsDir() (dir, name string, err error) {
	place := w.migrations
	switch set := w.Settings.Migrate.Folder; {
	case set != "":
		place = schemaPlace{set, w.Settings.Origin("migrate.folder").String()}
	case w.migrationsDoubt != nil:
		return "", "", w.migrationsDoubt
	case !w.SchemaOnDisk():
		return "", "", nil
	case place.path == "":
		place.path = filepath.Join(filepath.Dir(w.datasourceFile().Path), "migrations")
	}
	if err := w.mayLookAt(place.path, "migrate.folder", place.setBy); err != nil {
		return "", "", err
	}
	return place.path, w.name(place.path), nil
}

func (w *Workspace) datasourceFile() File {
	i := slices.IndexFunc(w.SchemaFiles, func(f File) bool { return datasource.Get().MatchString(f.Text) })
	return w.SchemaFiles[max(i, 0)]
}

var datasource = lazy.Regexp{Text: `(?m)^\s*datasource\s+\w+\s*\{`}
