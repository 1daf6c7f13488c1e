//go:build linux

package clip

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/livepeer/naap-dev/internal/program"
	"github.com/livepeer/naap-dev/internal/scripttest"
)

func TestTheDesktopsProgramIsFedTheText(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	repository := dir + "/repository"
	for path, body := range map[string]string{
		repository + "/.git/x":      "",
		repository + "/bin/xclip":   "touch " + dir + "/ran",
		dir + "/mine/xclip":         `echo "$@" >` + dir + `/args; cat >` + dir + `/got`,
		repository + "/bin/wl-copy": "touch " + dir + "/ran",
		repository + "/bin/tmux":    "touch " + dir + "/ran",
	} {
		scripttest.Write(t, path, body)
	}
	t.Chdir(repository)
	programs := program.Here()
	programs.Path = repository + "/bin:" + dir + "/mine"
	at := env("DISPLAY", ":0", "WAYLAND_DISPLAY", "wayland-0", "TMUX", "/tmp/tmux,1,0")
	c := New(at, nil, programs)
	if way, err := c.Copy(t.Context(), "text"); way != "clipboard" || err != nil {
		t.Errorf("%q, %v", way, err)
	}
	got, _ := os.ReadFile(dir + "/got")
	args, _ := os.ReadFile(dir + "/args")
	if string(got) != "text" || string(args) != "-in -selection clipboard\n" {
		t.Errorf("it got %q with %q", got, args)
	}
	if err := c.Tmux(t.Context(), "text"); err == nil {
		t.Error("there is a tmux")
	}
	if _, err := os.Stat(dir + "/ran"); err == nil {
		t.Error("a program of the repository's was started")
	}
	if desktop(env(), programs) != nil {
		t.Error("without a desktop there is its clipboard")
	}
}
