package console

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/sqltext"
	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/widget"
)

// History is what the SQL console knows when it is opened again: the texts that were run, oldest first, which are kept in
// a file of the state folder, and for this run of the program alone the pages and the values of parameters.
type History struct {
	path  string // "" keeps them in memory only
	Texts []string

	drafts []draft // of the pages
	shown  int     // which of them was
	values map[postgres.Parameter]*string
}

const historyKept = 1000

// LoadHistory reads the file; what is damaged in it is left out.
func LoadHistory(stateDir string) *History {
	h := &History{}
	if stateDir == "" {
		return h
	}
	h.path = filepath.Join(stateDir, "sql_history.jsonl")
	f, err := files.Open(context.Background(), h.path)
	if err != nil {
		return h
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<22)
	for lines.Scan() {
		var text string
		if json.Unmarshal(lines.Bytes(), &text) == nil && text != "" {
			h.Texts = append(h.Texts, text)
		}
	}
	if len(h.Texts) > historyKept {
		h.Texts = h.Texts[len(h.Texts)-historyKept:]
	}
	return h
}

// keep notes a text that was run, and writes it to the file, unless it was run just before. One that begins with a blank
// or holds a password is not written.
func (h *History) keep(s screen.Root, text string) tea.Cmd {
	secret := strings.HasPrefix(text, " ") || holdsSecret(text)
	text = strings.TrimSpace(text)
	if text == "" || len(h.Texts) > 0 && h.Texts[len(h.Texts)-1] == text {
		return nil
	}
	h.Texts = append(h.Texts, text)
	if path := h.path; path != "" && !secret {
		return s.Jobs().Guard(func() tea.Msg { return historyKeptMsg{keepHistory(path, text)} })
	}
	return nil
}

// historyKeptMsg says whether the history could be written.
type historyKeptMsg struct{ err error }

// holdsSecret reports whether a text seems to hold a password: a string behind the word PASSWORD, an argument of a function
// that encrypts, or a URL or connection string with one.
func holdsSecret(text string) bool {
	said := 0 // tokens since a word that a secret follows
	for t := range sqltext.Tokens(text) {
		raw := text[t.Start:t.End]
		switch t.Kind {
		case sqltext.Word:
			switch strings.ToLower(raw) {
			case "password", "crypt", "pgp_sym_encrypt", "pgp_sym_decrypt", "encrypt", "decrypt", "hmac", "digest":
				said = 6
			}
		case sqltext.String, sqltext.Broken:
			if said > 0 || secretInString(raw) {
				return true
			}
		}
		said--
	}
	return false
}

// secretInString reports whether a string is a URL with a password, or a connection string.
func secretInString(raw string) bool {
	if strings.Contains(strings.ToLower(raw), "password=") {
		return true
	}
	_, rest, ok := strings.Cut(raw, "://")
	if !ok {
		return false
	}
	user, _, ok := strings.Cut(rest, "@")
	return ok && strings.Contains(user, ":") && !strings.ContainsAny(user, "/ ")
}

// keepHistory appends a text to the file.
func keepHistory(path, text string) error {
	if path == "" {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	line, err := json.Marshal(strings.TrimSpace(text))
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(line, '\n'))
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if info, serr := os.Stat(path); err == nil && serr == nil && info.Size() > 4<<20 {
		return shortenHistory(path)
	}
	return err
}

// shortenHistory rewrites the file with the newest texts when the file has grown large.
func shortenHistory(path string) error {
	h := LoadHistory(filepath.Dir(path))
	tmp, err := os.CreateTemp(filepath.Dir(path), "sql_history-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	e := json.NewEncoder(tmp)
	for _, t := range h.Texts {
		err = errors.Join(err, e.Encode(t))
	}
	if err = errors.Join(err, tmp.Close()); err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// OpenHistory lists the texts that were run, the newest first, to look for one. It is shown in the console, and run by a key
// there.
func OpenHistory(s screen.Root, h *History) tea.Cmd {
	return dialog.OpenList(s, dialog.ListSpec[string]{
		Name: "history", Open: "open", Typing: true,
		Fetch: func(context.Context) ([]string, error) {
			seen := map[string]bool{}
			var list []string
			for _, text := range slices.Backward(h.Texts) {
				if !seen[text] {
					seen[text] = true
					list = append(list, text)
				}
			}
			return list, nil
		},
		Columns: []widget.Column{{Title: "TEXT", Width: 20, Flex: 1}},
		Cell: func(text string, _ int) (string, draw.Role) {
			return strings.Join(strings.Fields(text), " "), draw.Plain
		},
		Words: func(text string) string { return text },
		About: func(text string, _ int) []draw.Line { return widget.SQLLines(text) },
		Empty: "Nothing was run yet.",
		Do: func(a keymap.Action, text string, ok bool) tea.Cmd {
			if a != keymap.Open || !ok {
				return nil
			}
			return show(s, h, draft{text: text})
		},
	})
}
