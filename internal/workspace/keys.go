package workspace

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// key is one setting that has a single value: its names in each layer and its place in Settings.
type key struct {
	Name   string // in naap.toml, dotted
	Flag   string // without dashes; "" where there is none
	Doc    string
	Secret bool
	Path   bool // a relative value is joined to the folder where it was written
	field  func(*Settings) any
	check  func(string) error
}

// keys are all settings with a single value, in the order in which `naap config` shows them.
var keys = []key{
	{Name: "instance", Flag: "name", Doc: "name of the instance", field: func(s *Settings) any { return &s.Instance }},
	{Name: "engine", Flag: "engine", Doc: "auto, docker or embedded",
		field: func(s *Settings) any { return &s.Engine }, check: oneOf("auto", "docker", "embedded")},
	{Name: "database-url", Flag: "database-url", Secret: true,
		Doc:   "a server to attach to instead of starting one",
		field: func(s *Settings) any { return &s.DatabaseURL }},
	{Name: "port", Flag: "port", Doc: "port on 127.0.0.1", field: func(s *Settings) any { return &s.Port }, check: isPort},
	{Name: "image", Flag: "image", Doc: "image of the container", field: func(s *Settings) any { return &s.Image }, check: isNotEmpty},
	{Name: "user", Doc: "role that owns the database", field: func(s *Settings) any { return &s.User }, check: isNotEmpty},
	{Name: "password", Doc: "the role's password; random for one of its own", Secret: true,
		field: func(s *Settings) any { return &s.Password }, check: isNotEmpty},
	{Name: "database", Doc: "name of the database", field: func(s *Settings) any { return &s.Database }},
	{Name: "volume", Doc: "volume with the data, or the absolute path of a folder", field: func(s *Settings) any { return &s.Volume }, check: isVolume},
	{Name: "postgres-bin", Flag: "postgres-bin", Path: true,
		Doc:   "folder with the embedded engine's programs",
		field: func(s *Settings) any { return &s.PostgresBin }},
	{Name: "embedded.confined",
		Doc:   "the embedded server reaches its data and the system's files only, where the system can enforce that",
		field: func(s *Settings) any { return &s.Embedded.Confined }},
	{Name: "docker.context", Doc: "context of the docker command", field: func(s *Settings) any { return &s.Docker.Context }},
	{Name: "compose.files", Path: true, Doc: "compose files, the later override the earlier", field: func(s *Settings) any { return &s.Compose.Files }},
	{Name: "compose.service", Doc: "the database's service in them", field: func(s *Settings) any { return &s.Compose.Service }},
	{Name: "schema", Path: true, Doc: "Prisma schema: a file, or a folder of files", field: func(s *Settings) any { return &s.Schema }},
	{Name: "external.tables", Doc: "tables that something else manages, besides those of prisma.config", field: func(s *Settings) any { return &s.External.Tables }},
	{Name: "external.enums", Doc: "enums that something else manages, besides those of prisma.config", field: func(s *Settings) any { return &s.External.Enums }},
	{Name: "init-sql", Path: true, Doc: "script that makes the schemas, run on each start", field: func(s *Settings) any { return &s.InitSQL }},
	{Name: "no-push", Flag: "no-push", Doc: "up leaves the tables alone", field: func(s *Settings) any { return &s.NoPush }},
	{Name: "no-seed", Flag: "no-seed", Doc: "up leaves the rows alone", field: func(s *Settings) any { return &s.NoSeed }},
	{Name: "lock-timeout", Doc: "how long a change waits for a lock on a table", field: func(s *Settings) any { return &s.LockTimeout }},
	{Name: "seed.folder", Path: true, Doc: "folder of the seed files", field: func(s *Settings) any { return &s.Seed.Folder }},
	{Name: "seed.command", Doc: "shell command in place of package.json's; - for none; in naap.toml also [[seed.command]], each with run, name, dir, when, needs, watch", field: func(s *Settings) any { return &s.Seed.Command }},
	{Name: "migrate.folder", Path: true, Doc: "folder of Prisma's migrations", field: func(s *Settings) any { return &s.Migrate.Folder }},
	{Name: "migrate.use", Doc: "what up makes the tables by: auto, push or migrate",
		field: func(s *Settings) any { return &s.Migrate.Use }, check: oneOf("auto", "push", "migrate")},
	{Name: "undo.keep", Doc: "how many resets of a schema can be undone; 0 for no limit", field: func(s *Settings) any { return &s.Undo.Keep }},
	{Name: "undo.max-age", Doc: "how long a reset can be undone; 0 for no limit", field: func(s *Settings) any { return &s.Undo.MaxAge }},
	{Name: "undo.max-size", Doc: "disk space that undo may hold; 0 for no limit", field: func(s *Settings) any { return &s.Undo.MaxSize }},
	{Name: "restore.keep", Doc: "how many databases that restores replaced are kept; 0 for no limit",
		field: func(s *Settings) any { return &s.Restore.Keep }},
	{Name: "restore.max-size", Doc: "disk space that these may hold; 0 for no limit", field: func(s *Settings) any { return &s.Restore.MaxSize }},
	{Name: "tui.theme", Doc: "the terminal app's colours", field: func(s *Settings) any { return &s.TUI.Theme }},
	{Name: "tui.ascii", Flag: "ascii", Doc: "draw with ASCII only", field: func(s *Settings) any { return &s.TUI.ASCII }},
	{Name: "tui.mouse", Doc: "let the terminal app have the mouse", field: func(s *Settings) any { return &s.TUI.Mouse }},
}

