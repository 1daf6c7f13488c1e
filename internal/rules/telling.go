package rules

import (
	"bytes"
	"maps"
	"path"
	"slices"
	"strings"
)

// Most scripts of a backend name prisma only as the client that they were given. Reading one into tokens takes twenty
// times as long as looking for the few words without which no check of scripts finds anything.

// telling finds out whether there is anything in a script that a check could find or note.
type telling struct {
	always bool // no word tells
	words  *needles
	// schemas finds the names of which a list of schemas consists; nil if there are none.
	schemas *needles
}

// newTelling returns what tells scripts apart that are compared with a database package in a folder, and with a list of
// schemas.
//
// Each of scriptChecks, and note, needs one of the words: to be a client's, a driver's or the database package's, an
// import begins with it or contains it; to make a client, a URL or a container, code names it. Strings may be written
// with escapes, which are another case: see escapes.
func newTelling(databaseDir string, schemas ...string) telling {
	words := []string{
		"@prisma", "'prisma", `"prisma`, "`prisma", ".prisma", "PrismaClient", databasePackage[:len("@naap")], allowMark,
		"ostgre", "DATABASE_URL", "'pg", `"pg`, "`pg", "slonik", "exec", "spawn", "GenericContainer",
		"CREATE DATABASE", "create database",
	}
	words = append(words, slices.Sorted(maps.Keys(testContainers))...)
	for folder := range generatedFolders {
		words = append(words, strings.Trim(folder, "_"))
	}
	t := telling{schemas: schemaNeedles(schemas)}
	switch base := path.Base(databaseDir); {
	case base == "." || base == "/": // no path leads into it
	case strings.ContainsFunc(base, func(c rune) bool { return !isWordByte(c) }) || len(base) < 2:
		t.always = true // it may be written with escapes
	default:
		words = append(words, base) // a path into the package contains it
	}
	t.words = newNeedles(words...)
	return t
}

func isWordByte(c rune) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// in reports whether a script has to be read.
func (t telling) in(f *file) bool {
	return t.always || isClientFile(f.path) || t.words.in(f.data) || escapes(f.data) || shellTag(f.data) || generates(f.data) ||
		t.schemas != nil && t.schemas.in(f.data)
}

// generates reports whether a script may write a package.json with prisma in an object, or a Dockerfile's text.
func generates(data []byte) bool {
	return (bytes.Contains(data, []byte("ependencies")) || bytes.Contains(data, []byte("eps"))) && bytes.Contains(data, []byte("prisma:")) ||
		bytes.Contains(data, []byte("FROM ")) && bytes.Contains(data, []byte("prisma"))
}

// escapes reports whether a script contains a backslash that may hide a part of a word: before a letter that it leaves
// as it is, a number, or the end of a line. Those of \n, \r and \t end a word where they stand.
func escapes(data []byte) bool {
	for {
		i := bytes.IndexByte(data, '\\')
		if i < 0 || i+1 == len(data) {
			return false
		}
		switch c := data[i+1]; {
		case c == 'n' || c == 'r' || c == 't':
		case isWordByte(rune(c)), c < ' ', c >= 0x80:
			return true
		}
		data = data[i+2:]
	}
}

// shellTag reports whether a script may call a function named $, or tag a template with it, to run a command.
func shellTag(data []byte) bool {
	for {
		i := bytes.IndexByte(data, '$')
		if i < 0 || i+1 == len(data) {
			return false
		}
		switch c := data[i+1]; {
		case c == '(' || c == '`' || c <= ' ' || c >= 0x80:
			return true
		case c == '/' && i+2 < len(data) && (data[i+2] == '/' || data[i+2] == '*'):
			return true
		}
		data = data[i+1:]
	}
}
