package seedfile

import (
	"path"
	"strconv"
	"strings"
)

func itoa(n int) string { return strconv.Itoa(n) }

// parseName parses the file's name: [NN-]SCHEMA[.part].sql, or [NN-]SCHEMA/[NN-]TABLE.csv and .jsonl. SQL in a schema's
// folder is one of its parts. It returns false for other files.
func (f *File) parseName() bool {
	dir, base := path.Split(f.Name)
	ext := path.Ext(base)
	stem := strings.TrimSuffix(base, ext)
	switch strings.ToLower(ext) {
	case ".sql":
		f.Format = SQL
	case ".csv":
		f.Format = CSV
	case ".jsonl":
		f.Format = JSONL
	default:
		return false
	}
	if base[0] == '.' || strings.Count(f.Name, "/") > 1 {
		return false
	}
	if dir == "" {
		if f.Format != SQL {
			return false
		}
		f.Order, stem = cutNumber(stem)
		f.Schema, f.Part, _ = strings.Cut(stem, ".")
		return f.Schema != ""
	}
	outer, schema := cutNumber(strings.TrimSuffix(dir, "/"))
	inner, stem := cutNumber(stem)
	f.Schema, f.Order = schema, outer
	if outer == 0 {
		f.Order = inner
	}
	if f.Format == SQL {
		f.Part = stem
	} else {
		f.Table = stem
	}
	return f.Schema != "" && f.Schema[0] != '.' && stem != ""
}

// WasNamed reports whether a file with another name and the same content would bring the same rows: for the same
// schema, and for the same table where the name gives one.
func (f *File) WasNamed(name string) bool {
	was := File{Name: name}
	return was.parseName() && was.Schema == f.Schema && was.Table == f.Table && was.Format == f.Format
}

// cutNumber cuts a number and a dash off the front of a name.
func cutNumber(name string) (int, string) {
	digits, rest, ok := strings.Cut(name, "-")
	n, err := strconv.ParseUint(digits, 10, 31)
	if !ok || err != nil || rest == "" {
		return 0, name
	}
	return int(n), rest
}
