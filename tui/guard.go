package tui

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/remedy"
)

// panicMsg says that a command panicked; its crash file is written already.
type panicMsg struct{ err error }

// guarded makes a command whose panic becomes a message: bubbletea would end the program.
func guarded(stateDir string) func(tea.Cmd) tea.Cmd {
	return func(cmd tea.Cmd) tea.Cmd {
		if cmd == nil {
			return nil
		}
		return func() (msg tea.Msg) {
			defer func() {
				if r := recover(); r != nil {
					msg = panicMsg{crash(stateDir, r, debug.Stack())}
				}
			}()
			return cmd()
		}
	}
}

// crash writes what is known of a panic into the state folder and returns the error to show.
func crash(stateDir string, reason any, stack []byte) error {
	err := remedy.New("internal.panic", remedy.ExitFailed, "naap has a mistake in it: %v", reason)
	name, werr := writeCrash(stateDir, fmt.Sprint(reason), stack)
	if werr != nil {
		return err.WithSeen("the crash file could not be written: " + werr.Error())
	}
	return err.WithSeen("where it happened is in " + name).WithFix("send that file along when you report it")
}

func writeCrash(stateDir, reason string, stack []byte) (string, error) {
	now := time.Now()
	name, text := "crash-"+now.Format("20060102-150405.000")+".txt", fmt.Sprintf("%s\n%s\n\n%s", now.Format(time.RFC3339), reason, stack)
	var err error
	if stateDir == "" {
		stateDir, err = os.MkdirTemp("", "naap-crash-") // our own folder: everybody may write to the temporary one
	} else {
		err = os.MkdirAll(stateDir, 0o700)
	}
	if err != nil {
		return "", err
	}
	name = filepath.Join(stateDir, name)
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	_, err = f.WriteString(text)
	return name, errors.Join(err, f.Close())
}
