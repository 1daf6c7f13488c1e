package command

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/program"
	"github.com/livepeer/naap-dev/internal/scripttest"
)

// The question shows the command, not the shell.
func TestTheShellOfACommandIsNotTheRepositorys(t *testing.T) {
	root := t.TempDir()
	bin := filepath.Join(root, "node_modules", ".bin")
	for _, name := range []string{"sh", "sh.exe", "cmd", "cmd.exe"} {
		scripttest.Write(t, filepath.Join(bin, name), "")
	}
	x, err := Command{Args: []string{"sh", "-c", "echo hi"}, Dir: root, Bin: []string{bin}}.Exec(t.Context(), program.Here(root), Database{URL: ours})
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(x.Path, root) {
		t.Errorf("it is run by %s", x.Path)
	}
}

// A program that only the PATH's relative or open folders have is the user's choice where they typed its name.
func TestATypedCommandIsFoundAsAShellFindsIt(t *testing.T) {
	root := t.TempDir()
	scripttest.Write(t, filepath.Join(root, "bin", "tool"), "")
	finder := program.Here(root)
	finder.Path = "nowhere" + string(filepath.ListSeparator) + filepath.Join(root, "bin")
	for _, name := range []string{"tool", "./bin/tool"} {
		x, err := Command{Args: []string{name, "a"}, Dir: root}.Typed(t.Context(), finder, Database{URL: ours})
		if err != nil || x.Path != filepath.Join(root, "bin", "tool") || strings.Join(x.Args, " ") != name+" a" || x.Dir != root {
			t.Errorf("%s: %+v, %v", name, x, err)
		}
	}
	if _, err := (Command{Args: []string{"missing"}, Dir: root}).Typed(t.Context(), finder, Database{URL: ours}); err == nil {
		t.Error("a missing program is found")
	}
}

func TestAFailureHasTheLastLinesWithoutPasswords(t *testing.T) {
	var told []string
	c := Command{Args: []string{"sh", "-c", "echo to $DATABASE_URL; seq 30; exit 3"}, Dir: t.TempDir()}
	err := Run(t.Context(), program.Here(), c, Database{URL: "postgresql://u:s3cretword@127.0.0.1:5/x"}, func(line string) { told = append(told, line) })
	var failure *Failure
	if !errors.As(err, &failure) || failure.Error() != "exit status 3" || !strings.HasSuffix(failure.Output, "    30\n") || strings.Contains(failure.Output, " 9\n") {
		t.Fatalf("%v: %+v", err, failure)
	}
	if len(told) != 31 || told[0] != "to postgresql://u:***@127.0.0.1:5/x" {
		t.Errorf("%q", told)
	}
}

func TestACommandsOutputHoldsNoPassword(t *testing.T) {
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
