package workspace

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/lazy"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

// SettingsFileName is the file with a workspace's settings; it also marks the workspace's root.
const SettingsFileName = "naap.toml"

// tables are the parts of naap.toml whose keys are free, or which repeat; everything else is one of keys.
var tables = slices.Sorted(maps.Keys(tableDocs))

var tableDocs = map[string]string{
	"check.allow":    "accepted findings, each with path, rule and reason",
	"check.prefixes": "schema = prefix of its models' names, or list of prefixes",
	"fake":           "rules for the columns of made-up rows",
	"owners":         "schema = plugin",
	"push.after":     "list of shell commands to run after a push that changed something",
	"tui.keys":       "action = key, or list of keys",
}

// settingsFile is naap.toml, read and checked for names, with values not yet parsed.
type settingsFile struct {
	path   string // absolute
	text   string
	values map[string]rawValue // of the settings with a single value
	free   Settings            // of the tables
}

// rawValue is a setting's value as it was written, and where.
type rawValue struct {
	text   string
	base   string // the folder that relative paths are relative to
	origin Origin
}

// readSettingsFile reads naap.toml strictly: an unknown name is an error, because a misspelt setting would otherwise
// silently have no effect.
func readSettingsFile(ctx context.Context, path string) (*settingsFile, error) {
	data, err := files.Read(ctx, path, files.Settings)
	if to, linkErr := os.Readlink(path); linkErr == nil && errors.Is(err, fs.ErrNotExist) {
		return nil, remedy.New("settings.file", remedy.ExitFailed, "%s is a link to %s, where nothing is", visible.String(path), visible.String(to)).
			WithFix("put the file there, or remove the link")
	}
	if err != nil {
		return nil, files.Explain(err, remedy.New("settings.file", remedy.ExitFailed, "cannot read %s", visible.String(path)))
	}
	f := &settingsFile{path: path, text: string(data), values: map[string]rawValue{}}
	if err := f.tooDeep(); err != nil {
		return nil, err
	}
	var tree map[string]any
	if _, err := toml.Decode(f.text, &tree); err != nil {
		var parse toml.ParseError
		if errors.As(err, &parse) {
			message := parse.Message // which may quote the value
			if f.isSecret(parse.Position.Line) {
				message = "the value is not written as TOML asks: a string stands in quotes"
			}
			return nil, f.errorAt(parse.Position.Line, parse.Position.Col, "%s", message)
		}
		return nil, f.errorAt(1, 1, "%v", err)
	}
	if err := f.walk(nil, tree); err != nil {
		return nil, err
	}
	return f, f.readTables(tree)
}

// walk records each value of the tree under its dotted name.
func (f *settingsFile) walk(prefix []string, tree map[string]any) error {
	for _, name := range slices.Sorted(maps.Keys(tree)) {
		path := append(slices.Clone(prefix), name)
		dotted := strings.Join(path, ".")
		if slices.Contains(tables, dotted) {
			continue
		}
		if _, list := tree[name].([]map[string]any); list && dotted == "seed.command" {
			continue
		}
		if k, ok := keyNamed(dotted); ok {
			if err := f.file(k, path, tree[name]); err != nil {
				return err
			}
			continue
		}
		sub, isTable := tree[name].(map[string]any)
		if !isTable || !isPrefix(dotted) {
			return f.unknown(path)
		}
		if err := f.walk(path, sub); err != nil {
			return err
		}
	}
	return nil
}

// isPrefix reports whether there are settings below a dotted name.
func isPrefix(dotted string) bool {
	below := func(name string) bool { return strings.HasPrefix(name, dotted+".") }
	return slices.ContainsFunc(keys, func(k key) bool { return below(k.Name) }) || slices.ContainsFunc(tables, below)
}

// file records one value as text, if its TOML type is one that the setting can have.
func (f *settingsFile) file(k key, path []string, value any) error {
	text, ok := scalar(k.field(&Settings{}), value)
	if !ok {
		return f.errorIn(path, "%s must be %s", k.Name, typeName(k.field(&Settings{})))
	}
	line, _ := f.position(path)
	f.values[k.Name] = rawValue{
		text: text, base: filepath.Dir(f.path),
		origin: Origin{Layer: FromFile, Where: SettingsFileName + ":" + strconv.Itoa(line)},
	}
	return nil
}

// scalar returns a TOML value as text, if it has a type that the field accepts.
func scalar(field, value any) (string, bool) {
	switch v := value.(type) {
	case string:
		switch field.(type) {
		case *bool, *int, *[]string:
			return "", false
		}
		return v, true
	case int64:
		switch field.(type) {
		case *int:
			return strconv.FormatInt(v, 10), true
		case *Bytes:
			return strconv.FormatInt(v, 10) + "B", true
		}
		return strconv.FormatInt(v, 10), v == 0 && reflect.TypeOf(field).Elem().Kind() == reflect.Int64
	case bool:
		_, ok := field.(*bool)
		return strconv.FormatBool(v), ok
	case []any:
		_, ok := field.(*[]string)
		items, all := stringsOf(v)
		return strings.Join(items, listSeparator), ok && all
	}
	return "", false
}

