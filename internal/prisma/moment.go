package prisma

import (
	"time"

	"github.com/livepeer/naap-dev/internal/lazy"
)

// Moment is an RFC 3339 date and time, in its parts. A second may be 60, a leap second.
type Moment struct {
	Date       string // "2024-01-31"
	Time       string // "23:59:60"
	Nanosecond int    // a fraction is truncated after nine digits
	Zone       string // "+00:00" for Z
}

var momentForm = lazy.Regexp{Text: `^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)$`}

// ParseMoment parses the default of a DateTime, as Prisma does: a blank may replace the T, letters may be lower-case,
// and any minute may have a second 60. ok is false for anything else.
func ParseMoment(text string) (m Moment, ok bool) {
	parts := momentForm.Get().FindStringSubmatch(text)
	if parts == nil {
		return m, false
	}
	m = Moment{Date: parts[1], Time: parts[2], Zone: parts[4]}
	for i, digit := range append([]byte(parts[3]), "0000000000"...)[:10] {
		if i > 0 { // the point, or where it would be
			m.Nanosecond = m.Nanosecond*10 + int(digit-'0')
		}
	}
	if len(m.Zone) == 1 || m.Zone == "-00:00" {
		m.Zone = "+00:00"
	}
	clock := m.Time
	if clock[6:] == "60" {
		clock = clock[:6] + "59"
	}
	_, err := time.Parse(time.DateTime, m.Date+" "+clock)
	_, zoneErr := time.Parse("15:04", m.Zone[1:])
	return m, err == nil && zoneErr == nil
}
