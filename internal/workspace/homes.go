package workspace

import (
	"cmp"
	"context"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

// databaseFolders are the homes of the platform's own layout, the closer one first: a package.json there is about the
// database.
var databaseFolders = []string{"packages/database", ""}

// usualHomes are where repositories have the package with their Prisma schema. A home is a folder relative to the
// workspace's root: "" is the root itself, as in a repository with a single application.
var usualHomes = []string{"packages/database", "", "packages/db", "packages/prisma"}

// candidate is a Prisma schema that was found without a setting.
type candidate struct {
	schemaPlace
	home string
	mark string // the file that shows it, relative to the root
}

// homes returns the homes whose package.json may be about the database, the closer one first.
func (w *Workspace) homes() []string {
	if slices.Contains(databaseFolders, w.home) {
		return databaseFolders
	}
	return append([]string{w.home}, databaseFolders...)
}

// Homes returns the folders whose package.json may be about the database, the closer one first: that of the package
// with the Prisma schema, the platform's place, and the root. There are none without a root.
func (w *Workspace) Homes() []string {
	if w.Root == "" {
		return nil
	}
	return say.Each(w.homes(), func(home string) string { return filepath.Join(w.Root, filepath.FromSlash(home)) })
}

// SchemaHome returns the folder of the package with the Prisma schema, where its commands are run; "" where the schema
// is not on disk, or the workspace has no root.
func (w *Workspace) SchemaHome() string {
	if w.Root == "" || !w.SchemaOnDisk() {
		return ""
	}
	return filepath.Join(w.Root, filepath.FromSlash(w.homeOf(w.SchemaPath)))
}

// homeOf returns the home of the package that a schema in the workspace belongs to: the nearest folder above it with a
// package.json, or "".
func (w *Workspace) homeOf(schema string) string {
	for dir := filepath.Dir(schema); ; dir = filepath.Dir(dir) {
		rel, inside := files.Below(w.Root, dir)
		if !inside || rel == "." {
			return ""
		}
		if _, err := os.Lstat(filepath.Join(dir, "package.json")); err == nil {
			return filepath.ToSlash(rel)
		}
	}
}

// candidateIn returns the Prisma schema of the package in a home: the one that its own files name, or one in a usual
// place.
func candidateIn(ctx context.Context, root, home string) (candidate, bool) {
	dir := filepath.Join(root, filepath.FromSlash(home))
	if !isFolder(dir) {
		return candidate{}, false
	}
	c := candidate{home: home}
	if c.schemaPlace = toldIn(ctx, root, home).place; c.path != "" {
		c.mark = strings.TrimSuffix(c.setBy, scriptsOf)
		return c, true
	}
	for _, usual := range placesIn(home) {
		if at := filepath.Join(dir, filepath.FromSlash(usual)); isSchema(ctx, root, at) {
			c.path, c.mark = at, path.Join(home, usual)
			return c, true
		}
	}
	return candidate{}, false
}

// placesIn returns where a home's package has a schema that nothing names, relative to it. A folder whose name says
// nothing of a database may have a schema.prisma for any purpose.
func placesIn(home string) []string {
	places := []string{"prisma/schema.prisma", "prisma/schema", "schema.prisma", "schema", "prisma"}
	switch base := path.Base(home); {
	case home == "":
		return slices.Delete(places, 3, 4)
	case !slices.Contains([]string{"database", "db", "prisma"}, base):
		return slices.Delete(places, 2, 4)
	}
	return places
}

// candidatesIn returns the schemas of a root's usual homes, each once.
func candidatesIn(ctx context.Context, root string) []candidate {
	return candidatesOf(ctx, root, usualHomes)
}

func candidatesOf(ctx context.Context, root string, homes []string) []candidate {
	var found []candidate
	for _, home := range homes {
		c, ok := candidateIn(ctx, root, home)
		if ok && !slices.ContainsFunc(found, func(o candidate) bool { return o.path == c.path }) {
			found = append(found, c)
		}
	}
	return found
}

// groups are the folders of a monorepo whose subfolders are packages; "" is the root.
var groups = []string{"", "apps", "packages", "services", "libs"}

// notPackages are folders that hold no package of the workspace's own.
var notPackages = []string{
	"node_modules", "vendor", "dist", "build", "out", "coverage", "example", "examples", "template", "templates", "test", "tests", "testdata", "fixtures",
}

// candidatesBelow returns the schemas of the packages below a root, where the usual homes have none.
func candidatesBelow(ctx context.Context, root string) []candidate {
	var homes []string
	for _, group := range groups {
		entries, _ := files.List(ctx, filepath.Join(root, group), mostPlugins)
		for _, entry := range entries {
			if name := entry.Name(); entry.IsDir() && name[0] != '.' && !slices.Contains(notPackages, name) {
				homes = append(homes, path.Join(group, name))
			}
		}
	}
	return candidatesOf(ctx, root, homes)
}

// chooseSchema returns the one schema of a workspace that no setting and none of the platform's places names. Of several, it
// is the only one for PostgreSQL, or that of the package in which the search began; ok is false where there is none.
func (w *Workspace) chooseSchema(ctx context.Context) (c candidate, ok bool, err error) {
	list := candidatesIn(ctx, w.Root)
	if len(list) == 0 {
		list = candidatesBelow(ctx, w.Root)
	}
	if len(list) > 1 {
		list = w.forPostgreSQL(ctx, list)
	}
	if len(list) > 1 {
		around := slices.DeleteFunc(slices.Clone(list), func(c candidate) bool {
			_, inside := files.Below(filepath.Join(w.Root, filepath.FromSlash(c.home)), w.Dir)
			return c.home == "" || !inside
		})
		if len(around) > 0 {
			list = []candidate{slices.MaxFunc(around, func(a, b candidate) int { return cmp.Compare(len(a.home), len(b.home)) })}
		}
	}
	switch len(list) {
	case 0:
		return candidate{}, false, nil
	case 1:
		return list[0], true, nil
	}
	return candidate{}, false, w.several(list)
}

// Several is the cause of the error that a workspace has several Prisma schemas, and nothing says which one is meant.
type Several struct {
	Root   string
	Places []string // relative to the root, with slashes
}

func (s *Several) Error() string { return "several Prisma schemas: " + strings.Join(s.Places, ", ") }

func (w *Workspace) several(list []candidate) error {
	s := &Several{Root: w.Root, Places: say.Each(list, func(c candidate) string { return w.name(c.path) })}
	e := remedy.New("schema.ambiguous", remedy.ExitUsage, "%s has %s, and nothing says which one is the database's",
		visible.String(w.Root), say.Count(len(list), "Prisma schema")).Behind(s)
	for _, c := range list {
		seen := w.name(c.path)
		if c.setBy != "" {
			seen += " (named by " + c.setBy + ")"
		}
		e.WithSeen(visible.String(seen))
	}
	first := visible.String(w.name(list[0].path))
	return e.WithFix(`schema = "` + first + `"    (a line for naap.toml in ` + visible.String(w.Root) + `, with the one that is meant)`).
		WithHelp(remedy.Line("or, for one command: ", remedy.Words("NAAP_SCHEMA="+remedy.ShellWord(filepath.Join(visible.String(w.Root), filepath.FromSlash(first)))+" "), remedy.Again("")))
}

// forPostgreSQL returns the candidates whose datasource is PostgreSQL's, or all where none is.
func (w *Workspace) forPostgreSQL(ctx context.Context, list []candidate) []candidate {
	ours := slices.DeleteFunc(slices.Clone(list), func(c candidate) bool { return !w.isForPostgreSQL(ctx, c.path) })
	if len(ours) == 0 {
		return list
	}
	return ours
}

// isForPostgreSQL reports whether a schema is for PostgreSQL, or does not say what it is for. What is outside of the
// workspace's tree is not looked at.
func (w *Workspace) isForPostgreSQL(ctx context.Context, place string) bool {
	if w.outside(place) != "" {
		return true
	}
	list, err := prisma.Files(ctx, place, treeOf(w.Root))
	return err != nil || !slices.ContainsFunc(list, func(file string) bool {
		provider := outlineOf(ctx, file).provider
		return provider != "" && provider != "postgresql" && provider != "postgres"
	})
}

// prismaMarkIn returns the file by which a folder shows that it is the root of a repository with a Prisma schema, or "".
func prismaMarkIn(ctx context.Context, dir string) string {
	if list := candidatesIn(ctx, dir); len(list) > 0 {
		return list[0].mark
	}
	return ""
}

// isTop reports whether a folder is the topmost of a repository.
func isTop(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, ".git"))
	return err == nil
}

// noWorkspace is the error for a folder that the user named and that belongs to no workspace.
func (w *Workspace) noWorkspace() error {
	return remedy.New("workspace.none", remedy.ExitUsage, "there is no workspace in %s, above it or below it", visible.String(w.Dir)).
		WithSeen("looked for, in it and above: naap.toml, a compose file with the container naap-db, "+schemaMark,
			"and in its repository: prisma/schema.prisma, schema.prisma, a folder prisma/schema, and what prisma.config.ts or package.json names, there and in packages/{database,db,prisma}",
			"and below it: the same in its folders, and in those of apps, packages, services and libs").
		WithFix("name the folder that has the Prisma schema: -C DIR").
		WithHelp(remedy.Line("or the schema itself: ", remedy.Words("NAAP_SCHEMA=PATH "), remedy.Again("")))
}
