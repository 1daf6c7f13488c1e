package bench

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
)

// onTerminal is naap in a pseudo-terminal: what it has written so far, and when it began.
type onTerminal struct {
	tty   *os.File
	cmd   *exec.Cmd
	began time.Time
	seen  bytes.Buffer
	buf   [64 << 10]byte
}

func (in *instance) sit(b *testing.B, args ...string) *onTerminal {
	b.Helper()
	c := in.command(args...)
	c.Env = append(c.Env, "TERM=xterm-256color", "LC_ALL=C.UTF-8")
	s := &onTerminal{cmd: c, began: time.Now()}
	var err error
	if s.tty, err = pty.StartWithSize(c, &pty.Winsize{Cols: 160, Rows: 45}); err != nil {
		b.Fatal(err)
	}
	return s
}

// until reads until a text appears that was not there before, and returns the time since naap was started.
func (s *onTerminal) until(b *testing.B, text string) time.Duration {
	b.Helper()
	_ = s.tty.SetReadDeadline(time.Now().Add(time.Minute))
	for !bytes.Contains(s.seen.Bytes(), []byte(text)) {
		n, err := s.tty.Read(s.buf[:])
		s.seen.Write(s.buf[:n])
		if err != nil {
			b.Fatalf("%q never came: %v\n%q", text, err, s.seen.Bytes()[max(0, s.seen.Len()-2000):])
		}
	}
	return time.Since(s.began)
}

// fresh forgets what was read.
func (s *onTerminal) fresh() { s.seen.Reset() }

func (s *onTerminal) leave() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
	_ = s.tty.Close()
}

// The end of the first frame, and what the dashboard says when every row is counted.
const (
	frameEnds = "\x1b[45;H"
	counted   = "counted 112 tables"
)

// BenchmarkTerminalStart measures from the process's start to its first frame, and to all exact counts.
func BenchmarkTerminalStart(b *testing.B) {
	in := newInstance(b, "embedded", naapRepo(b))
	in.up(b)
	var counts series
	frame := contender{"naap dev", func(b *testing.B) effort {
		s := in.sit(b, "dev")
		defer s.leave()
		first := s.until(b, frameEnds)
		counts = append(counts, effort{wall: s.until(b, counted)})
		return effort{wall: first}
	}}
	version := contender{"naap version (a process that does nothing)", func(b *testing.B) effort { return in.run(b, "version") }}
	compare(b, "terminal, start → first frame", 50*time.Millisecond, frame, peer{contender: version})
	once(b, "terminal, start → all exact counts, 112 tables", 250*time.Millisecond, counts)
}

// BenchmarkTerminalKeyUnderLoad measures from a key to the frame that it changes, while rows are made up.
func BenchmarkTerminalKeyUnderLoad(b *testing.B) {
	in := newInstance(b, "embedded", naapRepo(b))
	in.up(b)
	s := in.sit(b, "dev")
	defer s.leave()
	s.until(b, counted)
	load := in.command("dev", "seed", "--fake", "20000")
	if err := load.Start(); err != nil {
		b.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- load.Wait() }()
	var all series
	for i := 0; len(all) < 300 && len(ended) == 0; i++ {
		s.fresh()
		began := time.Now()
		if _, err := s.tty.WriteString(string("jk"[i%2])); err != nil {
			b.Fatal(err)
		}
		s.until(b, frameEnds)
		all = append(all, effort{wall: time.Since(began)})
		time.Sleep(20 * time.Millisecond)
	}
	_ = load.Process.Kill()
	// The aim is about the p99, as a series of one.
	slow := percentile99(all)
	once(b, "terminal, key → frame under seeding, p99 of "+strconv.Itoa(len(all)), 33*time.Millisecond, series{{wall: slow}})
	once(b, "terminal, key → frame under seeding", 0, all)
}

func percentile99(all series) time.Duration {
	walls := slices.Sorted(slices.Values(all.walls()))
	return walls[len(walls)*99/100]
}

