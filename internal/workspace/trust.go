package workspace

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/lazy"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/trust"
	"github.com/livepeer/naap-dev/internal/visible"
)

// givenIn returns what the environment allows.
func givenIn(env environment) (trust.Given, error) {
	given, err := trust.Parse(env[trust.Variable], "environment "+trust.Variable)
	if err != nil {
		return given, remedy.New("settings.value", remedy.ExitUsage, "%s %v", trust.Variable, err).
			WithSeen("environment " + trust.Variable + " says " + visible.String(env[trust.Variable]))
	}
	return given, nil
}

// IsRepository reports whether a value with this origin comes from a file of the repository rather than from the user.
func (o Origin) IsRepository() bool { return o.Layer == FromFile || o.Layer == FromCompose }

// IsPerson reports whether the user gave a value with this origin, by a flag or in their environment.
func (o Origin) IsPerson() bool { return o.Layer >= FromEnvironment }

// Items returns what the workspace's settings, package.json and compose files would run or reach, besides its SQL. What
// the user gave by flag or variable is not among them, nor is the program's own.
func (w *Workspace) Items() []trust.Item {
	var items []trust.Item
	add := func(item trust.Item, is bool) {
		if is {
			items = append(items, item)
		}
	}
	// Whoever chooses the folder of the embedded engine's programs chooses what runs as the user; a docker context names a
	// machine that the user has configured.
	add(w.settingItem(trust.ServerPrograms, "postgres-bin", w.Settings.PostgresBin))
	add(w.settingItem(trust.DockerContext, "docker.context", w.Settings.Docker.Context))
	add(w.imageItem())
	return slices.Concat(w.seedItems(), w.hookItems(), items, w.initItems, w.reachItems())
}

// seedItems returns the items for the seed commands. They do not cover the contents of the files that a command runs:
// these are the repository's, as they are.
func (w *Workspace) seedItems() []trust.Item {
	var out []trust.Item
	for _, c := range w.SeedCommands {
		if item := c.Item(); !c.ofPerson && !slices.Contains(out, item) {
			out = append(out, item)
		}
	}
	return out
}

// Item returns what the user is asked about a command. Its name and when it runs are not part of it.
func (c SeedCommand) Item() trust.Item {
	return trust.Item{Kind: trust.SeedCommand, Subject: c.subject, Where: c.Where, Text: c.Text}
}

// NeedsPermission reports whether a file of the repository names the command, and not the user.
func (c SeedCommand) NeedsPermission() bool { return !c.ofPerson }

// settingItem returns the item for a setting that naap.toml can have.
func (w *Workspace) settingItem(kind trust.Kind, name, value string) (trust.Item, bool) {
	origin := w.Settings.Origin(name)
	return trust.Item{Kind: kind, Subject: SettingsFileName + " " + name, Where: origin.Where, Text: value},
		value != "" && origin.IsRepository()
}

// imageItem returns the item for the container: its image, where that is not PostgreSQL's official one, and what runs
// in it besides the server.
func (w *Workspace) imageItem() (trust.Item, bool) {
	var lines []string
	item := trust.Item{Kind: trust.Image, Subject: SettingsFileName + " image"}
	origin := w.Settings.Origin("image")
	switch filled := w.Compose.imageFilled(); {
	case !origin.IsRepository():
	case origin.Layer == FromCompose && filled != "":
		lines, item.Where = append(lines, "image: "+filled), origin.Where
	case !isOfficial(w.Settings.Image):
		lines, item.Where = append(lines, "image: "+w.Settings.Image), origin.Where
	}
	if c := w.Compose; c != nil && w.Settings.Instance == DefaultInstance {
		if more := c.programs(); len(more) > 0 || origin.Layer == FromCompose {
			lines = append(lines, more...)
			item.Subject, item.Where = "compose service "+c.Service, c.describeFiles()
		}
	}
	item.Text = strings.Join(lines, "\n")
	return item, len(lines) > 0
}

// isOfficial reports whether an image is PostgreSQL's official one, by any tag or digest.
func isOfficial(image string) bool {
	name, _, _ := strings.Cut(image, "@")
	if slash, colon := strings.LastIndex(name, "/"), strings.LastIndex(name, ":"); colon > slash {
		name = name[:colon]
	}
	return slices.Contains([]string{"postgres", "library/postgres", "docker.io/postgres", "docker.io/library/postgres"}, name)
}

