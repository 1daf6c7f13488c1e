package panes

import (
	"cmp"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/tui/draw"
)

// sessionLine is a session in its list: under the one that it waits for, where they are ordered so.
type sessionLine struct {
	postgres.ServerSession
	depth int

	blockers, blocked []postgres.ServerSession // those that it waits for, and those that wait for it, directly
}

// sessionOrders are what the list of sessions is sorted by. Each begins with what is looked for.
var sessionOrders = []string{"who waits for whom, then application", "application", "age of the transaction", "age of the state", "pid"}

// linesOf are the sessions as they came, each with those that it has to do with.
func linesOf(all []postgres.ServerSession) []sessionLine {
	byPID := map[int]int{}
	for i, s := range all {
		byPID[s.PID] = i
	}
	out := make([]sessionLine, len(all))
	for i, s := range all {
		out[i].ServerSession = s
		for _, pid := range s.Blockers {
			j, ok := byPID[pid]
			if !ok {
				out[i].blockers = append(out[i].blockers, postgres.ServerSession{Activity: postgres.Activity{PID: pid}})
				continue
			}
			out[i].blockers = append(out[i].blockers, all[j])
			out[j].blocked = append(out[j].blocked, s)
		}
	}
	return out
}

// arrangeSessions puts sessions into an order of sessionOrders.
func arrangeSessions(lines []sessionLine, order int) []sessionLine {
	out := slices.Clone(lines)
	for i := range out {
		out[i].depth = 0
	}
	slices.SortStableFunc(out, func(x, y sessionLine) int {
		byName := cmp.Or(compareNames(x.Application, y.Application), cmp.Compare(x.PID, y.PID))
		switch order {
		case 2:
			return cmp.Or(cmp.Compare(y.InTx, x.InTx), byName)
		case 3:
			return cmp.Or(cmp.Compare(y.InQuery, x.InQuery), byName)
		case 4:
			return cmp.Compare(x.PID, y.PID)
		}
		return byName
	})
	if order == 0 {
		return blockingFirst(out)
	}
	return out
}

// compareNames puts sessions without a name last.
func compareNames(x, y string) int {
	if (x == "") != (y == "") {
		return cmp.Compare(y, x)
	}
	return strings.Compare(strings.ToLower(x), strings.ToLower(y))
}

// blockingFirst puts first those that others wait for, and these under them; a session that waits for several is under
// one that waits for nobody, where there is one. The others keep their order.
func blockingFirst(lines []sessionLine) []sessionLine {
	under := map[int][]int{} // by the PID of the one above
	var roots, rest []int
	waits := map[int]bool{}
	for _, l := range lines {
		waits[l.PID] = len(l.blockers) > 0
	}
	known := map[int]bool{}
	for _, l := range lines {
		known[l.PID] = true
	}
	for i, l := range lines {
		above := parentOf(l, waits, known)
		switch {
		case above != 0:
			under[above] = append(under[above], i)
		case len(l.blockers)+len(l.blocked) > 0:
			roots = append(roots, i)
		default:
			rest = append(rest, i)
		}
	}
	var out []sessionLine
	seen := map[int]bool{}
	var add func(i, depth int)
	add = func(i, depth int) {
		if seen[i] {
			return
		}
		seen[i] = true
		l := lines[i]
		l.depth = depth
		out = append(out, l)
		for _, j := range under[l.PID] {
			add(j, depth+1)
		}
	}
	for _, i := range roots {
		add(i, 0)
	}
	for i, l := range lines { // those that wait for one another in a circle, until the server finds that
		if len(l.blockers) > 0 {
			add(i, 0)
		}
	}
	for _, i := range rest {
		add(i, 0)
	}
	return out
}

// parentOf is the PID of the session that a line stands under; 0 for none.
func parentOf(l sessionLine, waits, known map[int]bool) (pid int) {
	for _, b := range l.blockers {
		switch {
		case !known[b.PID]:
		case !waits[b.PID]:
			return b.PID
		case pid == 0:
			pid = b.PID
		}
	}
	return pid
}

// branch is what stands before a session that waits for the one above.
func (l sessionLine) branch(g *draw.Glyphs) string {
	if l.depth == 0 {
		return ""
	}
	return strings.Repeat("  ", l.depth-1) + g.BL + " "
}
