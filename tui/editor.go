package tui

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"unicode"
	"unicode/utf8"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/program"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/screen"
)

// editorEnd is an editor that gave the terminal back.
type editorEnd struct{ answer job.Answer[screen.Edited] }

// EditText gives the terminal to the user's editor with a text in a file of their own, of at most so many bytes. The file is
// gone afterwards, unless it holds a text that cannot be taken.
func (s *shared) EditText(to job.Slot, text, end string, most files.Limit) tea.Cmd {
	gen := s.jobs.Begin(to, true, func() {})
	ended := func(text string, err error) tea.Msg {
		return editorEnd{job.Answer[screen.Edited]{Slot: to, Generation: gen, Value: screen.Edited{Text: text}, Err: err}}
	}
	file, err := editedFile(text, end)
	if err != nil {
		return func() tea.Msg { return ended("", err) }
	}
	cmd, err := editor(s.jobs.Ctx, s.programs, file)
	if err != nil {
		_ = os.RemoveAll(filepath.Dir(file))
		return func() tea.Msg { return ended("", err) }
	}
	s.live.Hidden = true
	s.Say(draw.Info, "editing in "+filepath.Base(cmd.Path))
	interrupts := s.interrupts
	run := tea.ExecProcess(cmd, func(err error) tea.Msg {
		interrupts(true)
		if err != nil {
			err = fmt.Errorf("%s: %w", visible.String(filepath.Base(cmd.Path)), err)
		}
		return ended(edited(file, text, most, err))
	})
	return tea.Sequence(func() tea.Msg { interrupts(false); return nil }, run)
}

// editedFile writes a text into a file that only the user can read.
func editedFile(text, end string) (string, error) {
	dir, err := os.MkdirTemp("", "naap-edit-*")
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "value"+end)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		_ = os.RemoveAll(dir)
		return "", err
	}
	return file, nil
}

// edited reads what an editor left, which may have failed, and removes it. A text that cannot be taken stays in its file,
// unless it is the one that was given.
func edited(file, before string, most files.Limit, failed error) (string, error) {
	text, refused := editedText(file, before, max(most, files.Limit(len(before)+len("\r\n"))))
	if failed == nil && refused == nil {
		_ = os.RemoveAll(filepath.Dir(file))
		return text, nil
	}
	code, err := "editor.text", refused
	if failed != nil {
		code, err = "editor.failed", failed
	}
	e := remedy.New(code, remedy.ExitFailed, "the text is as it was: %s", visible.String(err.Error()))
	if _, gone := os.Lstat(file); gone != nil || refused == nil && text == before {
		_ = os.RemoveAll(filepath.Dir(file))
		return "", e
	}
	return "", e.WithFix("what the editor left is kept in " + visible.String(file))
}

// editedText is what a file holds. A line feed that the editor put at the end of a text without one is not the user's.
func editedText(file, before string, most files.Limit) (string, error) {
	body, err := files.ReadNow(file, most)
	switch {
	case remedy.Code(err) == "file.size":
		return "", fmt.Errorf("the editor left more than %s", say.Bytes(int64(most)))
	case errors.Is(err, os.ErrNotExist):
		return "", errors.New("the editor left no file")
	case err != nil:
		return "", err
	case !utf8.Valid(body) || strings.ContainsRune(string(body), 0):
		return "", errors.New("the editor left what is not UTF-8 text")
	}
	text := string(body)
	if !strings.HasSuffix(before, "\n") {
		text = strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r")
	}
	return text, nil
}

// editor is the user's own: what VISUAL or EDITOR names, with arguments behind it.
func editor(ctx context.Context, programs program.Finder, file string) (*exec.Cmd, error) {
	cmd, err := namedEditor(ctx, programs, file)
	if err != nil {
		return nil, remedy.New("editor.missing", remedy.ExitFailed, "no editor can be started: %s", visible.String(err.Error())).
			WithFix("set VISUAL or EDITOR to yours")
	}
	return cmd, nil
}

func namedEditor(ctx context.Context, programs program.Finder, file string) (*exec.Cmd, error) {
	named := programs.Getenv("VISUAL")
	if strings.TrimSpace(named) == "" {
		named = programs.Getenv("EDITOR")
	}
	words, err := editorWords(named, runtime.GOOS == "windows")
	if err != nil {
		return nil, err
	}
	if len(words) == 0 {
		words = []string{"vi"}
		if runtime.GOOS == "windows" {
			words = []string{"notepad"}
		}
	}
	name, args := dialog.AtHome(words[0]), append(words[1:len(words):len(words)], file)
	p := program.Editor(filepath.Base(name))
	if name == filepath.Base(name) {
		return programs.Command(ctx, p, args...)
	}
	if why := programs.Objection(name); why != "" {
		return nil, errors.New(name + " is not started: " + why)
	}
	return programs.At(ctx, p, name, args...)
}

// editorWords splits what VISUAL or EDITOR says into words, as a shell would: quotes keep blanks, and a backslash keeps
// the character behind it, except on Windows, where it stands in paths. What names a file as a whole is one word.
func editorWords(text string, windows bool) ([]string, error) {
	if info, err := os.Stat(text); err == nil && info.Mode().IsRegular() && filepath.IsAbs(text) {
		return []string{text}, nil
	}
	var words []string
	var word strings.Builder
	quote, begun, kept := rune(0), false, false
	for _, r := range text {
		switch {
		case kept:
			word.WriteRune(r)
			kept = false
		case r == '\\' && quote != '\'' && !windows:
			kept, begun = true, true
		case r == quote:
			quote = 0
		case quote == 0 && (r == '"' || r == '\'' && !windows):
			quote, begun = r, true
		case quote == 0 && unicode.IsSpace(r):
			if begun {
				words = append(words, word.String())
			}
			word.Reset()
			begun = false
		default:
			word.WriteRune(r)
			begun = true
		}
	}
	if quote != 0 || kept {
		return nil, errors.New("a quote is not closed in " + text)
	}
	if begun {
		words = append(words, word.String())
	}
	return words, nil
}
