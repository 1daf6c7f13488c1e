package dialog

import (
	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/tui/screen"
)

// AskCommit asks before something is committed; rows say what. no may be nil.
func AskCommit(s screen.Root, text string, rows []Row, yes, no func() tea.Cmd) tea.Cmd {
	return Ask(s, Confirmation{Title: "Commit?", Text: []string{text}, Rows: rows, Yes: "Commit", Do: yes, No: no})
}
