package rules

import (
	"context"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/lazy"
	"github.com/livepeer/naap-dev/internal/remedy"
)

const settingsFile = "naap.toml"

var (
	prefixHeader = lazy.Regexp{Text: `(?m)^[ \t]*\[[ \t]*check[ \t]*\.[ \t]*prefixes[ \t]*\][^\n]*\n?`}
	// prefixElsewhere matches anything else that may be the table of prefixes, or that makes adding one unsafe: an inline
	// table, dotted keys, quoted names, a multi-line string that only looks like one.
	prefixElsewhere = lazy.Regexp{Text: "(?m)^[^#\n]*prefixes|^[ \t]*[\"']?check[\"']?[ \t]*[.=]|\"\"\"|\x27\x27\x27"}
)

// prefixSetting writes a prefix that cannot be derived from the schema's name into naap.toml. A file in which it could
// not be written without parsing it is left to the user: a file that cannot be read stops every command.
func (r *run) prefixSetting(ctx context.Context, p *AddPlan, asked string) error {
	if asked == "" || asked == r.learn(p.Schema, r.prefixes()) || slices.Contains(knownPrefixes[p.Schema], asked) ||
		slices.Contains(r.options.Prefixes[p.Schema], asked) {
		return nil
	}
	edit, err := r.prefixEdit(ctx, p.Schema, []string{asked})
	if err != nil {
		return err
	}
	r.step(p, settingsFile+" knows its prefix", edit)
	return nil
}

// prefixEdit returns the edit that sets a schema's prefixes in naap.toml, whose text it reads into the run.
func (r *run) prefixEdit(ctx context.Context, schema string, names []string) (Edit, error) {
	data, err := files.Read(ctx, filepath.Join(r.options.Root, settingsFile), files.Settings)
	if _, refused := files.Refused(err); refused {
		return Edit{}, err
	}
	if err == nil {
		r.files[settingsFile] = &file{path: settingsFile, data: data}
	}
	nl := newline(data)
	line := prefixLine(schema, names)
	headers := prefixHeader.Get().FindAllIndex(data, -1)
	rest := prefixHeader.Get().ReplaceAll(data, nil)
	if len(headers) > 1 || prefixElsewhere.Get().Match(rest) || len(headers) == 1 && setsKey(data[headers[0][1]:], schema) {
		return Edit{}, remedy.New("schema.prefix-setting", remedy.ExitFailed, "the prefix has to be written into %s by hand", settingsFile).
			WithSeen("it sets prefixes in a way that is not rewritten, or one for this schema").
			WithHelp(remedy.Words("[check.prefixes]\n"+line), remedy.Naap("dev schema add", schema))
	}
	at, text := len(data), line+nl
	switch {
	case len(headers) == 1 && data[headers[0][1]-1] == '\n':
		at = headers[0][1]
	case len(headers) == 1:
		text = nl + text
	default:
		text = "[check.prefixes]" + nl + text
		if at > 0 {
			text = nl + text
		}
		if at > 0 && data[at-1] != '\n' {
			text = nl + text
		}
	}
	return Edit{settingsFile, at, at, text}, nil
}

// prefixLine returns the line of naap.toml that sets a schema's prefixes.
func prefixLine(schema string, names []string) string {
	return schema + ` = ["` + strings.Join(names, `", "`) + `"]`
}

// setsKey reports whether a table's text sets a key, before the next table.
func setsKey(table []byte, key string) bool {
	if next := nextTable.Get().FindIndex(table); next != nil {
		table = table[:next[0]]
	}
	return regexp.MustCompile(`(?m)^[ \t]*["']?` + key + `["']?[ \t]*=`).Match(table)
}

var nextTable = lazy.Regexp{Text: `(?m)^[ \t]*\[`}
