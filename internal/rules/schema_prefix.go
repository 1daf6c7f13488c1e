package rules

import (
	"context"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/remedy"
)

const settingsFile = "naap.toml"

var (
	prefixHeader = regexp.MustCompile(`(?m)^[ \t]*\[[ \t]*check[ \t]*\.[ \t]*prefixes[ \t]*\][^\n]*\n?`)
	// prefixElsewhere is anything else that may be the table of prefixes, or that forbids to open one: an inline table,
	// dotted keys, quoted names, a text over several lines that only looks like one.
	prefixElsewhere = regexp.MustCompile("(?m)^[^#\n]*prefixes|^[ \t]*[\"']?check[\"']?[ \t]*[.=]|\"\"\"|\x27\x27\x27")
)

// prefixSetting writes a prefix that cannot be learnt from the schema's name into naap.toml. A file where it could not
// be written without taking it apart is left to a person: one that cannot be read stops every command.
func (r *run) prefixSetting(ctx context.Context, p *AddPlan, asked string) error {
	if asked == "" || asked == r.learn(p.Schema, r.prefixes()) || slices.Contains(knownPrefixes[p.Schema], asked) ||
		slices.Contains(r.options.Prefixes[p.Schema], asked) {
		return nil
	}
	data, err := files.Read(ctx, filepath.Join(r.options.Root, settingsFile), files.Settings)
	if _, refused := files.Refused(err); refused {
		return err
	}
	if err == nil {
		r.files[settingsFile] = &file{path: settingsFile, data: data}
	}
	nl := newline(data)
	line := p.Schema + ` = ["` + asked + `"]`
	headers := prefixHeader.FindAllIndex(data, -1)
	rest := prefixHeader.ReplaceAll(data, nil)
	if len(headers) > 1 || prefixElsewhere.Match(rest) || len(headers) == 1 && setsKey(data[headers[0][1]:], p.Schema) {
		return remedy.New("schema.prefix-setting", remedy.ExitFailed, "the prefix has to be written into %s by hand", settingsFile).
			WithSeen("it sets prefixes in a way that is not rewritten, or one for this schema").
			WithHelp(remedy.Words("[check.prefixes]\n"+line), remedy.Naap("dev schema add", p.Schema))
	}
	title, end := settingsFile+" knows its prefix", len(data)
	switch {
	case len(headers) == 1 && data[headers[0][1]-1] == '\n':
		r.step(p, title, Edit{settingsFile, headers[0][1], headers[0][1], line + nl})
	case len(headers) == 1:
		r.step(p, title, Edit{settingsFile, end, end, nl + line + nl})
	case end == 0:
		r.step(p, title, Edit{settingsFile, 0, 0, "[check.prefixes]" + nl + line + nl})
	case data[end-1] == '\n':
		r.step(p, title, Edit{settingsFile, end, end, nl + "[check.prefixes]" + nl + line + nl})
	default:
		r.step(p, title, Edit{settingsFile, end, end, nl + nl + "[check.prefixes]" + nl + line + nl})
	}
	return nil
}

// setsKey tells whether a table's text has a key, up to the next table.
func setsKey(table []byte, key string) bool {
	if next := nextTable.FindIndex(table); next != nil {
		table = table[:next[0]]
	}
	return regexp.MustCompile(`(?m)^[ \t]*["']?` + key + `["']?[ \t]*=`).Match(table)
}

var nextTable = regexp.MustCompile(`(?m)^[ \t]*\[`)
