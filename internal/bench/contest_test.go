package bench

import (
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"
)

// effort is what one turn took.
type effort struct {
	wall time.Duration // elapsed, as the user waits
	cpu  time.Duration // of the measured process alone; 0 where there is not just one
}

// contender is one side of a comparison. A turn prepares what it needs, measures, and leaves nothing behind that the
// next turn would notice; its effort is that of the measured part alone.
type contender struct {
	name string
	turn func(b *testing.B) effort
}

// peer is a contender that naap is compared with.
type peer struct {
	contender
	atMost float64 // naap's aim, as a share of the peer's time; 0 where it is only shown
}

// rounds returns how many turns each contender has: NAAP_BENCH_ROUNDS, or 5.
func rounds() int {
	if n, err := strconv.Atoi(os.Getenv("NAAP_BENCH_ROUNDS")); err == nil && n > 0 {
		return n
	}
	return 5
}

// measured is a finished comparison.
type measured struct {
	name  string
	limit time.Duration // absolute aim; 0 for none
	naap  series
	peers []measuredPeer
	load  [2]string // of the machine, before and after
}

type measuredPeer struct {
	peer
	series
}

var finished struct {
	sync.Mutex
	list []measured
}

// compare lets naap and its peers take turns and notes the outcome for the table. limit is an absolute aim for naap's
// time, or 0. The number of rounds is fixed, so b.N is ignored: a call with a greater one repeats the earlier result.
func compare(b *testing.B, name string, limit time.Duration, naap contender, peers ...peer) {
	b.Helper()
	m, known := lookUp(name)
	if !known {
		m = takeTurns(b, name, limit, naap, peers)
		finished.Lock()
		finished.list = append(finished.list, m)
		finished.Unlock()
	}
	b.ReportMetric(0, "ns/op") // the whole contest's: of no use
	b.ReportMetric(milliseconds(m.naap.median()), "naap-ms")
	for _, p := range m.peers {
		b.ReportMetric(ratio(m.naap, p.series), "of-"+metricName(p.name))
	}
}

// alsoSeen adds a line without an aim to the table: another measure of naap in the same rounds, beside the same peers.
func alsoSeen(name, of string, naap series) {
	first, known := lookUp(of)
	if _, twice := lookUp(name); twice || !known || len(naap) == 0 {
		return
	}
	m := measured{name: name, naap: naap, load: first.load}
	for _, p := range first.peers {
		p.atMost = 0
		m.peers = append(m.peers, p)
	}
	finished.Lock()
	defer finished.Unlock()
	finished.list = append(finished.list, m)
}

func lookUp(name string) (measured, bool) {
	finished.Lock()
	defer finished.Unlock()
	i := slices.IndexFunc(finished.list, func(m measured) bool { return m.name == name })
	if i < 0 {
		return measured{}, false
	}
	return finished.list[i], true
}

// takeTurns runs the rounds, forward and backward in turn, so that no contender always follows the same other.
func takeTurns(b *testing.B, name string, limit time.Duration, naap contender, peers []peer) measured {
	b.Helper()
	m := measured{name: name, limit: limit, load: [2]string{load()}}
	for _, p := range peers {
		m.peers = append(m.peers, measuredPeer{peer: p})
	}
	turns := []func(){func() { m.naap = append(m.naap, naap.turn(b)) }}
	for i := range m.peers {
		p := &m.peers[i]
		turns = append(turns, func() { p.series = append(p.series, p.turn(b)) })
	}
	for range rounds() {
		for _, turn := range turns {
			turn()
		}
		slices.Reverse(turns)
	}
	m.load[1] = load()
	return m
}

// series is the efforts of one contender.
type series []effort

// median returns the median of the times; of an even number, the mean of the two in the middle.
func (s series) median() time.Duration { return median(s.walls()) }

// cpu returns the median of the processor times, or 0 where they are not known.
func (s series) cpu() time.Duration {
	all := make([]time.Duration, len(s))
	for i, e := range s {
		all[i] = e.cpu
	}
	return median(all)
}

func (s series) walls() []time.Duration {
	all := make([]time.Duration, len(s))
	for i, e := range s {
		all[i] = e.wall
	}
	return all
}

func median(all []time.Duration) time.Duration {
	if len(all) == 0 {
		return 0
	}
	all = slices.Sorted(slices.Values(all))
	return (all[(len(all)-1)/2] + all[len(all)/2]) / 2
}

// ratio returns a's median as a share of b's.
func ratio(a, b series) float64 {
	if b.median() == 0 {
		return 0
	}
	return float64(a.median()) / float64(b.median())
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