var (
	// asksReadiness matches a check that only asks whether the server is ready. Its variables are the container's.
	asksReadiness = lazy.Regexp{Text: `^pg_isready( +[-\w./:=${}"']+)*( *\|\| *exit 1)?$`}
	// settingRuns matches server settings whose value is a shell command or a library. On a command line, a dash counts
	// as an underscore in their names.
	settingRuns = lazy.Regexp{Text: `(?i)[_-](command|librar|preload|provider)|external[_-]pid[_-]file|data[_-]directory|(config|hba|ident)[_-]file|include`}
	// variableRuns matches variables whose contents a shell, the loader or a library runs, directly or by name.
	variableRuns = lazy.Regexp{Text: `^(BASH_ENV|BASH_FUNC_.*|BASHOPTS|SHELLOPTS|ENV|PS4|IFS|PATH|LD_.*|GCONV_PATH|LOCPATH|OPENSSL_.*|PERL.*|PYTHON.*|PGOPTIONS|PGSERVICE\w*|PGSYSCONFDIR)$`}
	// plainArguments matches arguments of initdb that the image's shell takes literally.
	plainArguments = lazy.Regexp{Text: `^[-\w=.,:/@+ ]*$`}
)

// programs returns what a service runs in its container besides the image's server with plain settings, one per line.
func (c *Compose) programs() []string {
	var lines []string
	if len(c.Entrypoint) > 0 {
		lines = append(lines, "entrypoint: "+strings.Join(c.Entrypoint, " "))
	}
	if command := strings.Join(c.Command, " "); command != "" && (!isServer(c.Command) || settingRuns.Get().MatchString(command)) {
		lines = append(lines, "command: "+command)
	}
	for _, name := range slices.Sorted(maps.Keys(c.Environment)) {
		value := c.Environment[name]
		if variableRuns.Get().MatchString(name) || name == "POSTGRES_INITDB_ARGS" && (!plainArguments.Get().MatchString(value) || settingRuns.Get().MatchString(value)) {
			lines = append(lines, "environment: "+name+"="+value)
		}
	}
	if h := c.Health; h != nil {
		if test := strings.Join(h.Test[1:], " "); !asksReadiness.Get().MatchString(strings.TrimSpace(test)) {
			lines = append(lines, "healthcheck: "+test)
		}
	}
	return lines
}

// isServer reports whether a command is the server with arguments.
func isServer(command []string) bool {
	return command[0] == "postgres" || strings.HasPrefix(command[0], "-")
}

// InitScripts returns the SQL scripts that the image runs on an empty volume because the compose file mounts them.
func (w *Workspace) InitScripts() []File { return w.initScripts }

// readInitScripts reads what the compose file mounts where the image looks for scripts to run on an empty volume: its
// SQL is checked like any other, and what is not plain SQL is an item of its own.
func (w *Workspace) readInitScripts(ctx context.Context) {
	if w.Compose == nil || w.Settings.Instance != DefaultInstance {
		return
	}
	for _, m := range w.Compose.InitMounts {
		if m.IsVolume {
			continue
		}
		entries, err := files.List(ctx, m.Source, maxInitScripts)
		if err != nil {
			w.readInitScript(ctx, m.Source, m.Target)
		}
		for _, e := range entries {
			w.readInitScript(ctx, filepath.Join(m.Source, e.Name()), m.Target+"/"+e.Name())
		}
	}
}

// maxInitScripts limits how many files in a folder of scripts are looked at.
const maxInitScripts = 1000

func (w *Workspace) readInitScript(ctx context.Context, path, target string) {
	is := func(endings ...string) bool {
		return slices.ContainsFunc(endings, func(end string) bool { return strings.HasSuffix(path, end) || strings.HasSuffix(target, end) })
	}
	runs := is(".sh", ".sql.gz", ".sql.xz", ".sql.zst")
	if !runs && !is(".sql") {
		return
	}
	name := w.name(path)
	text, err := files.Read(ctx, path, files.SQL)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil || !utf8.Valid(text):
		said := fmt.Sprintf("a script of %d bytes, SHA-256 %x", len(text), sha256.Sum256(text))
		if err != nil {
			said = "a script that is not shown: " + err.Error()
			if info, err := os.Stat(path); err == nil {
				said += fmt.Sprintf(" (%d bytes, written at %s)", info.Size(), info.ModTime().UTC().Format(time.RFC3339Nano))
			}
		}
		w.initItems = append(w.initItems, trust.Item{Kind: trust.Image, Subject: name, Where: name, Text: said})
	case runs:
		w.initItems = append(w.initItems, trust.Item{Kind: trust.Image, Subject: name, Where: name, Text: string(text)})
	default:
		w.initScripts = append(w.initScripts, File{Path: path, Name: name, Text: string(text)})
	}
}
