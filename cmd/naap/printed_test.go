//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/creack/pty"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/usertest"
)

// hostile is what a name or a value may try on a terminal: to set its title, to write to its clipboard, to clear it, to
// end what a shell takes for pasted text, to reorder the line, to hide a letter.
const hostile = "evil\x1b]0;pwn\x07\x1b]52;c;cHdu\x07\x1b[2J\x1b[201~\u009b31m\u202egnp\u2066\u200f\U000E0041\x7f\rback\nnext\t."

// onTerminal runs naap on a terminal and returns what the terminal was sent.
func onTerminal(t *testing.T, dir string, args ...string) string {
	t.Helper()
	c := exec.Command("naap", args...)
	c.Dir, c.Env = dir, append(os.Environ(), "HOME="+t.TempDir(), "TERM=xterm")
	tty, err := pty.StartWithSize(c, &pty.Winsize{Cols: 80, Rows: 24})
	if err != nil {
		t.Fatal(err)
	}
	defer tty.Close()
	out, _ := io.ReadAll(tty) // on Linux, reading ends with an error
	_ = c.Wait()
	return string(out)
}

// toPipe runs naap into a pipe and returns its stdout.
func toPipe(t *testing.T, dir string, args ...string) string {
	t.Helper()
	c := exec.Command("naap", args...)
	c.Dir, c.Env = dir, append(os.Environ(), "HOME="+t.TempDir())
	out, _ := c.Output()
	return string(out)
}

// moves returns the parts of a terminal's output that are neither text nor naap's own colours.
func moves(out string) (bad []string) {
	for _, seq := range []string{"\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[32m", "\x1b[33m", "\r\x1b[2K"} {
		out = strings.ReplaceAll(out, seq, "")
	}
	out = strings.ReplaceAll(out, "\r\n", "\n") // the terminal's own driver adds these
	for i, r := range out {
		_, n := utf8.DecodeRuneInString(out[i:])
		if r == utf8.RuneError && n == 1 || r != '\n' && r != '\t' && unicode.In(r, unicode.Cc, unicode.Cf) && r != 0x200c && r != 0x200d {
			bad = append(bad, string(r)+" at …"+strings.ToValidUTF8(out[max(0, i-20):i], "?"))
		}
	}
	return bad
}

func TestATerminalGetsNothingThatMovesItAndAPipeGetsValuesAsTheyAre(t *testing.T) {
	url := pgtest.NewDatabase(t)
	query := `SELECT E'` + strings.NewReplacer("\x1b", `\x1b`, "\x07", `\x07`, "\r", `\r`, "\n", `\n`, "\t", `\t`, "\x7f", `\x7f`).Replace(hostile) + `' AS "a` + "\u202e" + `b"`
	sql := func(more ...string) []string {
		return append([]string{"dev", "sql", "--database-url", url, query}, more...)
	}
	dir := t.TempDir()
	for _, format := range [][]string{nil, {"--csv"}, {"--json"}} {
		out := onTerminal(t, dir, sql(format...)...)
		if bad := moves(out); bad != nil || !strings.Contains(out, "evil") {
			t.Errorf("%v sends the terminal %q in\n%q", format, bad, out)
		}
	}
	type answer struct{ Results []struct{ Rows [][]string } }
	for where, run := range map[string]func(*testing.T, string, ...string) string{"terminal": onTerminal, "pipe": toPipe} {
		var got answer
		out := run(t, dir, sql("--json")...)
		if begin := strings.IndexByte(out, '{'); begin > 0 {
			out = out[begin:] // on a terminal, a warning comes first: the test's role is a superuser
		}
		if err := json.Unmarshal([]byte(out), &got); err != nil || got.Results[0].Rows[0][0] != hostile {
			t.Errorf("the JSON on the %s is another value: %v %q", where, err, got)
		}
	}
	if out := toPipe(t, dir, sql("--csv")...); out != "a\u202eb\n\""+hostile+"\"\n" {
		t.Errorf("the CSV in the pipe is %q", out)
	}
}

func TestNoFormatOfAReportMovesTheTerminal(t *testing.T) {
	dir := hostileWorkspace(t)
	for _, format := range []string{"text", "json", "sarif", "github"} {
		out := onTerminal(t, dir, "check", "--format", format)
		if bad := moves(out); bad != nil || !strings.Contains(out, "1-one-schema") {
			t.Errorf("%s sends the terminal %q in\n%q", format, bad, out)
		}
	}
	if out := onTerminal(t, dir, "config"); moves(out) != nil {
		t.Errorf("config sends the terminal %q", moves(out))
	}
}

