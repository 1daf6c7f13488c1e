package bench

import (
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"text/tabwriter"
	"time"
)

// TestMain prints the table after the benchmarks, and removes what they built.
func TestMain(m *testing.M) {
	code := m.Run()
	if len(finished.list) > 0 {
		fmt.Println()
		printTable(os.Stdout, finished.list)
	}
	measured := len(finished.list) > 0
	for _, print := range furtherTables {
		measured = print(os.Stdout) || measured
	}
	if measured {
		printMachine(os.Stdout)
	}
	removeProgram()
	os.Exit(code)
}

// furtherTables print what is no comparison, and report whether it was measured.
var furtherTables []func(io.Writer) bool

// printTable prints a line for each of naap's peers, and for each aim without a peer.
func printTable(w io.Writer, list []measured) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	defer t.Flush()
	fmt.Fprintln(t, "comparison\tnaap (least–most)\tcpu\tpeer\t(least–most)\tratio\taim\tmet\tload")
	for _, m := range list {
		load := m.load[0] + " → " + m.load[1]
		if m.limit > 0 || len(m.peers) == 0 {
			aim, met := "", ""
			if m.limit > 0 {
				aim, met = "≤ "+short(m.limit), yesNo(m.naap.median() <= m.limit)
			}
			fmt.Fprintf(t, "%s\t%s\t%s\t\t\t\t%s\t%s\t%s\n", m.name, m.naap, cpuOf(m.naap), aim, met, load)
		}
		for _, p := range m.peers {
			r, aim, met := ratio(m.naap, p.series), "", ""
			if p.atMost > 0 {
				aim, met = "≤ "+fraction(p.atMost), yesNo(r <= p.atMost)
			}
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", m.name, m.naap, cpuOf(m.naap), p.name, p.series, fraction(r), aim, met, load)
		}
	}
}

// String returns the median with the extremes: "312 ms (298–401)".
func (s series) String() string {
	least, most := s[0].wall, s[0].wall
	for _, e := range s {
		least, most = min(least, e.wall), max(most, e.wall)
	}
	return fmt.Sprintf("%s (%s–%s)", short(s.median()), short(least), short(most))
}

func cpuOf(s series) string {
	if s.cpu() == 0 {
		return ""
	}
	return short(s.cpu())
}

// short returns a duration with about three digits: "3.21 s", "312 ms", "4.1 ms".
func short(d time.Duration) string {
	switch ms := milliseconds(d); {
	case ms >= 1000:
		return fmt.Sprintf("%.2f s", ms/1000)
	case ms >= 100:
		return fmt.Sprintf("%.0f ms", ms)
	default:
		return fmt.Sprintf("%.1f ms", ms)
	}
}

// fraction returns a ratio as text; far below 1, it also says how many times faster that is.
func fraction(r float64) string {
	if r > 0 && r <= 0.4 {
		return fmt.Sprintf("%.3f (%.0f× faster)", r, 1/r)
	}
	return fmt.Sprintf("%.2f", r)
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// metricName makes a peer's name usable as the unit of a metric, which has no blanks.
func metricName(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		}
		return '-'
	}, name)
}

func TestTheMedianIsTheMiddleOne(t *testing.T) {
	for _, c := range []struct {
		of   []time.Duration
		want time.Duration
	}{
		{nil, 0},
		{[]time.Duration{7}, 7},
		{[]time.Duration{9, 1, 5}, 5},
		{[]time.Duration{8, 2, 4, 100}, 6},
	} {
		if got := median(c.of); got != c.want {
			t.Errorf("the median of %v is %d, want %d", c.of, got, c.want)
		}
	}
}

func TestTheTableSaysWhetherAnAimIsMet(t *testing.T) {
	naap := series{{wall: 110 * time.Millisecond}, {wall: 90 * time.Millisecond}, {wall: 100 * time.Millisecond, cpu: time.Second}}
	other := measuredPeer{peer{contender{name: "other"}, 1.3}, series{{wall: 80 * time.Millisecond}}}
	slow := measuredPeer{peer{contender{name: "slow"}, 0.1}, series{{wall: 500 * time.Millisecond}}}
	var out strings.Builder
	printTable(&out, []measured{{name: "push", limit: 99 * time.Millisecond, naap: naap, peers: []measuredPeer{other, slow}, load: [2]string{"1", "2"}}})
	for i, want := range []string{"comparison naap", "≤ 99.0 ms no", "other 80.0 ms (80.0 ms–80.0 ms) 1.25 ≤ 1.30 yes", "slow 500 ms (500 ms–500 ms) 0.200 (5× faster) ≤ 0.100 (10× faster) no"} {
		line := strings.Join(strings.Fields(strings.Split(out.String(), "\n")[i]), " ")
		if !strings.Contains(line, want) {
			t.Errorf("line %d is %q, want %q in it", i, line, want)
		}
	}
}
