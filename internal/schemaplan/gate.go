package schemaplan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
)

// gate is Gate for a push.
func (p *Plan) gate(allowLoss bool) error { return p.Gate("dev push", allowLoss) }

// Gate refuses a plan that cannot run, or that destroys where that was not allowed. verb is the command that allows it.
func (p *Plan) Gate(verb string, allowLoss bool) error {
	if p.uncounted {
		return remedy.New("push.uncounted", remedy.ExitFailed, "the plan was made without counting what it destroys").
			WithHelp(remedy.Again("dev push"))
	}
	if blocked := p.blocked(); len(blocked) > 0 {
		e := remedy.New("push.blocked", remedy.ExitRefused, "%s cannot run on what is there", say.Count(len(blocked), "step"))
		p.offerRenames(e, verb)
		for _, s := range blocked {
			e.WithSeen(s.where() + s.Summary + ": " + s.Blocked.Why)
			e.WithHelp(s.Blocked.Ways...)
		}
		for _, l := range p.Lacking { // a step says only the first that it lacks
			if !slices.ContainsFunc(e.Fix, func(a remedy.Advice) bool { return strings.Contains(a.String(), l.Line) }) {
				e.WithHelp(l.ways...)
			}
		}
		return e
	}
	losses, wipes := p.Losses(), p.WipeLines()
	if len(losses)+len(wipes) == 0 || allowLoss {
		return nil
	}
	e := remedy.New("push.destroys", remedy.ExitRefused, "%s would destroy data", say.Count(len(losses), "step"))
	if weakens := !slices.ContainsFunc(losses, func(s *Step) bool { return !s.Destroys.Weakens }); weakens && len(losses) > 0 {
		e = remedy.New("push.weakens", remedy.ExitRefused, "%s would take a guarantee or an index away", say.Count(len(losses), "step"))
	}
	if len(wipes) > 0 && e.Code != "push.destroys" || len(losses) == 0 {
		e = remedy.New("push.empties", remedy.ExitRefused, "the schema file has little of what the database has")
	}
	e.WithSeen(wipes...)
	for _, s := range losses {
		e.WithSeen(fmt.Sprintf("%s%s: loses %s", s.where(), s.Summary, s.Destroys.What))
	}
	p.offerRenames(e, verb)
	return e.WithHelp(remedy.Again(verb, "--accept-data-loss"))
}

// offerRenames adds the renames that would keep something. Where there are several, all of them together come first:
// one alone would be refused because of what the others still lose.
func (p *Plan) offerRenames(e *remedy.Error, verb string) {
	all := p.worthwhile()
	if len(all) > 1 {
		e.WithHelp(remedy.Line("are all of these renames? Then keep what they have: ", remedy.Again(verb, renameWords(all...)...)))
	}
	for _, r := range all {
		if len(r.With) == 0 {
			e.WithHelp(r.Advice(verb))
		}
	}
}

// worthwhile returns the renames that keep something, with those that they need and those that only appear after them.
func (p *Plan) worthwhile() []Rename {
	keep := map[string]bool{}
	for _, r := range p.Renames { // each after those that it needs
		if r.Keeps != "" || slices.ContainsFunc(r.With, func(key string) bool { return keep[key] }) {
			for _, key := range append(r.With, r.Key) {
				keep[key] = true
			}
		}
	}
	var all []Rename
	for _, r := range p.Renames {
		if keep[r.Key] {
			all = append(all, r)
		}
	}
	return all
}

// renameWords returns the flags for renames.
func renameWords(renames ...Rename) []string {
	var words []string
	for _, r := range renames {
		words = append(words, "--rename", r.Key)
	}
	return words
}

// where returns the step's place in the schema file, if it has one.
func (s *Step) where() string {
	if s.At == "" {
		return ""
	}
	return s.At + ": "
}

// Advice asks for the rename, with the command that keeps what would be lost.
func (r Rename) Advice(verb string) remedy.Advice {
	return remedy.Line(fmt.Sprintf("is %s %s now called %s? Then keep it: ", r.Kind, r.From, r.To), remedy.Again(verb, r.words()...))
}

// words returns the flags for the rename and those that it needs.
func (r Rename) words() []string {
	var words []string
	for _, key := range append(slices.Clone(r.With), r.Key) {
		words = append(words, "--rename", key)
	}
	return words
}