// hostileWorkspace returns a workspace whose names and texts try something.
func hostileWorkspace(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	name := strings.NewReplacer("/", "", "\x00", "").Replace(hostile)
	for file, text := range map[string]string{
		"packages/database/prisma/schema.prisma":           "datasource db {\n  provider = \"postgresql\"\n  schemas = [\"public\"]\n}\nmodel A {\n  id Int @id\n  @@schema(\"public\")\n}\n",
		"plugins/" + name + "/backend/prisma/seed.ts":      "1\n",
		"plugins/" + name + "/backend/src/::error::x.ts":   "import { PrismaClient } from '@prisma/client' // " + hostile + "\n",
		"plugins/x/backend/src/\n::error file=a::stole.ts": "import { PrismaClient } from '@prisma/client'\n::add-mask::a ##[error]b\n",
		"plugins/y/.env": "::stop-commands::x\nDATABASE_URL=postgresql://elsewhere/::error::\x1b[2J\n",
		"naap.toml":      "database = \"a\\u001b]0;x\\u0007\\u202e\"\n",
	} {
		at := filepath.Join(dir, filepath.FromSlash(file))
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// The runner of GitHub Actions reads ::command:: at the start of a line, blanks aside, and ##[command] anywhere.
func TestAWorkflowObeysNothingThatARepositorySays(t *testing.T) {
	t.Setenv("GITHUB_ACTIONS", "true")
	dir := hostileWorkspace(t)
	for _, args := range [][]string{{"check"}, {"check", "--format", "github"}, {"check", "--fix"}, {"check", "--fix", "--format", "github"}} {
		c := exec.Command("naap", args...)
		c.Dir, c.Env = dir, append(os.Environ(), "HOME="+t.TempDir())
		out, _ := c.CombinedOutput()
		if !bytes.Contains(out, []byte("1-one-schema")) {
			t.Errorf("%v found nothing:\n%s", args, out)
		}
		for line := range strings.Lines(string(out)) {
			text := strings.TrimLeftFunc(line, unicode.IsSpace)
			own := slices.Contains(args, "github") && (strings.HasPrefix(text, "::error file=") || strings.HasPrefix(text, "::warning file=") || strings.HasPrefix(text, "::notice "))
			if strings.HasPrefix(text, "::") && !own || strings.HasPrefix(text, "::") && own && strings.Contains(text, "stole.ts::") || !own && strings.Contains(text, "##[") {
				t.Errorf("%v has the runner obey %q", args, line)
			}
		}
	}
}

// obeyed returns the lines of an output that the runner takes for commands.
func obeyed(out string) (lines []string) {
	for line := range strings.Lines(out) {
		if strings.HasPrefix(strings.TrimLeftFunc(line, unicode.IsSpace), "::") || strings.Contains(line, "##[") {
			lines = append(lines, line)
		}
	}
	return lines
}

// Tables and a server's log are for people too: they hold names of schemas, settings, statements that failed.
func TestAWorkflowObeysNoTableAndNoLog(t *testing.T) {
	t.Parallel()
	p := newPrepared(t, empty)
	schema := "datasource db {\n  provider = \"postgresql\"\n  schemas = [\"::error::x\", \"##[error]y\"]\n}\n" +
		"model A {\n  id Int @id\n  @@schema(\"::error::x\")\n}\nmodel B {\n  id Int @id\n  @@schema(\"##[error]y\")\n}\n"
	for file, text := range map[string]string{"schema.prisma": schema, "naap.toml": "schema = \"schema.prisma\"\nimage = \"##[error]z\"\n"} {
		if err := os.WriteFile(filepath.Join(p.dir, file), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	p.must(t, "dev", "up", "--detach")
	_ = p.command("dev", "sql", "SELECT '\n::error::x\n##[error]y' FROM nowhere").Run()
	for _, args := range [][]string{{"config"}, {"dev", "status"}, {"dev", "schema", "list"}, {"dev", "logs", "--tail", "-1"}} {
		c := p.command(args...)
		c.Env = append(c.Env, "GITHUB_ACTIONS=true")
		out, _ := c.CombinedOutput()
		if lines := obeyed(string(out)); lines != nil || !strings.Contains(string(out), "## [error]") {
			t.Errorf("%v has the runner obey %q of\n%s", args, lines, out)
		}
	}
}

// A line of a log that never ends is shown in pieces, and a document has what the server wrote.
func TestALogIsShownForPeopleAndIsAsItIsInADocument(t *testing.T) {
	var shown bytes.Buffer
	w := &visibleLines{w: &shown}
	if _, err := w.Write([]byte("a\x1b[2J\r\n" + strings.Repeat("x", longestLine+1))); err != nil {
		t.Fatal(err)
	}
	if want := "a␛[2J\n" + strings.Repeat("x", longestLine+1) + "\n"; shown.String() != want {
		t.Errorf("shown are %d bytes, and not %d", shown.Len(), len(want))
	}
	if got := linesOf("\ta\x1b[2J\u202e\r\nb"); !slices.Equal(got, []string{"\ta\x1b[2J\u202e", "b"}) {
		t.Errorf("the lines are %q", got)
	}
}

func TestNoNameThatAShellWouldRunIsOfferedAsACompletion(t *testing.T) {
	url := pgtest.NewDatabase(t)
	dir := t.TempDir()
	pgtest.Exec(t, url, `CREATE SCHEMA plain_1; CREATE SCHEMA "größe"; CREATE SCHEMA "$(touch pwned)"; CREATE SCHEMA "`+"`touch pwned`"+`";
CREATE SCHEMA "-x"; CREATE SCHEMA "a b"; CREATE SCHEMA "q'; touch pwned; '"; CREATE SCHEMA "`+"two\nlines"+`"; CREATE SCHEMA "_activeHelp_ hi"; CREATE SCHEMA "c`+"\u202e"+`d"`)
	out := toPipe(t, dir, "__complete", "dev", "reset", "--database-url", url, "")
	var got []string
	for line := range strings.Lines(out) {
		if line = strings.TrimSuffix(line, "\n"); !strings.HasPrefix(line, ":") {
			got = append(got, line)
		}
	}
	slices.Sort(got)
	if want := []string{"größe", "plain_1", "public"}; !slices.Equal(got, want) {
		t.Errorf("offered are %q", got)
	}
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash here")
	}
	script := `source <(naap completion bash); COMP_WORDS=(naap dev reset --database-url ` + url + ` ""); COMP_CWORD=5; COMP_LINE="${COMP_WORDS[*]}"; COMP_POINT=${#COMP_LINE}
_get_comp_words_by_ref() { words=("${COMP_WORDS[@]}"); cword=5; cur=""; prev="` + url + `"; }; compopt() { :; }; __start_naap; printf '%s\n' "${COMPREPLY[@]}"`
	c := exec.Command(bash, "-c", script)
	c.Dir, c.Env = dir, append(os.Environ(), "HOME="+t.TempDir())
	text, err := c.CombinedOutput()
	if err != nil || !strings.Contains(string(text), "plain_1") {
		t.Errorf("bash: %v\n%s", err, text)
	}
	if _, err := os.Stat(filepath.Join(dir, "pwned")); err == nil {
		t.Error("bash ran a schema's name")
	}
}

// naap check names the files and folders that it cannot read, here another user's.
func TestAFileThatMayNotBeReadIsFound(t *testing.T) {
	other := usertest.Other(t)
	naap, err := exec.LookPath("naap")
	if err != nil {
		t.Fatal(err)
	}
	if naap, err = filepath.EvalSymlinks(naap); err != nil {
		t.Fatal(err)
	}
	// The program is the test binary, which acts by the name that it is called by.
	program := filepath.Join(filepath.Dir(other.Program(naap)), "naap")
	if err := os.Rename(filepath.Join(filepath.Dir(program), filepath.Base(naap)), program); err != nil {
		t.Fatal(err)
	}
	dir := other.Dir("repo")
	for _, name := range []string{"plugins/x/own.ts", "plugins/y/own.ts", "naap.toml"} {
		at := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	other.Own(dir)
	run := func() (string, int) {
		c := other.Command(program, "check", dir)
		c.Dir = dir
		out, _ := c.CombinedOutput()
		return string(out), c.ProcessState.ExitCode()
	}
	if out, status := run(); status != 0 {
		t.Fatalf("where all can be read: %d\n%s", status, out)
	}
	for _, name := range []string{"plugins/x/own.ts", "plugins/y"} {
		at := filepath.Join(dir, name)
		if err := errors.Join(os.Chown(at, 0, 0), os.Chmod(at, 0o700)); err != nil {
			t.Fatal(err)
		}
	}
	out, status := run()
	if status != 1 || !strings.Contains(out, "plugins/x/own.ts\n  1:1  warning  naap/0-readable  this cannot be read") ||
		!strings.Contains(out, "plugins/y\n  1:1  warning  naap/0-readable  this folder cannot be read") {
		t.Errorf("status %d:\n%s", status, out)
	}
}
