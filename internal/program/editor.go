package program

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// editor is the user's own: it sees what they set for it.
var editor = Program{Name: "editor", whole: true}

// Editor returns the user's editor with a file, ready to be given the terminal: that of VISUAL, else of EDITOR, as git
// reads them, else vi, vim or nano, on Windows notepad. Their values are a program and its arguments, which may be
// quoted; no shell sees them. The program comes from no folder that Find would not take one from.
func (f Finder) Editor(ctx context.Context, file string) (*exec.Cmd, error) {
	for _, variable := range []string{"VISUAL", "EDITOR"} {
		if words := commandWords(f.variable(variable)); len(words) > 0 {
			cmd, err := f.editor(ctx, words, file)
			if err != nil {
				err = fmt.Errorf("the editor that %s names: %w", variable, err)
			}
			return cmd, err
		}
	}
	usual := []string{"vi", "vim", "nano"}
	if runtime.GOOS == "windows" {
		usual = []string{"notepad"}
	}
	var missed error
	for _, name := range usual {
		cmd, err := f.editor(ctx, []string{name}, file)
		if err == nil {
			return cmd, nil
		}
		missed = errors.Join(missed, err)
	}
	return nil, missed
}

func (f Finder) editor(ctx context.Context, words []string, file string) (*exec.Cmd, error) {
	path := words[0]
	if !filepath.IsAbs(path) {
		var err error
		if path, err = f.Find(Program{Name: path, batch: true}); err != nil {
			return nil, err
		}
	} else if why := f.Objection(path); why != "" {
		return nil, &notFound{Name: path, Passed: []string{why}}
	}
	return f.At(ctx, editor, path, append(words[1:], file)...)
}

// variable returns a variable of the environment.
func (f Finder) variable(name string) (value string) {
	for _, kv := range Last(f.Environ) {
		if v, ok := strings.CutPrefix(kv, name+"="); ok {
			value = v
		}
	}
	return value
}

// commandWords splits a command at its blanks, outside of quotes.
func commandWords(command string) (words []string) {
	var word strings.Builder
	quote, some := rune(0), false
	for _, r := range command {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '"' || r == '\'':
			quote, some = r, true
		case r == ' ' || r == '\t':
			if some {
				words = append(words, word.String())
			}
			some = false
			word.Reset()
		default:
			some = true
			word.WriteRune(r)
		}
	}
	if some {
		words = append(words, word.String())
	}
	return words
}
