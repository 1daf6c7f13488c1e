package backup

import (
	"bytes"
	"compress/gzip"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/remedy"
)

func gzipped(t *testing.T, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func content(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func put(t *testing.T, path string, data []byte) string {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const manyRows = `CREATE TABLE t (id int PRIMARY KEY, text text); INSERT INTO t SELECT i, md5(i::text) FROM generate_series(1, 3000) i`

func TestAPackedFileIsRestored(t *testing.T) {
	needImage(t)
	url, s := server(t, "packed")
	pgtest.Exec(t, url, manyRows)
	dir := t.TempDir()
	for _, format := range []string{"-Fc", "-Ft", "-Fp"} {
		path := filepath.Join(dir, "x"+format)
		dumpTo(t, url, path, format)
		packed := put(t, path+".gz", gzipped(t, content(t, path)))
		pgtest.Exec(t, url, `DELETE FROM t WHERE id > 1`)
		if p, err := s.readFile(container{url}, packed, Options{}); err != nil || p.File.Rows != 3000 {
			t.Errorf("%s: %s", format, said(err))
		}
		if n := number(t, url, `SELECT count(*) FROM t`); n != 3000 {
			t.Errorf("%s: %d rows", format, n)
		}
	}
}

// TestADamagedFileIsRefusedInWords truncates files at many places, and changes a byte at others. Either there is a
// meaningful message and nothing was changed, or all of the file's rows are there.
func TestADamagedFileIsRefusedInWords(t *testing.T) {
	needImage(t)
	url, s := server(t, "damaged")
	pgtest.Exec(t, url, manyRows)
	dir := t.TempDir()
	for _, format := range []string{"-Fc", "-Ft", "-Fp"} {
		path := filepath.Join(dir, "x"+format)
		dumpTo(t, url, path, format)
		whole := content(t, path)
		for name, whole := range map[string][]byte{format: whole, format + ".gz": gzipped(t, whole)} {
			for i := range 6 {
				at := len(whole) * i / 6
				refused(t, s, url, put(t, filepath.Join(dir, "cut"), whole[:at]), name, at)
				flipped := bytes.Clone(whole)
				flipped[at] ^= 0x55
				damaged := put(t, filepath.Join(dir, "flipped"), flipped)
				if p, err := s.PlanFile(context.Background(), container{url}, damaged, Limits{}); err != nil {
					inWords(t, err, name, at)
				} else if p.File.Rows > 3001 {
					t.Errorf("%s, byte %d: %d rows", name, at, p.File.Rows)
				}
			}
		}
	}
}

func refused(t *testing.T, s *Server, url, path, name string, at int) {
	t.Helper()
	_, err := s.PlanFile(context.Background(), container{url}, path, Limits{})
	if err == nil {
		t.Errorf("%s, cut off at %d: it is restored", name, at)
		return
	}
	inWords(t, err, name, at)
}

// inWords fails for an error that does not say what is wrong, or has no code.
func inWords(t *testing.T, err error, name string, at int) {
	t.Helper()
	e, ok := remedy.Of(err)
	if !ok || e.Message == "" || strings.HasSuffix(strings.TrimSpace(e.Error()), ":") || len(e.Seen) == 0 {
		t.Errorf("%s, %d: %q", name, at, said(err))
	}
}

func TestWhatIsNoDumpIsRefusedWithWhatHelps(t *testing.T) {
	url, s := server(t, "no_dump")
	dir := t.TempDir()
	made := filepath.Join(dir, "made")
	if err := os.MkdirAll(made, 0o700); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(made, "toc.dat"), []byte("PGDMP"))
	for name, c := range map[string]struct{ content, code, text string }{
		"empty":       {"", "backup.check", "the file is empty"},
		"words":       {"hello", "backup.check", "naap dev sql --write --file "},
		"binary":      {"\x00\x01\x02", "backup.check", "pg_dump --format=custom"},
		"short.dump":  {"PGDM", "backup.damaged", "cut off"},
		"noise":       {"\xf0\x9f\xff\x80 \xc3\x28 noise \xa0\xa1", "backup.check", "no mark that pg_dump writes"},
		"utf16.sql":   {"\xff\xfe-\x00-\x00", "backup.packed", "iconv -f UTF-16"},
		"umlaut.txt":  {strings.Repeat("x", 4095) + "ü", "backup.check", "it is text"},
		"all.sql.zst": {"\x28\xb5\x2f\xfd....", "backup.packed", "zstd -dc"},
		"all.sql.xz":  {"\xfd7zXZ\x00...", "backup.packed", "xz -dc"},
		"all.sql.lz4": {"\x04\x22\x4d\x18....--\n-- PostgreSQL database dump\n--\n", "backup.packed", "lz4 -dc"},
		"all.zip":     {"PK\x03\x04...", "backup.packed", "unzip -p"},
		"cluster.sql": {"--\n-- PostgreSQL database cluster dump\n--\n", "backup.cluster", "pg_dump --format=custom"},
		"cut.sql":     {"--\n-- PostgreSQL database dump\n--\n\nCREATE TABLE t (", "backup.damaged", "ends in line 5"},
		"shell.sql":   {"--\n-- PostgreSQL database dump\n--\n\n\\! touch /tmp/naap-was-here\n-- PostgreSQL database dump complete\n", "backup.psql", `\! touch`},
		"inline.sql":  {"--\n-- PostgreSQL database dump\n--\n\nSELECT 1 \\! touch /tmp/naap-was-here\n;\n-- PostgreSQL database dump complete\n", "backup.psql", `\! touch`},
	} {
		_, err := s.PlanFile(context.Background(), noTools{t}, put(t, filepath.Join(dir, name), []byte(c.content)), Limits{})
		if text := said(err); remedy.Code(err) != c.code || !strings.Contains(text, c.text) || !strings.Contains(text, "try: ") {
			t.Errorf("%s: %s: %s", name, remedy.Code(err), text)
		}
	}
	for _, c := range []struct{ path, code, text string }{
		{made, "backup.folder", "pg_restore --file=" + made + ".sql " + made},
		{dir, "backup.folder", "not one that pg_dump wrote"},
		{filepath.Join(dir, "nothing"), "backup.file", "cannot be read"},
		{"/dev/null", "backup.file", "not a regular file"},
	} {
		if _, err := s.PlanFile(context.Background(), noTools{t}, c.path, Limits{}); remedy.Code(err) != c.code || !strings.Contains(said(err), c.text) {
			t.Errorf("%s: %s", c.path, said(err))
		}
	}
	if exists("/tmp/naap-was-here") {
		t.Error("a command of the file was run")
	}
	_ = url
}

func TestAnOwnerThatIsMissingIsNamed(t *testing.T) {
	needImage(t)
	url, s := server(t, "no_owner")
	pgtest.Exec(t, url, `CREATE ROLE "prod owner"; CREATE TABLE t (); ALTER TABLE t OWNER TO "prod owner"`)
	dir := t.TempDir()
	paths := []string{filepath.Join(dir, "c"), filepath.Join(dir, "p")}
	dumpTo(t, url, paths[0], "-Fc")
	dumpTo(t, url, paths[1], "-Fp")
	pgtest.Exec(t, url, `DROP OWNED BY "prod owner"; DROP ROLE "prod owner"`)
	for _, path := range paths {
		_, err := s.readFile(container{url}, path, Options{})
		if text := said(err); remedy.Code(err) != "restore.failed" || !strings.Contains(text, `naap dev sql --write 'CREATE ROLE "prod owner"'`) {
			t.Errorf("%s", text)
		}
	}
}

func TestAFolderOfADumpBecomesAFileByThePrintedCommand(t *testing.T) {
	needImage(t)
	url, s := server(t, "folder")
	pgtest.Exec(t, url, manyRows)
	ctx, tools := context.Background(), container{url}
	if err := tools.Run(ctx, "sh", s.database, []string{"-c", "rm -rf /tmp/folder && pg_dump -Fd -f /tmp/folder && cd /tmp && tar -cf folder.tar folder"}, nil, nil); err != nil {
		t.Fatal(err)
	}
	var sql bytes.Buffer
	// The printed command, in the container where the folder is.
	if err := tools.Run(ctx, "sh", s.database, []string{"-c", "pg_restore --file=/tmp/folder.sql /tmp/folder && cat /tmp/folder.sql"}, nil, &sql); err != nil {
		t.Fatal(err)
	}
	if p, err := s.readFile(noTools{t}, put(t, filepath.Join(t.TempDir(), "folder.sql"), sql.Bytes()), Options{}); err != nil || p.File.Rows != 3000 {
		t.Errorf("%s", said(err))
	}
}

// TestADumpWithTheLinesOfWindowsIsRestored has a dump as text mode writes it, with COPY and with INSERTs, and with the
// byte order mark that an editor adds.
func TestADumpWithTheLinesOfWindowsIsRestored(t *testing.T) {
	needImage(t)
	url, s := server(t, "dos")
	pgtest.Exec(t, url, `CREATE TABLE t (id int, x text); INSERT INTO t VALUES (1, E'a\r\nb\nc\r'), (2, E'\r'), (3, '')`)
	const digest = `SELECT ('x' || substr(md5(string_agg(id || x, ';' ORDER BY id)), 1, 15))::bit(60)::bigint FROM t`
	want := number(t, url, digest)
	dir := t.TempDir()
	for name, args := range map[string][]string{"copy": nil, "inserts": {"--inserts"}} {
		path := filepath.Join(dir, name)
		dumpTo(t, url, path, args...)
		put(t, path, append([]byte("\ufeff"), bytes.ReplaceAll(content(t, path), []byte("\n"), []byte("\r\n"))...))
		pgtest.Exec(t, url, `DELETE FROM t`)
		if _, err := s.readFile(noTools{t}, path, Options{}); err != nil {
			t.Fatal(name, said(err))
		}
		if got := number(t, url, digest); got != want {
			t.Errorf("%s: the rows are others", name)
		}
	}
}
