//go:build unix

package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
)

// sqlGolden is a text of statements, and what was printed for it in each format.
type sqlGolden struct {
	Name  string            `json:"name"`
	SQL   string            `json:"sql"`
	Write bool              `json:"write,omitempty"`
	Out   map[string]string `json:"out"` // by format; of a long one its hash
}

// TestEveryFormatIsWhatItWas compares what is printed for values of every type, for odd names, for no rows, for
// statements that fail, in each format, with what the first naap printed that held whole results.
func TestEveryFormatIsWhatItWas(t *testing.T) {
	url := pgtest.NewDatabase(t, pgtest.With(`CREATE TABLE w (i int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED, t text)`))
	file := filepath.Join("testdata", "sql.json")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var goldens []sqlGolden
	if err := json.Unmarshal(text, &goldens); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, g := range goldens {
		for name, run := range map[string]func(*testing.T, string, ...string) string{"": toPipe, " on a terminal": onTerminal} {
			for _, format := range []string{"", "--csv", "--json"} {
				key := strings.TrimSpace(format + name)
				if _, asked := g.Out[key]; !asked {
					continue
				}
				args := []string{"dev", "sql", "--database-url", url, g.SQL}
				if format != "" {
					args = append(args, format)
				}
				if g.Write {
					args = append(args, "--write")
				}
				got := run(t, dir, args...)
				if name != "" { // both streams, with a warning about the test's role
					got = strings.ReplaceAll(got, "\r\n", "\n")
					_, got, _ = strings.Cut(got, "end sessions\n")
				}
				if len(got) > 20_000 {
					sum := sha256.Sum256([]byte(got))
					got = hex.EncodeToString(sum[:])
				}
				if os.Getenv("NAAP_TEST_UPDATE") != "" {
					g.Out[key] = got
				} else if got != g.Out[key] {
					t.Errorf("%s as %q:\n%s\nit was\n%s", g.Name, key, got, g.Out[key])
				}
			}
		}
	}
	if os.Getenv("NAAP_TEST_UPDATE") != "" {
		var out bytes.Buffer
		enc := json.NewEncoder(&out)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", " ")
		if err := enc.Encode(goldens); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// failing is a query that fails after many more rows than are held back.
const failing = "SELECT g, 1 / (100000 - g) AS r FROM generate_series(1, 200000) g"

// sqlRun runs the statements and returns both streams and the exit status.
func sqlRun(t *testing.T, url string, args ...string) (out, errs string, exit int) {
	t.Helper()
	c := exec.Command("naap", append([]string{"dev", "sql", "--database-url", url}, args...)...)
	c.Dir, c.Env = t.TempDir(), append(os.Environ(), "HOME="+t.TempDir())
	var stdout, stderr bytes.Buffer
	c.Stdout, c.Stderr = &stdout, &stderr
	_ = c.Run()
	return stdout.String(), stderr.String(), c.ProcessState.ExitCode()
}

// sqlAnswer is what the document of --json says.
type sqlAnswer struct {
	Version int
	Results []struct {
		Tag     string
		Columns []string
		Rows    [][]*string
	}
	Error *failureBody
}

func TestRowsThatCameBeforeAFailureStay(t *testing.T) {
	url := pgtest.NewDatabase(t)
	for format, first := range map[string]string{"": "g      r\n", "--csv": "g,r\n1,0\n", "--jsonl": `{"g":1,"r":0}` + "\n"} {
		args := []string{"SELECT 1 AS a; " + failing + "; SELECT 'never'"}
		if format != "" {
			args = append(args, format)
		}
		out, errs, exit := sqlRun(t, url, args...)
		if exit != 1 || !strings.Contains(errs, "division by zero") || strings.Contains(out, "never") || strings.Contains(out, "rows)") {
			t.Errorf("%s: exit status %d, %s", format, exit, errs)
		}
		if n := strings.Count(out, "\n"); !strings.Contains(out, first) || !strings.HasSuffix(out, "\n") || n < 90_000 || n > 100_010 {
			t.Errorf("%s: %d lines, beginning with %q and ending with %q", format, n, out[:40], out[len(out)-40:])
		}
	}
}

// A document that was begun is one still, and says what failed where every failure says it.
func TestADocumentThatFailsInTheMiddleEndsWithItsError(t *testing.T) {
	url := pgtest.NewDatabase(t)
	out, errs, exit := sqlRun(t, url, "SELECT 1 AS a; "+failing, "--json")
	var doc sqlAnswer
	if err := json.Unmarshal([]byte(out), &doc); err != nil {
		t.Fatalf("%v: …%s", err, out[max(0, len(out)-100):])
	}
	if exit != 1 || doc.Error == nil || doc.Error.Code != "sql.failed" || !strings.Contains(errs, "division by zero") {
		t.Errorf("exit status %d, %+v, %s", exit, doc.Error, errs)
	}
	if len(doc.Results) != 2 || doc.Results[0].Tag != "SELECT 1" || doc.Results[1].Tag != "" || len(doc.Results[1].Rows) < 90_000 {
		t.Errorf("%d results", len(doc.Results))
	}
}

func TestALongDocumentHasWhatAShortOneHas(t *testing.T) {
	url := pgtest.NewDatabase(t)
	query := "SELECT g, NULL AS n FROM generate_series(1, 20000) g; SELECT 1 AS a WHERE false; SET work_mem = '5MB'; SELECT 'é' AS b; SELECT g FROM generate_series(1, 20000) g"
	for where, run := range map[string]func(*testing.T, string, ...string) string{"terminal": onTerminal, "pipe": toPipe} {
		out := run(t, t.TempDir(), "dev", "sql", "--database-url", url, "--json", query)
		out = strings.ReplaceAll(out[strings.IndexByte(out, '{'):], "\r\n", "\n") // on a terminal, a warning comes first: the test's role is a superuser
		var doc sqlAnswer
		if err := json.Unmarshal([]byte(out), &doc); err != nil {
			t.Fatalf("%s: %v", where, err)
		}
		var tags []string
		for _, r := range doc.Results {
			tags = append(tags, fmt.Sprintf("%s%q%d", r.Tag, r.Columns, len(r.Rows)))
		}
		if got := strings.Join(tags, ", "); got != `SELECT 20000["g" "n"]20000, SELECT 0["a"]0, SET[]0, SELECT 1["b"]1, SELECT 20000["g"]20000` {
			t.Errorf("%s: %s", where, got)
		}
		if row := doc.Results[0].Rows[19999]; *row[0] != "20000" || row[1] != nil {
			t.Errorf("%s: the last row is %v", where, row)
		}
		var indented bytes.Buffer
		if err := json.Indent(&indented, []byte(out), "", "  "); err != nil {
			t.Fatal(err)
		}
		if where == "terminal" && out != indented.String() {
			t.Errorf("it is not indented as JSON is: %.300q", out)
		}
	}
}

func TestALongTableBecomesWiderFurtherDown(t *testing.T) {
	url := pgtest.NewDatabase(t)
	out, _, _ := sqlRun(t, url, "SELECT CASE g WHEN 15000 THEN 'wide value' ELSE 'x' END AS a, g FROM generate_series(1, 25000) g")
	for _, want := range []string{"a  g\nx  1\n", "\nx  10000\nx           10001\n", "\nwide value  15000\n", "\nx           25000\n(25,000 rows)\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing", want)
		}
	}
}