// BenchmarkTerminalPages measures the first, the next and the last page of a table of NAAP_BENCH_PAGE_ROWS rows, or ten
// million, ordered by its primary key, from the key press to the frame that shows it; and the peak resident memory.
func BenchmarkTerminalPages(b *testing.B) {
	rows := 10_000_000
	if n, err := strconv.Atoi(os.Getenv("NAAP_BENCH_PAGE_ROWS")); err == nil && n > 0 {
		rows = n
	}
	in := newInstance(b, "embedded", naapRepo(b))
	in.up(b)
	query(b, in.url("naap"), nil, `CREATE TABLE "plugin_capacity"."Aaa" (id bigint PRIMARY KEY, name text NOT NULL, at timestamptz NOT NULL)`)
	query(b, in.url("naap"), nil, `INSERT INTO "plugin_capacity"."Aaa" SELECT n, 'row-' || n, now() FROM generate_series(1, `+strconv.Itoa(rows)+`) n`)
	query(b, in.url("naap"), nil, `ANALYZE "plugin_capacity"."Aaa"`)
	var first, next, last series
	memory := int64(0)
	for range rounds() {
		s := in.sit(b, "dev")
		s.until(b, "Aaa")
		press := func(key, text string) effort {
			s.fresh()
			began := time.Now()
			if _, err := s.tty.WriteString(key); err != nil {
				b.Fatal(err)
			}
			s.until(b, text)
			return effort{wall: time.Since(began)}
		}
		press("2", frameEnds)
		press("\r", "> ")
		first = append(first, press("4", "row-1"))
		last = append(last, press("G", "row-"+strconv.Itoa(rows)))
		press("g", "row-1")
		next = append(next, press("\x1b[6~\x1b[6~\x1b[6~", "row-90"))
		memory = max(memory, resident(s.cmd.Process.Pid))
		s.leave()
	}
	name := "terminal, " + strconv.Itoa(rows) + " rows by primary key, "
	once(b, name+"first page", 100*time.Millisecond, first)
	once(b, name+"three pages on", 100*time.Millisecond, next)
	once(b, name+"last page", 100*time.Millisecond, last)
	once(b, name+"resident at most "+judged(float64(memory), 64, "MB"), 0, last)
	b.ReportMetric(float64(memory), "naap-MB")
}

// judged returns a figure other than a time, with its aim and whether that is met.
func judged(got, aim float64, unit string) string {
	return fmt.Sprintf("%.4g %s (aim ≤ %g, met: %s)", got, unit, aim, yesNo(got <= aim))
}

// BenchmarkTerminalFrames runs the benchmarks of frames in the terminal app's own package: one at 160×45, and with
// 5,000 tables a key, a letter of a filter, of the palette, of a statement that is completed, and a refresh.
func BenchmarkTerminalFrames(b *testing.B) {
	aims := map[string]struct {
		name string
		aim  time.Duration
	}{
		"Frame160x45":         {"terminal, one frame at 160×45", time.Millisecond},
		"FrameOfRows":         {"terminal, a key and its frame in a page of rows", time.Millisecond},
		"KeyIn5000Tables":     {"terminal, 5,000 tables in 50 schemas, a key and its frame", 16 * time.Millisecond},
		"FilterIn5000Tables":  {"terminal, 5,000 tables in one schema, two letters of a filter and their frames", 16 * time.Millisecond},
		"RefreshOf5000Tables": {"terminal, 5,000 tables in 50 schemas, a refresh and its frame", 16 * time.Millisecond},
	}
	for _, what := range []struct{ bench, name string }{
		{"KeyIn5000Tables", "5,000 tables, a key"}, {"FilterIn5000Tables", "5,000 tables, a letter of a filter"}, {"PaletteIn5000Tables", "5,000 tables, a letter in the palette"},
		{"CompletionIn5000Tables", "5,000 tables, a letter that is completed"}, {"EditedRows", "a page of rows with changes pending, a key"},
	} {
		aims[what.bench+" p99"] = struct {
			name string
			aim  time.Duration
		}{"terminal, " + what.name + " and its frame, p99", 33 * time.Millisecond}
	}
	found := map[string]series{}
	out, err := exec.Command("go", "test", "-run", "^$", "-bench", ".", "-benchtime", "300ms", "-count", strconv.Itoa(rounds()), "github.com/livepeer/naap-dev/tui").CombinedOutput()
	if err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		f := strings.Fields(line)
		if len(f) < 4 || f[3] != "ns/op" {
			continue
		}
		name, _, _ := strings.Cut(strings.TrimPrefix(f[0], "Benchmark"), "-")
		ns, err := strconv.ParseFloat(f[2], 64)
		if err != nil {
			b.Fatal(err)
		}
		found[name] = append(found[name], effort{wall: time.Duration(ns)})
		if i := slices.Index(f, "p99-ms/key"); i > 0 {
			ms, err := strconv.ParseFloat(f[i-1], 64)
			if err != nil {
				b.Fatal(err)
			}
			found[name+" p99"] = append(found[name+" p99"], effort{wall: time.Duration(ms * 1e6)})
		}
	}
	for name, a := range aims {
		if len(found[name]) == 0 {
			b.Errorf("%s was not measured: %s", name, out)
		}
		once(b, a.name, a.aim, found[name])
	}
	b.ReportMetric(0, "ns/op")
}

