package workspace

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"

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
		out = append(out, Hook{Text: text, Args: shell(text), Dir: w.base(), Bin: w.binFolders(w.base())})
	}
	return out
}

// HookItem returns what the user is asked about a hook.
func (w *Workspace) HookItem(h Hook) trust.Item {
	digest := sha256.Sum256([]byte(h.Text))
	return trust.Item{Kind: trust.Hook, Subject: SettingsFileName + " push.after " + hex.EncodeToString(digest[:4]),
		Where: SettingsFileName + ":" + strconv.Itoa(w.Settings.Push.line), Text: h.Text}
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
