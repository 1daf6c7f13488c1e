package seedcommand

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/program"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/scripttest"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// A package manager reads package.json itself, after the user was asked.
func TestASeedCommandThatWasExchangedMeanwhileIsNotRun(t *testing.T) {
	ws, programs := folder(t, map[string]string{"naap.toml": "", "package.json": `{"scripts":{"db:seed":"echo one"}}`})
	at := filepath.Join(ws.Root, "package.json")
	if _, err := command(t.Context(), programs, ws); remedy.Code(err) == "seed.changed" {
		t.Fatal(err)
	}
	for _, text := range []string{`{"scripts":{"db:seed":"echo two"}}`, `{"scripts":{"db:seed":"echo one","predb:seed":"id"}}`, `{"prisma":{"seed":"id"}}`, `{`} {
		if err := os.WriteFile(at, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := command(t.Context(), programs, ws); remedy.Code(err) != "seed.changed" {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// The question shows the command, not the shell.
func TestTheShellOfASeedCommandIsNotTheRepositorys(t *testing.T) {
	ws, programs := folder(t, map[string]string{"naap.toml": "[seed]\ncommand = \"echo hi\"\n"})
	bin := filepath.Join(ws.Root, "node_modules", ".bin")
	for _, name := range []string{"sh", "sh.exe", "cmd", "cmd.exe"} {
		scripttest.Write(t, filepath.Join(bin, name), "")
	}
	ws.SeedTool = ws.SeedToolNow(t.Context())
	c, err := command(t.Context(), programs, ws)
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(c.Path, ws.Root) {
		t.Errorf("it is run by %s", c.Path)
	}
}

func TestASeedCommandsOutputHoldsNoPassword(t *testing.T) {
	const url = "postgres://u:p%40ss%2Fw0rd!%C3%A9@h:1/d"
	for _, line := range []string{
		"connect to " + url, "postgresql://u:p@ss/w0rd!é@h:1/d?schema=public", "{ user: 'u', password: 'p@ss/w0rd!é' }", "PGPASSWORD=p@ss/w0rd!é",
		"login u p@ss/w0rd!é", "p%40ss%2Fw0rd!%c3%a9", "p%40ss%2Fw0rd%21%C3%A9", "https://other:w0rd!é@elsewhere/x",
	} {
		if got := withoutPassword(url)(line); strings.Contains(got, "w0rd") {
			t.Errorf("%s is shown as %s", line, got)
		}
	}
	const harmless = "seeded table postgres of u with 12 rows: https://example.org/docs?x=1"
	if got := withoutPassword("postgres://postgres:postgres@localhost:5432/naap")(harmless); got != harmless {
		t.Errorf("%q becomes %q", harmless, got)
	}
}

// folder returns the workspace of a folder with files.
func folder(t *testing.T, files map[string]string) (*workspace.Workspace, program.Finder) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ws, err := workspace.Find(t.Context(), dir, workspace.Options{Env: []string{"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH"), "NAAP_TRUST=all"}})
	if err != nil {
		t.Fatal(remedy.Text(err))
	}
	return ws, program.Here(ws.Dir, ws.Root)
}