func typeName(field any) string {
	switch field.(type) {
	case *bool:
		return "true or false"
	case *int:
		return "a whole number"
	case *[]string:
		return `a list of strings, such as ["a.yml", "b.yml"]`
	}
	return "a string in quotes"
}

func stringsOf(list []any) ([]string, bool) {
	items := make([]string, 0, len(list))
	for _, item := range list {
		s, ok := item.(string)
		if !ok || strings.Contains(s, listSeparator) {
			return nil, false
		}
		items = append(items, s)
	}
	return items, true
}

func (f *settingsFile) unknown(path []string) error {
	dotted := strings.Join(path, ".")
	err := f.errorIn(path, "there is no setting %q", visible.String(dotted))
	names := slices.Concat(tables, say.Each(keys, func(k key) string { return k.Name }))
	if near := say.Nearest(dotted, names); near != "" {
		return err.WithFix("did you mean " + near + "?")
	}
	return err.WithHelp(remedy.Naap("config", "--help").Note("shows every setting's name"))
}

// errorIn is errorAt for the place of a dotted name.
func (f *settingsFile) errorIn(path []string, format string, args ...any) *remedy.Error {
	line, col := f.position(path)
	return f.errorAt(line, col, format, args...)
}

func (f *settingsFile) errorAt(line, col int, format string, args ...any) *remedy.Error {
	e := remedy.New("settings.file", remedy.ExitUsage, "%s:%d:%d: %s", visible.String(f.path), line, max(col, 1),
		visible.String(clipped(fmt.Sprintf(format, args...))))
	if seen := f.shown(line); seen != "" {
		e.WithSeen(visible.String(clipped(seen)))
	}
	return e
}

// clipped returns the beginning of a text that is too long to read.
func clipped(s string) string {
	const most = 400
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

func (f *settingsFile) line(n int) string {
	if lines := strings.Split(f.text, "\n"); n >= 1 && n <= len(lines) {
		return lines[n-1]
	}
	return ""
}

// shown returns a line as it may be shown: whole, or without its value.
func (f *settingsFile) shown(n int) string {
	line := strings.TrimSpace(f.line(n))
	if !f.isSecret(n) {
		return line
	}
	if name, _, ok := strings.Cut(line, "="); ok && bareName.Get().MatchString(name) {
		return name + "= …"
	}
	return ""
}

// bareName matches a setting's name as it is usually written, and nothing that could be part of a value.
var bareName = lazy.Regexp{Text: `^[A-Za-z][\w.-]* ?$`}

// isSecret reports whether a line may contain a password: as the value of a setting that is one; or of an unknown name
// or one written with escapes, since one may have been intended; or in a value of several lines that began above.
func (f *settingsFile) isSecret(n int) bool {
	for ; n >= 1; n-- {
		line := strings.TrimSpace(f.line(n))
		if strings.HasPrefix(line, "[") {
			return false
		}
		name, _, ok := strings.Cut(line, "=")
		if !ok {
			continue
		}
		name = strings.TrimSpace(name)
		last := name[strings.LastIndexByte(name, '.')+1:]
		return !slices.ContainsFunc(keys, func(k key) bool { return !k.Secret && (k.Name == name || strings.HasSuffix(k.Name, "."+last)) }) &&
			!f.inTable(n)
	}
	return false
}

// inTable reports whether a line is in one of the tables, whose names are free and whose values are not secret.
func (f *settingsFile) inTable(n int) bool {
	for ; n >= 1; n-- {
		if header := strings.TrimSpace(f.line(n)); strings.HasPrefix(header, "[") {
			return slices.ContainsFunc(tables, func(t string) bool { return strings.HasPrefix(strings.Trim(header, "[ "), t) })
		}
	}
	return false
}

// trap fails to decode anything, so that the decoder reports where it was.
type trap struct{}

var errTrap = errors.New("the name that is looked for is here")

func (*trap) UnmarshalTOML(any) error { return errTrap }

// position returns the line and column of a dotted name. The TOML library reveals positions only in errors, so the file
// is decoded once more into a type made of this one name, which fails exactly there.
func (f *settingsFile) position(path []string) (line, col int) {
	typ := reflect.TypeFor[trap]()
	for i := len(path) - 1; i >= 0; i-- {
		typ = reflect.StructOf([]reflect.StructField{{
			Name: "F", Type: typ, Tag: reflect.StructTag("toml:" + strconv.Quote(path[i])),
		}})
	}
	var parse toml.ParseError
	if _, err := toml.Decode(f.text, reflect.New(typ).Interface()); errors.As(err, &parse) && parse.Message == errTrap.Error() {
		line, col = parse.Position.Line, parse.Position.Col // of the value; users look for the name
	}
	// A table that only dotted names imply has no line of its own: the first line with its name is the best available.
	name, lines := path[len(path)-1], strings.Split(f.text, "\n")
	for i := range lines {
		if at := strings.Index(lines[i], name); at >= 0 && (line == 0 || line == i+1) {
			return i + 1, at + 1
		}
	}
	return max(line, 1), max(col, 1)
}
