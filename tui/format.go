package tui

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/tui/draw"
)

// count writes a number of rows in at most six cells or so: 640, 1,020, 18.4k, 1.2M.
func count(n int64) string {
	switch {
	case n < 0:
		return "-" + count(-n)
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

// exactly writes a number with its thousands apart.
func exactly(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// rows writes a count and how far it may be trusted: "~" for an estimate, "≥" where counting stopped.
func rows(r devenv.RowCount) string {
	switch {
	case r.Capped:
		return "≥" + count(r.N)
	case !r.Exact && r.N < 0:
		return "?"
	case !r.Exact:
		return "~" + count(r.N)
	}
	return count(r.N)
}

// known is a count that is negative where nobody counted.
func known(n int64, exact bool) devenv.RowCount { return devenv.RowCount{N: n, Exact: exact && n >= 0} }

// size writes bytes: 48 kB, 2.1 MB.
func size(n int64) string {
	switch {
	case n < 0:
		return "?"
	case n < 1000:
		return strconv.FormatInt(n, 10) + " B"
	case n < 1000<<10:
		return bytesIn(n, 1<<10, "kB")
	case n < 1000<<20:
		return bytesIn(n, 1<<20, "MB")
	case n < 1000<<30:
		return bytesIn(n, 1<<30, "GB")
	}
	return bytesIn(n, 1<<40, "TB")
}

func bytesIn(n, unit int64, name string) string {
	v := float64(n) / float64(unit)
	if v < 9.95 {
		return fmt.Sprintf("%.1f %s", v, name)
	}
	return fmt.Sprintf("%.0f %s", v, name)
}

// took writes how long something lasted: 0.6 ms, 12 ms, 1.4 s.
func took(d time.Duration) string {
	switch {
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return age(d)
}

// age writes how long ago or how old: 5s, 12m, 3h, 2d.
func age(d time.Duration) string {
	switch {
	case d < 0:
		return "0s"
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh", int(d.Hours()))
	}
	return fmt.Sprintf("%dd", int(d.Hours()/24))
}

// when writes a moment as people look for it: the clock today, the day otherwise; "never" for none.
func when(t, now time.Time) string {
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

// plural writes 1 row, 2 rows.
func plural(n int64, one string) string {
	if n == 1 {
		return "1 " + one
	}
	if strings.HasSuffix(one, "y") && !strings.HasSuffix(one, "ey") {
		return exactly(n) + " " + one[:len(one)-1] + "ies"
	}
	if one[len(one)-1] == 'x' || one[len(one)-1] == 's' {
		return exactly(n) + " " + one + "es"
	}
	return exactly(n) + " " + one + "s"
}

func dimIf(yes bool) draw.Role {
	if yes {
		return draw.Dim
	}
	return draw.Plain
}
