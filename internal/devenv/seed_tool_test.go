package devenv

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/scripttest"
)

// A package manager reads package.json itself, after the user was asked.
func TestASeedCommandThatWasExchangedMeanwhileIsNotRun(t *testing.T) {
	e := testEnv(t, map[string]string{"naap.toml": "", "package.json": `{"scripts":{"db:seed":"echo one"}}`})
	at := filepath.Join(e.ws.Root, "package.json")
	if _, err := e.toolCommand(t.Context(), e.ws.SeedTool); remedy.Code(err) == "seed.changed" {
		t.Fatal(err)
	}
	for _, text := range []string{`{"scripts":{"db:seed":"echo two"}}`, `{"scripts":{"db:seed":"echo one","predb:seed":"id"}}`, `{"prisma":{"seed":"id"}}`, `{`} {
		if err := os.WriteFile(at, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := e.toolCommand(t.Context(), e.ws.SeedTool); remedy.Code(err) != "seed.changed" {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// The question shows the command, not the shell.
func TestTheShellOfASeedCommandIsNotTheRepositorys(t *testing.T) {
	e := testEnv(t, map[string]string{"naap.toml": "[seed]\ncommand = \"echo hi\"\n"})
	bin := filepath.Join(e.ws.Root, "node_modules", ".bin")
	for _, name := range []string{"sh", "sh.exe", "cmd", "cmd.exe"} {
		scripttest.Write(t, filepath.Join(bin, name), "")
	}
	e.ws.SeedTool = e.ws.SeedToolNow(t.Context())
	c, err := e.toolCommand(t.Context(), e.ws.SeedTool)
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(c.Path, e.ws.Root) {
		t.Errorf("it is run by %s", c.Path)
	}
}
