package screen

import (
	"fmt"
	"strconv"
	"time"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/say"
)

// Count writes a number of rows in at most six cells or so: 640, 1,020, 18.4k, 1.2M.
func Count(n int64) string {
	switch {
	case n < 0:
		return "-" + Count(-n)
	case n < 1000:
		return strconv.FormatInt(n, 10)
	case n < 10_000:
		return fmt.Sprintf("%d,%03d", n/1000, n%1000)
	case n < 999_950:
		return scaled(n, 1000, "k")
	case n < 999_950_000:
		return scaled(n, 1_000_000, "M")
	}
	return scaled(n, 1_000_000_000, "G")
}

func scaled(n, unit int64, name string) string {
	v := float64(n) / float64(unit)
	if v >= 99.95 {
		return fmt.Sprintf("%.0f%s", v, name)
	}
	return fmt.Sprintf("%.1f%s", v, name)
}

// Rows writes a count and how far it may be trusted: "~" for an estimate, "≥" where counting stopped.
func Rows(r postgres.RowCount) string {
	switch {
	case r.Capped:
		return "≥" + Count(r.N)
	case !r.Exact && r.N < 0:
		return "?"
	case !r.Exact:
		return "~" + Count(r.N)
	}
	return Count(r.N)
}

// WithNoun writes a count with its noun: "~1.2M rows".
func WithNoun(r postgres.RowCount) string { return Rows(r) + " " + say.Form(r.N, "row", "rows") }

// Size writes bytes, which are negative where nobody measured.
func Size(n int64) string {
	if n < 0 {
		return "?"
	}
	return say.Bytes(n)
}

// When writes a moment as people look for it: the clock today, the day otherwise; "never" for none.
func When(t, now time.Time) string {
	switch {
	case t.IsZero():
		return "never"
	case t.Year() == now.Year() && t.YearDay() == now.YearDay():
		return t.Format("15:04:05")
	case now.Sub(t) < 300*24*time.Hour:
		return t.Format("2 Jan 15:04")
	}
	return t.Format("2006-01-02")
}