// env returns the name of the setting's variable: for undo.max-age it is NAAP_UNDO_MAX_AGE.
func (k key) env() string {
	return "NAAP_" + strings.ToUpper(strings.NewReplacer("-", "_", ".", "_").Replace(k.Name))
}

func defaults() Settings {
	return Settings{
		Instance: DefaultInstance, Engine: "auto", Image: "postgres:16", Port: 5432,
		User: "postgres", Password: "postgres", Database: "naap",
		LockTimeout: 5 * time.Second,
		Migrate:     MigrateSettings{Use: "auto"},
		Embedded:    EmbeddedSettings{Confined: true},
		Undo:        UndoSettings{Keep: 3, MaxAge: 14 * 24 * time.Hour, MaxSize: 5 << 30},
		Restore:     RestoreSettings{Keep: 5, MaxSize: 10 << 30},
		TUI:         TUISettings{Theme: "auto", Mouse: true},
		origins:     map[string]Origin{},
	}
}

func keyNamed(name string) (key, bool) {
	if i := slices.IndexFunc(keys, func(k key) bool { return k.Name == name }); i >= 0 {
		return keys[i], true
	}
	return key{}, false
}

// set parses text into the key's place. base is the folder that relative paths are relative to. The error is one clause
// that says what the value must be.
func (k key) set(s *Settings, text, base string) error {
	if k.check != nil {
		if err := k.check(text); err != nil {
			return err
		}
	}
	var err error
	switch field := k.field(s).(type) {
	case *string:
		*field = text
		if k.Path {
			*field = absolute(base, text)
		}
	case *bool:
		*field, err = parseBool(text)
	case *int:
		*field, err = strconv.Atoi(text)
		if err != nil || *field < 0 {
			err = fmt.Errorf("must be a whole number, 0 or more")
		}
	case *time.Duration:
		*field, err = parseDuration(text)
	case *Bytes:
		*field, err = parseBytes(text)
	case *[]string:
		*field = nil
		for item := range strings.SplitSeq(text, listSeparator) {
			if item = strings.TrimSpace(item); item == "" {
				continue
			}
			if k.Path {
				item = absolute(base, item)
			}
			*field = append(*field, item)
		}
	}
	return err
}

// listSeparator separates the items of a list in a variable or flag.
const listSeparator = ","

func (k key) get(s *Settings) string {
	switch field := k.field(s).(type) {
	case *string:
		return *field
	case *bool:
		return strconv.FormatBool(*field)
	case *int:
		return strconv.Itoa(*field)
	case *time.Duration:
		return formatDuration(*field)
	case *Bytes:
		return field.String()
	case *[]string:
		return strings.Join(*field, listSeparator)
	}
	return ""
}

func absolute(base, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(base, filepath.FromSlash(path))
}
