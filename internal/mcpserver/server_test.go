package mcpserver

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/workspace"
)

var updateTools = flag.Bool("update-tools", false, "write the list of tools in docs/agents.md")

// client returns a client of a server on a workspace with files.
func client(t *testing.T, destructive bool, files map[string]string, env ...string) *mcp.ClientSession {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		check(t, os.MkdirAll(filepath.Dir(path), 0o755))
		check(t, os.WriteFile(path, []byte(text), 0o644))
	}
	env = append(env, "HOME="+t.TempDir(), "PATH="+os.Getenv("PATH"))
	target := remedy.Target{Unattended: "an agent", Confirms: func(_, flag string) bool { return flag == "allow-external" || flag == "accept-data-loss" }}
	open := func(ctx context.Context) (*devenv.Env, error) {
		ws, err := workspace.Find(ctx, dir, workspace.Options{Env: env})
		if err != nil {
			return nil, err
		}
		return devenv.New(ws, devenv.Options{Target: target}), nil
	}
	here, there := mcp.NewInMemoryTransports()
	server := newServer(t.Context(), Options{Open: open, Target: target, AllowDestructive: destructive, Version: "1"})
	_, err := server.Connect(t.Context(), there, nil)
	check(t, err)
	session, err := mcp.NewClient(&mcp.Implementation{Name: "test"}, nil).Connect(t.Context(), here, nil)
	check(t, err)
	t.Cleanup(func() { _ = session.Close() })
	return session
}

