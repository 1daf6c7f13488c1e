package rules

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// sample returns a report with everything in it: findings of several kinds, fixes, related places, exceptions and a
// note.
func sample(t *testing.T) *Report {
	t.Helper()
	root := t.TempDir()
	write(t, root, "packages/database/prisma/schema.prisma",
		"datasource db {\n  provider = \"postgresql\"\n  schemas  = [\"public\", \"plugin_a\"]\n}\n\nmodel X {\n  id Int @id\n\n  @@schema(\"plugin_a\")\n}\n")
	write(t, root, "bin/a b,c:d%.sh", "SCHEMAS=(public plugin_a plugin_b) # naïve: 漢字\nfor s in public plugin_a; do :; done\n")
	write(t, root, "docker/init-schemas.sql", "CREATE SCHEMA plugin_b;\n")
	write(t, root, "services/x/a.ts", "/* 漢字 */ import { PrismaClient } from '@prisma/client'\n// naap-allow: 2 an old one\nnew PrismaClient()\n// naap-allow: 3 nothing\n")
	write(t, root, ".env", "DATABASE_URL=postgresql://u:S3cr3t-word@elsewhere/x\n")
	return check(t, Options{Root: root})
}

func TestTheTextPointsAtWhatIsWrong(t *testing.T) {
	var out bytes.Buffer
	r := sample(t)
	if err := r.Text(&out, TextStyle{Diffs: true}); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	for _, want := range []string{
		".env\n  1:14  error  naap/5-one-url  DATABASE_URL points elsewhere",
		"      DATABASE_URL=postgresql://u:***********@elsewhere/x\n                   ^^^^^^^^^^^^^^^^^^^^^^",
		"  1:39  error  naap/2-own-client  this imports @prisma/client",
		"      /* 漢字 */ import { PrismaClient } from '@prisma/client'\n                                              ^^^^^^^^^^^^^^^^\n",
		"+CREATE SCHEMA plugin_a;",
		"accepted: services/x/a.ts:3: naap/2-own-client: an old one (services/x/a.ts:2)",
		"note: services/x/a.ts:4: this exception from 3-one-container covers nothing any more",
		"1 exception accepted",
		ruleOwnClient.Why,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the text lacks\n%s", want)
		}
	}
	if strings.Contains(text, "S3cr3t") || strings.Contains(text, "\x1b") {
		t.Error("a password, or a colour that was not asked for")
	}
	if t.Failed() {
		t.Log(text)
	}
	out.Reset()
	if err := r.Text(&out, TextStyle{Color: true}); err != nil || !strings.Contains(out.String(), "\x1b[31merror\x1b[0m") {
		t.Errorf("no colour: %v", err)
	}
}

func TestALongLineIsCutAroundWhatIsWrong(t *testing.T) {
	text := strings.Repeat("x", 500) + "HERE" + strings.Repeat("y", 500)
	shown, under := underline(text, 501, 505)
	at := strings.Index(under, "^")
	if len([]rune(shown)) > longest+2 || string([]rune(shown)[at:at+4]) != "HERE" || strings.TrimSpace(under) != "^^^^" {
		t.Errorf("%s\n%s", shown, under)
	}
}

func TestTheJSONHasEverythingThatTheReportHas(t *testing.T) {
	r := sample(t)
	var out bytes.Buffer
	if err := r.JSON(&out); err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Version  int
		Summary  struct{ Errors, Accepted, Notes, Fixable int }
		Findings []struct {
			Rule, Severity, Path, Message, Why, Text string
			Line, Column                             int
			Fix                                      *struct{ Diff string }
		}
		Accepted []struct{ Reason, From, Path string }
		Rules    []struct {
			ID    string
			Count int
		}
	}
	if err := json.Unmarshal(out.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Version != 1 || len(doc.Findings) != len(r.Findings) || doc.Summary.Errors != r.Count(Error) || doc.Summary.Accepted != 1 || doc.Summary.Notes != 1 {
		t.Errorf("summary %+v of %d findings", doc.Summary, len(doc.Findings))
	}
	total := 0
	for _, rule := range doc.Rules {
		total += rule.Count
	}
	if len(doc.Rules) != len(All()) || total != len(r.Findings) {
		t.Errorf("%d rules with %d findings", len(doc.Rules), total)
	}
	if f := doc.Findings[0]; f.Rule != "naap/5-one-url" || f.Severity != "error" || f.Path != ".env" || f.Line != 1 || f.Column != 14 || f.Why == "" || f.Fix == nil {
		t.Errorf("first finding %+v", f)
	}
	if a := doc.Accepted[0]; a.Reason != "an old one" || a.From != "services/x/a.ts:2" || a.Path != "services/x/a.ts" {
		t.Errorf("accepted %+v", a)
	}
}

