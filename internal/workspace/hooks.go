package workspace

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"github.com/livepeer/naap-dev/internal/trust"
)

// Hook is a command that naap.toml has run after a push that changed something.
type Hook struct {
	Text string
	Args []string
	Dir  string // absolute: the workspace's root
	Bin  []string
}

// PushSettings are what a push does besides.
type PushSettings struct {
	After []string // shell commands, run in the workspace's root

	line int // in naap.toml
}

// Hooks returns the commands to run after a push, in order.
func (w *Workspace) Hooks() []Hook {
	var out []Hook
	for _, text := range w.Settings.Push.After {
		out = append(out, Hook{Text: text, Args: Shell(text), Dir: w.base(), Bin: w.binFolders(w.base())})
	}
	return out
}

// HookItem returns what the user is asked about a hook.
func (w *Workspace) HookItem(h Hook) trust.Item {
	return trust.Item{Kind: trust.Hook, Subject: subjectOf("push.after", h.Text),
		Where: SettingsFileName + ":" + strconv.Itoa(w.Settings.Push.line), Text: h.Text}
}

// subjectOf returns the subject of one of several commands of a setting: what the user allows of one does not replace what
// they allow of another.
func subjectOf(setting, text string) string {
	line := []rune(strings.Join(strings.Fields(text), " "))
	subject := SettingsFileName + " " + setting + ` "` + string(line[:min(len(line), 40)]) + `"`
	if string(line) != text || len(line) > 40 {
		digest := sha256.Sum256([]byte(text))
		subject += " " + hex.EncodeToString(digest[:4])
	}
	return subject
}

// hookItems returns those of all hooks, each text once.
func (w *Workspace) hookItems() []trust.Item {
	var out []trust.Item
	for _, h := range w.Hooks() {
		if item := w.HookItem(h); !slices.Contains(out, item) {
			out = append(out, item)
		}
	}
	return out
}