func TestEachRowIsALineOfJSON(t *testing.T) {
	url := pgtest.NewDatabase(t)
	out, errs, exit := sqlRun(t, url, "--jsonl", `SELECT 1.50 AS n, true AS ok, E'a"\n' AS s, '{"a": [1]}'::jsonb AS j, NULL AS z, 2 AS n, 'NaN'::float8 AS f; SET work_mem = '5MB'; VALUES (1)`)
	if want := `{"n":1.50,"ok":true,"s":"a\"\n","j":{"a":[1]},"z":null,"n_2":2,"f":"NaN"}` + "\n" + `{"column1":1}` + "\n"; out != want || exit != 0 || !strings.HasSuffix(errs, "\nSET\n") {
		t.Errorf("exit status %d\n%s%s", exit, out, errs)
	}
	if _, errs, exit := sqlRun(t, url, "--jsonl", "--csv", "SELECT 1"); exit != 2 || !strings.Contains(errs, "only one of") {
		t.Errorf("two formats: %d %s", exit, errs)
	}
}

// begunSQL starts a query whose answer is endless, and returns once some of it was read.
func begunSQL(t *testing.T, url, format, query string, more ...string) (c *exec.Cmd, out *bufio.Reader, close func() error, errs *bytes.Buffer) {
	t.Helper()
	c = exec.Command("naap", append([]string{"dev", "sql", "--database-url", url, format, query}, more...)...)
	c.Dir, c.Env = t.TempDir(), append(os.Environ(), "HOME="+t.TempDir())
	errs = &bytes.Buffer{}
	c.Stderr = errs
	pipe, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	out = bufio.NewReader(pipe)
	if _, err := out.ReadByte(); err != nil {
		t.Fatalf("nothing came: %v, %s", err, errs)
	}
	return c, out, pipe.Close, errs
}

