package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// asksNobody are the flags that give nobody's consent, in all verbs that have them: they choose, they show, or they do
// what the verb is for.
var asksNobody = strings.Fields(`
	all append applied ascii base beside-migrations changed check clean continue create-only csv default detach dry-run edge engine events exit-code fail-on fake file
	fix follow force forget format from generate help image json jsonl like list name no-color no-push no-seed note offline
	no-descriptions port postgres-bin prefix random rehearse rename rolled-back rows schema script seed snapshot tail timing to version wait workspace database-url drop write`)

// A new flag is one or the other: whoever adds it says here, or in confirmingFlags, whether it says yes for the user.
func TestEachFlagIsKnownToConfirmOrNot(t *testing.T) {
	seen := map[string]bool{}
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		for _, set := range []*pflag.FlagSet{c.LocalFlags(), c.PersistentFlags()} {
			set.VisitAll(func(f *pflag.Flag) {
				seen[f.Name] = true
				if !confirmingFlags[f.Name] && !slices.Contains(asksNobody, f.Name) {
					t.Errorf("%s --%s: does it say yes for the user? Then it belongs to confirmingFlags, otherwise to the list of this test", c.CommandPath(), f.Name)
				}
			})
		}
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(newApp(nil, nil, nil).root())
	for flag := range confirmingFlags {
		if !seen[flag] || slices.Contains(asksNobody, flag) {
			t.Errorf("--%s confirms, and no verb has it, or it does not confirm", flag)
		}
	}
	for _, flag := range asksNobody {
		if !seen[flag] && flag != "help" {
			t.Errorf("no verb has --%s any more; take it off the list", flag)
		}
	}
	for verb, flags := range map[string][]string{"dev sql": {"write"}, "dev backup": {"force"}} {
		for _, flag := range flags {
			if !confirms(verb, flag) || confirms("agents", flag) {
				t.Errorf("%s --%s confirms: %v", verb, flag, confirms(verb, flag))
			}
		}
	}
}

// A flag within a sentence, rather than a word of a command, is shown to whoever reads it: only help may contain one.
func TestNoSentenceContainsAConfirmingFlag(t *testing.T) {
	var names []string
	for flag := range confirmingFlags {
		names = append(names, regexp.QuoteMeta(flag))
	}
	within, alone := regexp.MustCompile(`--(`+strings.Join(names, "|")+`)\b`), regexp.MustCompile(`^--[a-z-]+=?$`)
	looked := 0
	for _, dir := range []string{"../../cmd", "../../internal", "../../tui", "../../dockerctl"} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if kv, ok := n.(*ast.KeyValueExpr); ok {
					if key, ok := kv.Key.(*ast.Ident); ok && slices.Contains([]string{"Use", "Short", "Long", "Example"}, key.Name) {
						return false
					}
				}
				lit, ok := n.(*ast.BasicLit)
				if !ok || lit.Kind != token.STRING {
					return true
				}
				looked++
				if text, err := strconv.Unquote(lit.Value); err == nil && within.MatchString(text) && !alone.MatchString(text) {
					t.Errorf("%s: %q: an agent reads that too; write the command with remedy.Naap or remedy.Again", path, text)
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if looked < 5000 {
		t.Errorf("only %d texts were looked at", looked)
	}
}
