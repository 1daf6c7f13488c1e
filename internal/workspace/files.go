package workspace

import (
	"context"
	"io/fs"
	"path/filepath"
	"strings"

	naap "github.com/livepeer/naap-dev"
	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// readFiles reads the schema, the init script, the seeds' place, the seed commands and the plugins.
func (w *Workspace) readFiles(ctx context.Context) error {
	if err := w.findSchema(ctx); err != nil {
		return err
	}
	switch {
	case len(w.SchemaFiles) > 0:
		w.Kind = Monorepo
	case w.Compose != nil:
		w.Kind = ComposeOnly
	default:
		if err := w.useBuiltin(); err != nil {
			return err
		}
	}
	if err := w.findInit(ctx); err != nil {
		return err
	}
	if err := w.findSeeds(); err != nil {
		return err
	}
	w.findSeedCommands(ctx)
	w.findPlugins(ctx)
	if w.Compose != nil {
		w.Warnings = append(w.Warnings, w.Compose.warnings...)
	}
	return nil
}

// useBuiltin takes the tables from the program.
func (w *Workspace) useBuiltin() error {
	const name = "seeds/schema.prisma"
	data, err := naap.Assets.ReadFile(name)
	if err != nil {
		return err
	}
	w.Kind, w.SchemaPath = Builtin, builtinPrefix+name
	w.SchemaFiles = []File{{Path: builtinPrefix + name, Name: name, Text: string(data)}}
	return nil
}

// initName is the name of the script that creates the schemas, whatever number precedes it.
const initName = "init-schemas.sql"

// findInit reads the script that creates the schemas. Only a script of this name is run on every start; others that a
// compose file mounts are run by the image, once, on an empty volume.
func (w *Workspace) findInit(ctx context.Context) error {
	if set := w.Settings.InitSQL; set != "" {
		if err := w.mayLookAt(set, "init-sql", w.Settings.Origin("init-sql").String()); err != nil {
			return err
		}
		data, err := files.Read(ctx, set, files.SQL)
		if err != nil {
			return files.Explain(err, remedy.New("workspace.init", remedy.ExitUsage, "cannot read the init script").
				WithSeen("set by "+visible.String(w.Settings.Origin("init-sql").String())))
		}
		w.Init = &File{Path: set, Name: w.name(set), Text: string(data)}
		return nil
	}
	if w.Kind == Builtin {
		data, err := naap.Assets.ReadFile(initName)
		if err != nil {
			return err
		}
		w.Init = &File{Path: builtinPrefix + initName, Name: initName, Text: string(data)}
		return nil
	}
	for _, place := range w.initPlaces(ctx) {
		data, err := files.Read(ctx, place, files.SQL)
		if e, refused := files.Refused(err); refused && !isFolder(place) {
			return e
		}
		if err != nil {
			continue
		}
		w.Init = &File{Path: place, Name: w.name(place), Text: string(data)}
		return nil
	}
	return nil
}

// initPlaces returns where the script may be: what the compose service mounts, then the usual places.
func (w *Workspace) initPlaces(ctx context.Context) []string {
	var places []string
	if w.Compose != nil {
		for _, m := range w.Compose.InitMounts {
			if m.IsVolume {
				continue
			}
			if strings.HasSuffix(m.Source, initName) || strings.HasSuffix(m.Target, initName) {
				places = append(places, m.Source)
			}
			places = append(places, scriptsIn(ctx, m.Source)...)
		}
	}
	if w.Root != "" {
		places = append(places, filepath.Join(w.Root, "docker", initName), filepath.Join(w.Root, initName))
	}
	return places
}

// scriptsIn returns the files in a mounted folder that have the script's name.
func scriptsIn(ctx context.Context, folder string) []string {
	entries, err := files.List(ctx, folder, files.TreeEntries)
	if err != nil {
		return nil
	}
	var inside []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), initName) {
			inside = append(inside, filepath.Join(folder, e.Name()))
		}
	}
	return inside
}

// findSeeds finds the folder of seed files: the one that is set, seeds in the root, or the program's own.
func (w *Workspace) findSeeds() error {
	places := []string{"seeds", "packages/database/seeds", "packages/database/prisma/seeds"}
	switch {
	case w.Settings.Seed.Folder != "":
		w.Seeds.Path = w.Settings.Seed.Folder
		if err := w.mayLookAt(w.Seeds.Path, "seed.folder", w.Settings.Origin("seed.folder").String()); err != nil {
			return err
		}
		if !isFolder(w.Seeds.Path) {
			w.Warnings = append(w.Warnings, "no folder "+visible.String(w.Seeds.Path)+" for seeds (set by "+
				visible.String(w.Settings.Origin("seed.folder").String())+")")
		}
	case w.Kind == Builtin:
		sub, err := fs.Sub(naap.Assets, "seeds")
		if err == nil {
			w.Seeds = Seeds{builtin: sub, Path: builtinPrefix + "seeds", Name: "seeds"}
		}
		return nil
	case w.Root != "":
		if w.home != "" {
			places = append([]string{w.home + "/seeds", w.home + "/prisma/seeds"}, places...)
		}
		for _, place := range places {
			if at := filepath.Join(w.Root, filepath.FromSlash(place)); isFolder(at) {
				if err := w.mayLookAt(at, "seed.folder", ""); err != nil {
					return err
				}
				w.Seeds.Path = at
				break
			}
		}
	}
	w.Seeds.Name = w.name(w.Seeds.Path)
	return nil
}
