package workspace

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/livepeer/naap-dev/internal/files"
)

// packageJSON is the part of a package.json that matters here.
type packageJSON struct {
	Scripts        map[string]string `json:"scripts"`
	PackageManager string            `json:"packageManager"`
	Prisma         struct {
		Schema string `json:"schema"`
		Seed   string `json:"seed"`
	} `json:"prisma"`

	text string
}

// around returns a script as a package manager runs it: with those named after it with "pre" or "post", which npm runs
// before and after it. Without these, it is the script alone.
func (p packageJSON) around(name string) string {
	if p.Scripts["pre"+name] == "" && p.Scripts["post"+name] == "" {
		return p.Scripts[name]
	}
	var lines []string
	for _, n := range []string{"pre" + name, name, "post" + name} {
		if script := p.Scripts[n]; script != "" {
			lines = append(lines, n+": "+script)
		}
	}
	return strings.Join(lines, "\n")
}

// line returns the first line that contains a key with a value, from 1, or 0 where they are on several lines.
func (p packageJSON) line(key, value string) int {
	quoted, err := json.Marshal(value)
	if err != nil {
		return 0
	}
	n := 0
	for line := range strings.Lines(p.text) {
		n++
		if strings.Contains(line, `"`+key+`"`) && strings.Contains(line, string(quoted)) {
			return n
		}
	}
	return 0
}

// lineOf returns ":N" for the line of a key with a value, or "" where it is not known.
func (p packageJSON) lineOf(key, value string) string {
	if n := p.line(key, value); n > 0 {
		return ":" + strconv.Itoa(n)
	}
	return ""
}

// readPackage reads a folder's package.json. One that is missing or broken counts as none: npm will complain about it.
func readPackage(ctx context.Context, dir string) (packageJSON, bool) {
	p, err := parsePackage(ctx, dir)
	return p, err == nil
}

func parsePackage(ctx context.Context, dir string) (p packageJSON, err error) {
	data, err := files.Read(ctx, filepath.Join(dir, "package.json"), files.Settings)
	if err == nil {
		err = json.Unmarshal(data, &p)
	}
	if err != nil {
		return packageJSON{}, err
	}
	p.text = string(data)
	return p, nil
}

// mayNameSchema reports whether a package.json that could not be read for this reason may have named the Prisma schema:
// one that is half saved, or whose setting is invalid.
func mayNameSchema(err error) bool {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return wrong.Field == "" || strings.HasPrefix(wrong.Field, "prisma")
	}
	return err != nil && !errors.Is(err, fs.ErrNotExist)
}
