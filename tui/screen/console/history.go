package console

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/livepeer/naap-dev/internal/files"
)

// History is the texts that were run in the SQL console, oldest first, kept in a file of the state folder.
type History struct {
	path  string // "" keeps it in memory only
	Texts []string
	at    int    // where ↑ is; len(texts) is the text being written
	draft string // that text
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
	h.at = len(h.Texts)
	return h
}

// add notes a text that was run, and reports whether it is new at the end.
func (h *History) add(text string) bool {
	text = strings.TrimSpace(text)
	defer func() { h.at = len(h.Texts) }()
	if text == "" || (len(h.Texts) > 0 && h.Texts[len(h.Texts)-1] == text) {
		return false
	}
	h.Texts = append(h.Texts, text)
	return true
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

// move goes back (−1) or on in the history, from a text being written, and returns what to show.
func (h *History) move(by int, current string) (string, bool) {
	if h.at == len(h.Texts) {
		h.draft = current
	}
	next := h.at + by
	if next < 0 || next > len(h.Texts) {
		return "", false
	}
	h.at = next
	if next == len(h.Texts) {
		return h.draft, true
	}
	return h.Texts[next], true
}
