package dialog

import (
	"os"
	"path/filepath"
	"strings"
)

// AtHome is a path with ~ as shells read it.
func AtHome(path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, rest)
		}
	}
	return path
}
