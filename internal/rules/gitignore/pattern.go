// Package gitignore decides, as git does, which files of a working tree are ignored: .gitignore files at every level,
// .git/info/exclude and the user's own file. Its source is the manual page gitignore(5); its tests ask git itself.
package gitignore

import "strings"

// pattern is one line of an ignore file.
type pattern struct {
	text     string // without its "!", its leading and its trailing slash
	negated  bool
	dirOnly  bool
	anchored bool // it holds a slash before its end, and so is matched against the path below the file's folder
	literal  bool // no wildcard in it
	suffix   string
}

// parse reads the lines of an ignore file.
func parse(text string) []pattern {
	var list []pattern
	text = strings.TrimPrefix(text, "\uFEFF")
	for line := range strings.SplitSeq(text, "\n") {
		if p, ok := parseLine(strings.TrimSuffix(line, "\r")); ok {
			list = append(list, p)
		}
	}
	return list
}

func parseLine(line string) (pattern, bool) {
	line = trimBlanks(line)
	if line == "" || line[0] == '#' {
		return pattern{}, false
	}
	var p pattern
	if line[0] == '!' {
		p.negated = true
		line = line[1:]
	}
	if strings.HasSuffix(line, "/") {
		p.dirOnly = true
		line = line[:len(line)-1]
	}
	p.anchored = strings.Contains(line, "/")
	p.text = strings.TrimPrefix(line, "/")
	if p.text == "" {
		return pattern{}, false
	}
	p.literal = !strings.ContainsAny(p.text, `*?[\`)
	if !p.anchored && p.text[0] == '*' && !strings.ContainsAny(p.text[1:], `*?[\`) {
		p.suffix = p.text[1:]
	}
	return p, true
}

// trimBlanks takes trailing blanks off, except one that a backslash protects.
func trimBlanks(line string) string {
	end := len(line)
	for end > 0 && line[end-1] == ' ' {
		if end > 1 && line[end-2] == '\\' && oddBackslashes(line[:end-1]) {
			break
		}
		end--
	}
	return line[:end]
}

func oddBackslashes(s string) bool {
	n := 0
	for i := len(s) - 1; i >= 0 && s[i] == '\\'; i-- {
		n++
	}
	return n%2 == 1
}

// matches tells whether the pattern names the entry: path is its path below the file's folder, base its last element.
func (p *pattern) matches(path, base string, dir bool) bool {
	if p.dirOnly && !dir {
		return false
	}
	switch {
	case p.suffix != "":
		return strings.HasSuffix(base, p.suffix)
	case !p.anchored && p.literal:
		return base == p.text
	case !p.anchored:
		return wildmatch(p.text, base)
	case p.literal:
		return path == p.text
	}
	return wildmatch(p.text, path)
}