// The schema is OASIS's own; testdata/sarif/README.md says where it is from.
func TestTheSARIFIsValidByItsSchema(t *testing.T) {
	text, err := os.ReadFile("testdata/sarif/sarif-schema-2.1.0.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("sarif.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("sarif.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]*Report{"full": sample(t), "empty": check(t, Options{Root: t.TempDir()})} {
		var out bytes.Buffer
		if err := r.SARIF(&out, "v1.2.3"); err != nil {
			t.Fatal(err)
		}
		log, err := jsonschema.UnmarshalJSON(bytes.NewReader(out.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(log); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if strings.Contains(out.String(), "S3cr3t") {
			t.Errorf("%s: a password", name)
		}
	}
	for version, want := range map[string]bool{"v1.2.3": true, "1.2.3-rc.1+x": true, "devel": false, "(devel)": false, "v1.2": false} {
		var out bytes.Buffer
		if err := sample(t).SARIF(&out, version); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(out.String(), "semanticVersion") != want {
			t.Errorf("%q is given as a semantic version: %v", version, !want)
		}
	}
	// The schema does refuse what is invalid.
	if err := schema.Validate(map[string]any{"version": "2.1.0", "runs": []any{map[string]any{}}}); err == nil {
		t.Error("a run without a tool is valid")
	}
}

func TestTheSARIFsPlacesAndSuppressionsAreTheReports(t *testing.T) {
	r := sample(t)
	var out bytes.Buffer
	if err := r.SARIF(&out, "v1.2.3"); err != nil {
		t.Fatal(err)
	}
	var log sarifLog
	if err := json.Unmarshal(out.Bytes(), &log); err != nil {
		t.Fatal(err)
	}
	run := log.Runs[0]
	if len(run.Results) != len(r.Findings)+len(r.Accepted)+len(r.Notes) {
		t.Fatalf("%d results", len(run.Results))
	}
	suppressed, escaped := 0, false
	for _, x := range run.Results {
		if run.Tool.Driver.Rules[x.RuleIndex].ID != x.RuleID {
			t.Errorf("rule index %d is not %s", x.RuleIndex, x.RuleID)
		}
		suppressed += len(x.Suppressions)
		escaped = escaped || x.Locations[0].Physical.Artifact.URI == "bin/a%20b,c:d%25.sh"
		for _, fix := range x.Fixes {
			for _, c := range fix.Changes {
				if c.Replacements[0].Deleted.CharOffset == nil {
					t.Error("a replacement without a place")
				}
			}
		}
	}
	if suppressed != 1 || !escaped {
		t.Errorf("%d suppressions; file name escaped: %v", suppressed, escaped)
	}
}

func TestGitHubsCommandsAreEscaped(t *testing.T) {
	var out bytes.Buffer
	if err := sample(t).GitHub(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"::error file=.env,line=1,col=14,endColumn=52,title=naap/5-one-url%3A One DATABASE_URL%2C to the one database::DATABASE_URL points elsewhere",
		"::error file=bin/a b%2Cc%3Ad%25.sh,line=1,",
		"::notice file=services/x/a.ts,line=4,",
		"%0A" + strings.ReplaceAll(ruleOwnClient.Why, "%", "%25"),
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("lacks %s in\n%s", want, out.String())
		}
	}
	for line := range strings.SplitSeq(strings.TrimSpace(out.String()), "\n") {
		if !strings.HasPrefix(line, "::") {
			t.Errorf("no command: %s", line)
		}
	}
}

func TestARuleIsFoundByAnyOfItsNames(t *testing.T) {
	for _, name := range []string{"2", "naap/2-own-client", "2-own-client", "own-client"} {
		if byName(name) != ruleOwnClient {
			t.Errorf("%s is not found", name)
		}
	}
	if byName("1") != ruleOneSchema || byName("10") != ruleCrossSchema || byName("") != nil || byName("client") != nil {
		t.Error("a wrong rule is found")
	}
	for i, r := range All()[:10] {
		if r.Number != i+1 || !strings.HasPrefix(r.ID, "naap/") || r.Title == "" || r.Why == "" {
			t.Errorf("rule %d is %+v", i+1, r)
		}
	}
}
