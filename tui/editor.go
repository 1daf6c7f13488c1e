package tui

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"unicode/utf8"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/program"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/screen"
)

// editorEnd is an editor that gave the terminal back.
type editorEnd struct{ answer job.Answer[screen.Edited] }

// EditText gives the terminal to the user's editor with a text in a file of their own, which is gone afterwards.
func (s *shared) EditText(to job.Slot, text, end string) tea.Cmd {
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
		defer os.RemoveAll(filepath.Dir(file))
		if err != nil {
			return ended("", err)
		}
		return ended(edited(file, text))
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

// edited reads what an editor left. A line feed that it put at the end of a text without one is not the user's.
func edited(file, before string) (string, error) {
	body, err := files.ReadNow(file, files.Schema)
	if err != nil {
		return "", err
	}
	if !utf8.Valid(body) || strings.ContainsRune(string(body), 0) {
		return "", errors.New("what the editor left is not UTF-8 text")
	}
	text := string(body)
	if !strings.HasSuffix(before, "\n") {
		text = strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r")
	}
	return text, nil
}

// editor is the user's own: what VISUAL or EDITOR names, with arguments behind it.
func editor(ctx context.Context, programs program.Finder, file string) (*exec.Cmd, error) {
	words := strings.Fields(programs.Getenv("VISUAL"))
	if len(words) == 0 {
		words = strings.Fields(programs.Getenv("EDITOR"))
	}
	if len(words) == 0 && runtime.GOOS == "windows" {
		words = []string{"notepad"}
	}
	if len(words) == 0 {
		words = []string{"vi"}
	}
	name, args := words[0], append(words[1:len(words):len(words)], file)
	var cmd *exec.Cmd
	var err error
	if p := program.Editor(filepath.Base(name)); name == filepath.Base(name) {
		cmd, err = programs.Command(ctx, p, args...)
	} else if why := programs.Objection(name); why != "" {
		err = errors.New(visible.String(name) + " is not started: " + why)
	} else {
		cmd, err = programs.At(ctx, p, name, args...)
	}
	if err != nil {
		return nil, remedy.New("editor.missing", remedy.ExitFailed, "no editor can be started: %s", visible.String(err.Error())).
			WithFix("set VISUAL or EDITOR to yours")
	}
	return cmd, nil
}
