//go:build !windows

package clip

import (
	"context"

	"github.com/livepeer/naap-dev/internal/program"
)

// way is a program that puts its input on the desktop's clipboard.
type way struct {
	needs string // the variable that says that its desktop is there; "" for a system's own
	name  string
	args  []string
}

// ways are tried in order. clip.exe is Windows's own, for the Linux inside it.
var ways = []way{
	{"", "pbcopy", nil},
	{"WAYLAND_DISPLAY", "wl-copy", nil},
	{"DISPLAY", "xclip", []string{"-in", "-selection", "clipboard"}},
	{"DISPLAY", "xsel", []string{"--input", "--clipboard"}},
	{"", "termux-clipboard-set", nil},
	{"WSL_DISTRO_NAME", "clip.exe", nil},
}

// desktop is the first way whose desktop and program are there; nil where there is none.
func desktop(env func(string) string, programs program.Finder) func(context.Context, string) error {
	for _, w := range ways {
		if w.needs != "" && env(w.needs) == "" {
			continue
		}
		p := program.Clipboard(w.name)
		if _, err := programs.Find(p); err == nil {
			return func(ctx context.Context, text string) error { return feed(ctx, programs, p, text, w.args...) }
		}
	}
	return nil
}
