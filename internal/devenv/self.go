package devenv

import (
	"os"
	"slices"
)

// selfCommand returns the command that runs this program again for the same workspace and instance.
func (e *Env) selfCommand(args ...string) ([]string, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return slices.Concat([]string{self, "-C", e.ws.Dir}, args, e.named()), nil
}
