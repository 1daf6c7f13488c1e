package reset

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/say"
)

// Limits bound what undo keeps; zero means no limit.
type Limits struct {
	Keep    int           // entries with rows of any one schema; entries without rows are counted separately
	MaxAge  time.Duration // since the reset
	MaxSize int64         // bytes on disk, of all entries together
}

// Eviction is an undo entry that a plan gives up for good, to stay within the limits.
type Eviction struct {
	ID      int       `json:"id"`
	Verb    string    `json:"verb"` // "reset" or "undo"
	Schemas []string  `json:"schemas"`
	At      time.Time `json:"at"`
	Rows    int64     `json:"rows"`
	Exact   bool      `json:"rows_exact"`
	Bytes   int64     `json:"bytes"`
	Why     string    `json:"why"`
}

// String describes the eviction for people, with what is lost by it.
func (e Eviction) String() string {
	about := "about "
	if e.Exact {
		about = ""
	}
	return fmt.Sprintf("undo entry %d (%s of %s, %s) is given up for good: %s%s, %s; %s", e.ID, e.Verb, strings.Join(e.Schemas, ", "),
		e.At.Local().Format("2 Jan 15:04"), about, say.Count(e.Rows, "row"), say.Bytes(e.Bytes), e.Why)
}

// empty reports whether undoing the entry would bring no row back.
func (e Entry) empty() bool { return e.Exact && e.Rows == 0 && e.Kept == "" }

// evictions returns the entries that have to be given up so that next fits in addition to list, which has the newest
// first. An entry counts only against others of its schema, and only if both have rows or neither has: the reset of one
// plugin never costs another plugin's rows, and emptying an empty schema again costs nothing. Only disk space is
// shared.
func evictions(list []Entry, next Entry, limits Limits, now time.Time) []Eviction {
	list = append([]Entry{next}, slices.DeleteFunc(slices.Clone(list), func(e Entry) bool { return e.Dropping })...)
	why := make([]string, len(list))
	for i, e := range list[1:] {
		switch {
		case limits.MaxAge > 0 && now.Sub(e.At) > limits.MaxAge:
			why[i+1] = fmt.Sprintf("undo.max-age is %s", days(limits.MaxAge))
		case limits.Keep > 0 && newerOfItsSchemas(list[:i+1], e) >= limits.Keep:
			why[i+1] = fmt.Sprintf("undo.keep is %d", limits.Keep)
		}
	}
	overSize(list, why, limits.MaxSize)
	var out []Eviction
	for i, e := range list {
		if why[i] != "" {
			out = append(out, Eviction{ID: e.ID, Verb: e.Verb, Schemas: e.Schemas(), At: e.At, Rows: e.Rows, Exact: e.Exact, Bytes: e.Bytes, Why: why[i]})
		}
	}
	return out
}

// newerOfItsSchemas returns how many newer entries cover e: of all its schemas, the count for the one with the fewest.
func newerOfItsSchemas(newer []Entry, e Entry) int {
	least := -1
	for _, schema := range e.Schemas() {
		n := 0
		for _, other := range newer {
			if other.empty() == e.empty() && slices.Contains(other.Schemas(), schema) {
				n++
			}
		}
		if least < 0 || n < least {
			least = n
		}
	}
	return max(least, 0)
}

// overSize marks what has to be given up for disk space, oldest first: first entries that a newer one of the same
// schema covers, then the rest. The newest entry stays, however large it is.
func overSize(list []Entry, why []string, limit int64) {
	var size int64
	for i, e := range list {
		if why[i] == "" {
			size += e.Bytes
		}
	}
	for _, spared := range []bool{true, false} {
		for i := len(list) - 1; i > 0 && limit > 0 && size > limit; i-- {
			if why[i] != "" || list[i].Bytes == 0 || spared && newerOfItsSchemas(list[:i], list[i]) == 0 {
				continue
			}
			why[i] = fmt.Sprintf("undo.max-size is %s", say.Size(limit))
			size -= list[i].Bytes
		}
	}
}

func days(d time.Duration) string {
	if d%(24*time.Hour) == 0 {
		return say.Count(d/(24*time.Hour), "day")
	}
	return d.String()
}

// evicts fills in what the plan gives up.
func (p *Plan) evicts(ctx context.Context, q postgres.Querier, limits Limits) error {
	if limits == (Limits{}) {
		return nil
	}
	list, err := List(ctx, q)
	if err != nil {
		return err
	}
	p.evictsOf(list, limits)
	return nil
}

// evictsOf fills in what the plan gives up of the entries that are there.
func (p *Plan) evictsOf(list []Entry, limits Limits) {
	for _, e := range list {
		if e.Dropping {
			p.leftOver = append(p.leftOver, e.ID)
		}
	}
	next := Entry{Rows: p.Rows, Exact: p.RowsExact, Bytes: p.Bytes}
	for _, s := range p.Schemas {
		next.Places = append(next.Places, Place{Schema: s})
	}
	if slices.ContainsFunc(p.Effects, func(e Effect) bool { return e.Rows > 0 }) {
		next.Kept = "copies"
	}
	p.Evicts = evictions(list, next, limits, time.Now())
}
