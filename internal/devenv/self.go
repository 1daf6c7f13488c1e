package devenv

import (
	"os"
)

// selfCommand returns the command that runs this program again for the same workspace and instance.
func (e *Env) selfCommand(args ...string) ([]string, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	argv := []string{self, "-C", e.ws.Dir}
	argv = append(argv, args...)
	if name := e.ws.Settings.Instance; name != "naap" {
		argv = append(argv, "--name", name)
	}
	return argv, nil
}
