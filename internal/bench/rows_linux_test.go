package bench

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/memtest"
	"github.com/livepeer/naap-dev/internal/postgres"
)

// mostRowsMemory is the limit in MB for a process that writes rows, however many there are.
const mostRowsMemory = 60

// BenchmarkRows writes two million rows of the usual types to a file in memory, each format beside psql's \copy of the
// same rows as CSV: `naap dev sql` as a whole process, the terminal app's export in this one. It also reports the peak
// memory of each.
func BenchmarkRows(b *testing.B) {
	needProgram(b, "psql")
	const n = 2_000_000
	in := newServer(b)
	query(b, in.url("naap"), nil, `CREATE TABLE public.event (id bigint PRIMARY KEY, name text, price numeric(12,2), at timestamptz, ok boolean, extra jsonb)`)
	query(b, in.url("naap"), nil, fmt.Sprintf(`INSERT INTO public.event SELECT g, 'item number ' || g || CASE WHEN g %% 10 = 0 THEN ', with "quotes"' ELSE '' END,
		g * 1.25, timestamptz '2024-01-01' + g * interval '7.123 s', g %% 3 = 0,
		jsonb_build_object('n', g, 'tags', jsonb_build_array('a', 'b'), 'note', CASE WHEN g %% 7 = 0 THEN NULL ELSE 'x' END) FROM generate_series(1, %d) g`, n))
	query(b, in.url("naap"), nil, "VACUUM ANALYZE public.event")
	dir := memtest.Dir(b)
	file := filepath.Join(dir, "rows")
	const rows = "SELECT * FROM public.event"

	psql := contender{`psql \copy, CSV`, func(b *testing.B) effort {
		return run(b, exec.Command("psql", "--no-psqlrc", "--quiet", "--dbname", in.url("naap"), "--command", `\copy (`+rows+`) TO '`+file+`' CSV HEADER`))
	}}
	psql.turn(b) // the table is in memory from now on
	whole := size(b, file)
	for _, format := range []string{"csv", "json", "jsonl"} {
		peak := int64(0)
		name := "dev sql --" + format
		compare(b, name+", 2,000,000 rows", 0, contender{"naap " + name, func(b *testing.B) effort {
			took, memory := in.runInto(b, file, "dev", "sql", "--"+format, rows)
			peak = max(peak, memory)
			mustHave(b, file, format, whole)
			return took
		}}, peer{psql, 1.2})
		noteMemory(name+", 2,000,000 rows", peak, mostRowsMemory)
	}
	db, err := postgres.Open(context.Background(), in.url("naap"), postgres.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	for _, format := range []postgres.ExportFormat{postgres.ExportCSV, postgres.ExportJSON, postgres.ExportJSONLines} {
		peak := int64(0)
		name := "export as " + string(format)
		compare(b, name+", 2,000,000 rows", 0, contender{"naap, " + name, func(b *testing.B) effort {
			out, err := os.Create(file)
			if err != nil {
				b.Fatal(err)
			}
			defer out.Close()
			forgetPeak(b)
			began := time.Now()
			_, err = db.Export(context.Background(), out, postgres.ExportRequest{Table: postgres.TableRef{Schema: "public", Name: "event"}, Format: format}, func(int64, int64) {})
			took := time.Since(began)
			if err != nil {
				b.Fatal(err)
			}
			peak = max(peak, memoryOf("self", "VmHWM:"))
			mustHave(b, file, string(format), whole)
			return effort{wall: took}
		}}, peer{psql, 1.2})
		noteMemory(name+", 2,000,000 rows", peak, mostRowsMemory)
	}
}

// runInto runs naap with a file as its standard output, and returns its peak memory in MB as well.
func (in *instance) runInto(b *testing.B, file string, args ...string) (took effort, peak int64) {
	b.Helper()
	out, err := os.Create(file)
	if err != nil {
		b.Fatal(err)
	}
	defer out.Close()
	c := in.command(args...)
	c.Stdout = out
	return watched(b, c)
}

// forgetPeak has this process's peak memory counted from now on.
func forgetPeak(b *testing.B) {
	b.Helper()
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		b.Log("the peak memory includes that of earlier turns:", err)
	}
}

// mustHave makes sure that a contender has written all rows: of CSV, as many bytes as psql.
func mustHave(b *testing.B, file, format string, csv int64) {
	b.Helper()
	if n := size(b, file); format == "csv" && n != csv || n < csv {
		b.Fatalf("%d bytes as %s; psql's CSV has %d", n, format, csv)
	}
}

func size(b *testing.B, file string) int64 {
	b.Helper()
	info, err := os.Stat(file)
	if err != nil {
		b.Fatal(err)
	}
	return info.Size()
}
