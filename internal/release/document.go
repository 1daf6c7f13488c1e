package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/lazy"
)

// document is a licence or a notice that a module brings.
type document struct {
	of   string // the module, with the folder and name of the file where it is not the module's own licence
	kind string // "MIT"; "" for a notice
	text string
}

var (
	licenceName = lazy.Regexp{Text: `(?i)^(un)?(licen[cs]e|copying|copyright)([-.].*)?$|^(MIT|BSD|APACHE)-LICEN[CS]E`}
	noticeName  = lazy.Regexp{Text: `(?i)^(notice|patents|third[-_ ]?party[-_ ](notices?|licen[cs]es?))([-.].*)?$`}
	// Source, and the licence of documents that are not linked.
	otherName = lazy.Regexp{Text: `(?i)\.(go|s|c|h|py|sh|tmpl|tpl|json|ya?ml|docs)$`}
)

// documents returns the licences and notices in a module's folder and in those of its packages that are linked, up to
// the module's: part of a module can be somebody else's work.
func (m *linked) documents() ([]document, error) {
	var found []document
	licensed := false
	for _, dir := range m.places() {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			d, err := m.document(dir, e)
			if err != nil {
				return nil, err
			}
			if d.text != "" {
				found = append(found, d)
				licensed = licensed || d.kind != "" && dir == m.root
			}
		}
	}
	if d, said := m.declared(); !licensed && said {
		return append(found, d), nil
	}
	if !licensed {
		return nil, fmt.Errorf("%s %s: no licence in %s", m.path, m.version, m.root)
	}
	return found, nil
}

// onlySaid are modules without a file of their licence, by the line of their README that names it, and who has the copyright.
var onlySaid = map[string]struct{ line, holder string }{
	"github.com/mattn/go-localereader": {"## License\n\nMIT\n", "Yasuhiro Matsumoto"},
}

// declared returns the licence of a module whose README names one.
func (m *linked) declared() (document, bool) {
	said, known := onlySaid[m.path]
	readme, err := os.ReadFile(filepath.Join(m.root, "README.md"))
	if !known || err != nil || !strings.Contains(string(readme), said.line) {
		return document{}, false
	}
	return document{of: m.path + " " + m.version, kind: "MIT", text: "Copyright (c) " + said.holder + "\n\n" + mit}, true
}

// places returns the module's folder, those of its packages, and those between.
func (m *linked) places() []string {
	places := []string{m.root}
	for _, dir := range m.folders {
		for ; len(dir) > len(m.root) && !slices.Contains(places, dir); dir = filepath.Dir(dir) {
			places = append(places, dir)
		}
	}
	slices.Sort(places)
	return places
}

// document returns what a file of a folder says, or nothing where it is another file.
func (m *linked) document(dir string, e os.DirEntry) (document, error) {
	isLicence, isNotice := licenceName.Get().MatchString(e.Name()), noticeName.Get().MatchString(e.Name())
	if e.IsDir() || !isLicence && !isNotice || otherName.Get().MatchString(e.Name()) {
		return document{}, nil
	}
	path := filepath.Join(dir, e.Name())
	text, err := os.ReadFile(path)
	if err != nil {
		return document{}, err
	}
	d := document{of: m.path + " " + m.version, text: tidy(string(text))}
	if within, err := filepath.Rel(m.root, path); err == nil && (isNotice || dir != m.root) {
		d.of += " (" + filepath.ToSlash(within) + ")"
	}
	if isLicence {
		if d.kind = kindOf(d.text); d.kind == "" {
			return document{}, fmt.Errorf("%s: a licence that internal/release does not know; see whether a release may bring it along", path)
		}
	}
	return d, nil
}

// tidy returns a text with the line ends and blanks that all have.
func tidy(text string) string {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " \t\f")
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

var blanks = lazy.Regexp{Text: `\s+`}

// kinds are the licences that a release may bring along, by a sentence that only they have. The first that is found
// counts. What asks for more than its own text to come along, as those of GNU do, is not among them on purpose.
var kinds = []struct{ name, sentence string }{
	{"Apache-2.0", "Apache License Version 2.0, January 2004"},
	{"Apache-2.0", "Licensed under the Apache License, Version 2.0"},
	{"MPL-2.0", "Mozilla Public License Version 2.0"},
	{"BSD-3-Clause", "may be used to endorse or promote products derived from"},
	{"BSD-2-Clause", "Redistribution and use in source and binary forms, with or without modification"},
	{"ISC", "Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee"},
	{"ISC", "Permission to use, copy, modify, and distribute this software for any purpose with or without fee"},
	{"MIT", "Permission is hereby granted, free of charge, to any person obtaining a copy"},
	{"Unlicense", "This is free and unencumbered software released into the public domain"},
}

// never are what a licence that may not come along says.
var never = lazy.Regexp{Text: `GNU (AFFERO |LESSER |LIBRARY )?GENERAL PUBLIC LICENSE|Business Source License|Server Side Public License`}

// kindOf returns a licence's name in SPDX, or "" where it is not one of kinds.
func kindOf(text string) string {
	flat := blanks.Get().ReplaceAllString(text, " ")
	if never.Get().MatchString(flat) {
		return ""
	}
	for _, k := range kinds {
		if strings.Contains(flat, k.sentence) {
			return k.name
		}
	}
	return ""
}

const mit = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation
the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and
to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of
the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO
THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF
CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER
DEALINGS IN THE SOFTWARE.`