const endlessQuery = "SELECT i, repeat('x', 1000) FROM generate_series(1, 50000) i, generate_series(1, 50000) j"

func TestAnInterruptEndsAnAnswerInTheMiddle(t *testing.T) {
	url := pgtest.NewDatabase(t)
	for _, format := range []string{"--csv", "--jsonl", "--json"} {
		c, out, _, errs := begunSQL(t, url, format, endlessQuery)
		if err := c.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		rest, _ := io.ReadAll(out)
		_ = c.Wait()
		if exit := c.ProcessState.ExitCode(); exit != 130 || !strings.Contains(errs.String(), "interrupted") || !bytes.HasSuffix(rest, []byte("\n")) {
			t.Errorf("%s: exit status %d, %s, …%q", format, exit, errs, rest[max(0, len(rest)-50):])
		}
		var doc sqlAnswer
		if format == "--json" && (json.Unmarshal(append([]byte("{"), rest...), &doc) != nil || doc.Error == nil || doc.Error.Code != "interrupted") {
			t.Errorf("the document ends with %q", rest[max(0, len(rest)-200):])
		}
	}
}

// head reads some lines and goes away: nothing is said, and the query does not go on.
func TestAReaderThatHasHadEnoughEndsTheQueryQuietly(t *testing.T) {
	url := pgtest.NewDatabase(t)
	for _, format := range []string{"--csv", "--jsonl", "--json"} {
		c, _, closes, errs := begunSQL(t, url, format, endlessQuery)
		_ = closes()
		_ = c.Wait()
		if said := strings.Split(strings.TrimSpace(errs.String()), "\n"); c.ProcessState.ExitCode() != 128+int(syscall.SIGPIPE) || len(said) > 1 { // the first is about the test's role
			t.Errorf("%s: %v, %s", format, c.ProcessState, errs)
		}
	}
	pgtest.Exec(t, url, `DO $$ BEGIN ASSERT NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'SELECT i, repeat%' AND state = 'active'); END $$`)
}

// What --write wrote does not depend on whether its answer is read to the end.
func TestAReaderThatHasHadEnoughUndoesNoWrite(t *testing.T) {
	url := pgtest.NewDatabase(t, pgtest.With("CREATE TABLE w (i int, t text)"))
	c, _, closes, errs := begunSQL(t, url, "--csv", "INSERT INTO w SELECT g, repeat('x', 100) FROM generate_series(1, 100000) g RETURNING *", "--write")
	_ = closes()
	_ = c.Wait()
	if c.ProcessState.ExitCode() != 128+int(syscall.SIGPIPE) || errs.Len() > 0 {
		t.Errorf("%v, %s", c.ProcessState, errs)
	}
	pgtest.Exec(t, url, `DO $$ BEGIN ASSERT (SELECT count(*) FROM w) = 100000; END $$`)
}

// A printer holds no more of a long answer than of one a hundred times shorter.
func TestPrintersHoldABoundedPartOfAnAnswer(t *testing.T) {
	columns := []postgres.PageColumn{{Name: "a", Kind: postgres.TextKind}, {Name: "b", Kind: postgres.TextKind}}
	row := [][]byte{bytes.Repeat([]byte("x"), 1000), nil}
	for name, f := range map[string]sqlFlags{"table": {}, "csv": {csv: true}, "lines": {lines: true}, "json": {}} {
		a := newApp(nil, nil, nil)
		a.out, a.json = io.Discard, name == "json"
		p := a.sqlPrinter(f)
		if err := p.Begin(columns); err != nil {
			t.Fatal(err)
		}
		for range 200_000 {
			if err := p.Row(row); err != nil {
				t.Fatal(err)
			}
		}
		var holds int
		switch p := p.(type) {
		case *tablePrinter:
			holds = cap(p.held) + cap(p.text) + 8*cap(p.ends)
		case *csvPrinter:
			holds = cap(p.held)
		case *linesPrinter:
			holds = cap(p.held)
		case *jsonPrinter:
			holds = cap(p.held) + cap(p.rows)
		}
		if holds > 2*tableBytes || name != "table" && holds > 4*pieceSize {
			t.Errorf("the %s holds %d bytes", name, holds)
		}
	}
}
