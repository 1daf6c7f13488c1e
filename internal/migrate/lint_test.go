package migrate

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/livepeer/naap-dev/internal/sharedtest"
)

var updateLint = flag.Bool("update-lint", false, "write what Lint says now into testdata/lint")

// TestLintSays holds what Lint says of the scripts in testdata/lint: each file has migrations, whose names begin with
// "seen" where they are only read, with "edited" where the database has another text of them, and with "several" where
// the Prisma file has several schemas.
func TestLintSays(t *testing.T) {
	list, err := filepath.Glob("testdata/lint/*.txtar")
	if err != nil || len(list) < 10 {
		t.Fatal(list, err)
	}
	found := map[string]bool{}
	for _, file := range list {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			want := &archive.Files[len(archive.Files)-1]
			if want.Name != "want" {
				t.Fatal("the last file must be want")
			}
			var said strings.Builder
			for _, f := range Lint(lintFolder(archive.Files[:len(archive.Files)-1])) {
				found[f.Rule.ID] = true
				fmt.Fprintf(&said, "%s:%d:%d-%d %s %s: %s\n", strings.TrimSuffix(f.Path, "/migration.sql"), f.Line, f.Column, f.EndColumn, f.Severity, strings.TrimPrefix(f.Rule.ID, "naap/migrate-"), f.Message)
				for _, line := range f.Help {
					fmt.Fprintf(&said, "\t%s\n", line)
				}
			}
			if *updateLint {
				want.Data = []byte(said.String())
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if said.String() != string(want.Data) {
				t.Errorf("it says\n%s\nand not\n%s", said.String(), want.Data)
			}
		})
	}
	for _, r := range LintRules() {
		if !found[r.ID] {
			t.Errorf("no case finds %s", r.ID)
		}
	}
}

func lintFolder(list []txtar.File) (*Folder, LintOptions) {
	folder, opt := &Folder{}, LintOptions{}
	for _, f := range list {
		text := strings.NewReplacer("<BOM>", byteOrderMark, "<NUL>", "\x00", "<CR>\n", "\r\n").Replace(string(f.Data))
		folder.Migrations = append(folder.Migrations, Migration{Name: f.Name, Path: f.Name + "/migration.sql", Script: text})
		if strings.HasPrefix(f.Name, "edited") {
			opt.Edited = append(opt.Edited, f.Name)
			continue
		}
		if !strings.HasPrefix(f.Name, "seen") {
			opt.Names = append(opt.Names, f.Name)
		}
		opt.Several = opt.Several || strings.HasPrefix(f.Name, "several")
	}
	return folder, opt
}

func TestLintSaysWhyAScriptCannotBeRead(t *testing.T) {
	folder := &Folder{Migrations: []Migration{{Name: "1", Path: "1/migration.sql", Err: os.ErrNotExist}}}
	list := Lint(folder, LintOptions{Names: []string{"1"}})
	if len(list) != 1 || list[0].Rule != lintScript || !strings.Contains(list[0].Message, "there is no such file") {
		t.Errorf("%+v", list)
	}
}

func TestLintReadsAnyText(t *testing.T) {
	whole, err := os.ReadFile("testdata/lint/columns.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{string(whole), lintSetup, "ALTER TABLE t ADD CONSTRAINT c CHECK ((", "CREATE INDEX ON", "ALTER TABLE t ADD COLUMN x int DEFAULT a::", "DROP", "CREATE", "SET", "ALTER TABLE t ALTER", "LOCK TABLE a IN", "REINDEX INDEX"} {
		for end := 0; end <= len(text); end += 7 { // broken off anywhere, it is still read to its end
			Lint(&Folder{Migrations: []Migration{{Name: "1", Script: text[:end]}}}, LintOptions{Names: []string{"1"}})
		}
		Lint(&Folder{Migrations: []Migration{{Name: "1", Script: text}}}, LintOptions{Names: []string{"1"}})
	}
}

// TestLintFindsNothingInPrismasFirstMigrations reads what Prisma writes for an empty database: everything is new.
func TestLintFindsNothingInPrismasFirstMigrations(t *testing.T) {
	list, err := filepath.Glob(filepath.Join(sharedtest.Path(t, "prisma/golden"), "*.sql"))
	if err != nil || len(list) < 20 {
		t.Fatal(list, err)
	}
	for _, file := range list {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range Lint(&Folder{Migrations: []Migration{{Name: "1", Script: string(text)}}}, LintOptions{Names: []string{"1"}}) {
			t.Errorf("%s:%d: %s %s: %s", filepath.Base(file), f.Line, f.Rule.ID, f.Message, f.Text)
		}
	}
}
