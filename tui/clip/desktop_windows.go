package clip

import (
	"context"

	"github.com/atotto/clipboard"

	"github.com/livepeer/naap-dev/internal/program"
)

// desktop is the clipboard that every Windows has, without a program.
func desktop(func(string) string, program.Finder) func(context.Context, string) error {
	return func(_ context.Context, text string) error { return clipboard.WriteAll(text) }
}