func call(t *testing.T, s *mcp.ClientSession, name string, args map[string]any) (string, *mcp.CallToolResult) {
	t.Helper()
	res, err := s.CallTool(t.Context(), &mcp.CallToolParams{Name: name, Arguments: args})
	check(t, err)
	return res.Content[0].(*mcp.TextContent).Text, res
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

const prismaFile = "packages/database/prisma/schema.prisma"

func models(text string) map[string]string {
	return map[string]string{prismaFile: "datasource db {\n  provider = \"postgresql\"\n  url      = env(\"DATABASE_URL\")\n}\n" + text}
}

// sample are arguments with which each tool answers on the database of the test below.
var sample = map[string]map[string]any{
	"describe_table": {"table": "A"}, "sample_rows": {"table": "A"}, "query": {"sql": `SELECT * FROM "A"`}, "explain": {"sql": "SELECT 1"},
	"schema_map": {"schema": "public"}, "diff": {"schemas": []string{"public"}}, "check": {"paths": []string{"packages"}},
}

func TestEachAnswerIsWhatItsToolDeclares(t *testing.T) {
	url := pgtest.NewDatabase(t)
	pgtest.Exec(t, url, `CREATE TABLE "A" (id int PRIMARY KEY, t text); INSERT INTO "A" VALUES (1, NULL)`)
	s := client(t, true, models("model A {\n  id Int @id\n  t  String?\n  u  Int?\n}\n"), "NAAP_DATABASE_URL="+url)
	list, err := s.ListTools(t.Context(), nil)
	check(t, err)
	names, _ := Tools()
	if len(list.Tools) != len(names) {
		t.Errorf("%d tools are listed, of %d", len(list.Tools), len(names))
	}
	for _, tool := range list.Tools {
		hints := tool.Annotations
		if tool.Description == "" || hints == nil || hints.Title == "" || hints.DestructiveHint == nil || *hints.OpenWorldHint || hints.ReadOnlyHint && *hints.DestructiveHint {
			t.Errorf("%s is declared as %+v", tool.Name, hints)
		}
		args, _ := tool.InputSchema.(map[string]any)["properties"].(map[string]any)
		for name, p := range args {
			if p.(map[string]any)["description"] == nil {
				t.Errorf("the argument %s of %s is not described", name, tool.Name)
			}
		}
		if !hints.ReadOnlyHint {
			continue
		}
		text, res := call(t, s, tool.Name, sample[tool.Name])
		if res.IsError || text == "" {
			t.Errorf("%s: %s", tool.Name, text)
			continue
		}
		conforms(t, tool, res.StructuredContent)
	}
	// On a server that naap did not make, nothing changes without a person.
	text, res := call(t, s, "push", nil)
	if !res.IsError || !strings.HasPrefix(text, "external.unconfirmed: ") && !strings.Contains(text, "a person must confirm this") || strings.Contains(text, "--allow") {
		t.Errorf("push: %s", text)
	}
}

func conforms(t *testing.T, tool *mcp.Tool, answer any) {
	t.Helper()
	text, err := json.Marshal(tool.OutputSchema)
	check(t, err)
	var schema jsonschema.Schema
	check(t, json.Unmarshal(text, &schema))
	resolved, err := schema.Resolve(nil)
	check(t, err)
	if err := resolved.Validate(answer); err != nil {
		t.Errorf("%s: %v\n%v", tool.Name, err, answer)
	}
}

// A file of a repository may name a server elsewhere: nothing is sent there, and only a person can allow that.
func TestAServerThatARepositoryNamesIsNotReached(t *testing.T) {
	files := models("model A {\n  id Int @id\n}\n")
	files["naap.toml"] = "database-url = \"postgresql://db.example.com/x\"\n"
	s := client(t, true, files)
	for _, name := range []string{"schema_map", "describe_table", "sample_rows", "query", "explain", "diff", "push"} {
		text, res := call(t, s, name, sample[name])
		if !res.IsError || !strings.HasPrefix(text, "database.unknown: ") || !strings.Contains(text, "naap dev trust") || strings.Contains(text, "NAAP_TRUST=") {
			t.Errorf("%s: %s", name, text)
		}
	}
	if text, res := call(t, s, "status", nil); res.IsError || !strings.Contains(text, "database.unknown") {
		t.Errorf("status: %s", text)
	}
}

func TestWhatDestroysIsThereOnlyWhereItWasAllowed(t *testing.T) {
	names, destroy := Tools()
	s := client(t, false, nil)
	list, err := s.ListTools(t.Context(), nil)
	check(t, err)
	var listed []string
	for _, tool := range list.Tools {
		listed = append(listed, tool.Name)
		if destroy[tool.Name] || *tool.Annotations.DestructiveHint {
			t.Errorf("%s is listed", tool.Name)
		}
	}
	for _, name := range names {
		if !destroy[name] && !slices.Contains(listed, name) {
			t.Errorf("%s is not listed", name)
		}
		if !destroy[name] {
			continue
		}
		if text, res := call(t, s, name, nil); !res.IsError || !strings.HasPrefix(text, "tool.withheld: ") || strings.Contains(text, "--") {
			t.Errorf("%s: %s", name, text)
		}
	}
}

func TestALongTextIsCutBetweenCharactersWithAWord(t *testing.T) {
	for n := range 8 {
		got := clip(strings.Repeat("x", n) + strings.Repeat("日本", largest))
		if len(got) > largest || !utf8.ValidString(got) || !strings.HasSuffix(got, "ask for less, as the tool's arguments allow") {
			t.Errorf("%d bytes end with %q", len(got), got[len(got)-80:])
		}
	}
	if short := strings.Repeat("x", largest); clip(short) != short {
		t.Error("a text that fits is cut")
	}
	if got := shown(strings.Repeat("é", cellSize)); len(got) > cellSize+len("…") || !utf8.ValidString(got) {
		t.Errorf("a value has %d bytes", len(got))
	}
}

// tools in docs/agents.md are the program's.
func TestToolsInTheDocumentAreTheProgramsOwn(t *testing.T) {
	const path = "../../docs/agents.md"
	text, err := os.ReadFile(path)
	check(t, err)
	part := regexp.MustCompile(`(?s)(<!-- tools: [^\n]*-->\n).*(<!-- end of tools -->)`)
	if !part.Match(text) {
		t.Fatal("there is no place for the list")
	}
	now := part.ReplaceAll(text, []byte("${1}"+strings.ReplaceAll(toolTable(), "$", "$$")+"${2}"))
	if *updateTools {
		check(t, os.WriteFile(path, now, 0o644))
	} else if string(now) != string(text) {
		t.Errorf("the list in %s is not the program's: go test ./internal/mcpserver -run Tools -update-tools", path)
	}
}

func toolTable() string {
	var b strings.Builder
	b.WriteString("| tool | what it does | arguments |\n| --- | --- | --- |\n")
	for _, t := range tools() {
		name := "`" + t.name + "`"
		if t.kind == destroys {
			name += " (destroys)"
		} else if t.kind == adds {
			name += " (adds)"
		}
		var args []string
		for _, arg := range t.in.PropertyOrder {
			word := "`" + arg + "`"
			if !slices.Contains(t.in.Required, arg) {
				word = "[" + word + "]"
			}
			args = append(args, word+": "+t.in.Properties[arg].Description)
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", name, t.about, strings.Join(args, "; "))
	}
	return b.String()
}