// resident returns a process's memory in megabytes.
func resident(pid int) int64 { return memoryOf(strconv.Itoa(pid), "VmRSS:") }

// BenchmarkTerminalAtRest measures the processor time of ten seconds in which no key is pressed, and how often the
// server is asked in another ten. What is sent at once counts as one question: its statements are answered in one round
// trip.
func BenchmarkTerminalAtRest(b *testing.B) {
	const rest = 10 * time.Second
	in := newInstance(b, "embedded", naapRepo(b))
	in.up(b)
	s := in.sit(b, "dev")
	defer s.leave()
	s.until(b, counted)
	go func() {
		// What it writes must be read, or it waits for the terminal.
		var sink [4096]byte
		for {
			if _, err := s.tty.Read(sink[:]); err != nil {
				return
			}
		}
	}()
	time.Sleep(3 * time.Second)
	cpu := processorTime(s.cmd.Process.Pid)
	time.Sleep(rest)
	spent := processorTime(s.cmd.Process.Pid) - cpu
	asked, latest := 0, 0.0
	for end := time.Now().Add(rest); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		var began float64
		query(b, in.url("postgres"), &began, `SELECT coalesce(extract(epoch FROM max(query_start)), 0)::float8 FROM pg_stat_activity
WHERE datname = 'naap' AND backend_type = 'client backend'`)
		if began > latest+0.1 {
			asked++
		}
		latest = began
	}
	asked-- // asked before the first look
	once(b, "terminal at rest, processor time of "+short(rest), rest/100, series{{wall: spent}})
	each := float64(asked) / rest.Seconds() * 2
	once(b, "terminal at rest, "+judged(each, 1, "questions in 2 s"), 0, series{{wall: rest}})
	b.ReportMetric(each, "questions-in-2s")
	b.ReportMetric(0, "ns/op")
}

// processorTime returns what a process has used so far, in the kernel's hundredths of a second.
func processorTime(pid int) time.Duration {
	text, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	_, rest, _ := strings.Cut(string(text), ") ")
	f := strings.Fields(rest)
	if len(f) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(f[11])
	system, _ := strconv.Atoi(f[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}

// once adds a line without a peer to the table.
func once(b *testing.B, name string, limit time.Duration, naap series) {
	b.Helper()
	if _, known := lookUp(name); known || len(naap) == 0 {
		return
	}
	finished.Lock()
	finished.list = append(finished.list, measured{name: name, limit: limit, naap: naap, load: [2]string{load(), load()}})
	finished.Unlock()
	b.ReportMetric(milliseconds(naap.median()), metricName(name)+"-ms")
}
