package tui

import "github.com/livepeer/naap-dev/internal/devenv"

// Next is the instance that the user goes to, and whether its server is to be started.
type Next struct {
	Instance devenv.Instance
	Start    bool
}
