package schemaplan

import (
	"fmt"

	"github.com/livepeer/naap-dev/internal/remedy"
)

// gate refuses a plan that cannot run, and one that destroys where that was not allowed.
func (p *Plan) gate(allowLoss bool) error {
	if p.uncounted {
		return remedy.New("push.uncounted", remedy.ExitFailed, "the plan was made without counting what it destroys").
			WithFix("naap dev push")
	}
	if blocked := p.Blocked(); len(blocked) > 0 {
		e := remedy.New("push.blocked", remedy.ExitRefused, "%s cannot run on the data that is there", count(len(blocked), "step"))
		for _, s := range blocked {
			e.WithSeen(s.where() + s.Summary + ": " + s.Blocked.Why)
			for _, way := range s.Blocked.Ways {
				e.WithFix(way)
			}
		}
		return e
	}
	losses, wipes := p.Losses(), p.wipeLines()
	if len(losses)+len(wipes) == 0 || allowLoss {
		return nil
	}
	e := remedy.New("push.destroys", remedy.ExitRefused, "%s would destroy data", count(len(losses), "step"))
	if len(losses) == 0 {
		e = remedy.New("push.empties", remedy.ExitRefused, "the schema file has little of what the database has")
	}
	e.WithSeen(wipes...)
	for _, s := range losses {
		e.WithSeen(fmt.Sprintf("%s%s: loses %s", s.where(), s.Summary, s.Destroys.What))
	}
	for _, r := range p.Renames {
		if r.Keeps != "" {
			e.WithFix(fmt.Sprintf("is %s %s now called %s? Then keep it: naap dev push --rename '%s'", r.Kind, r.From, r.To, r.Key))
		}
	}
	return e.WithFix("naap dev push --accept-data-loss")
}

// where is the step's place in the schema file, if it has one.
func (s *Step) where() string {
	if s.At == "" {
		return ""
	}
	return s.At + ": "
}

// Table is the table that the step is about, or the zero QName.
func (s *Step) Table() QName { return s.table }
