package schemaplan

import (
	"fmt"
	"strings"

	"github.com/livepeer/naap-dev/internal/remedy"
)

// Additive returns the part of a plan that only adds, each step with everything it needs: safe to apply without asking.
// The rest is in HeldBack. A step that cannot run, or that needs one that is held back, is held back too; so is one
// that adds what may be the new name of something with data in it, because afterwards nothing could be renamed to that.
func (p *Plan) Additive() *Plan {
	return p.only(func(s *Step) bool { return s.Class == Adds })
}

// only returns the part of a plan that keep chooses, except for what cannot run.
func (p *Plan) only(keep func(*Step) bool) *Plan {
	providers := p.providers()
	renames, wipes := p.renamesAt(), p.WipeLines()
	held := make([]*heldReason, len(p.Steps))
	for i, s := range p.Steps {
		if r, found := renames[s.Object]; s.Blocked != nil || !keep(s) || found && s.comesAs(r) {
			held[i] = s.held(r, found)
			if s.Kind == DropTable && s.Destroys == nil && s.Blocked == nil && len(wipes) > 0 {
				*held[i] = heldReason{Why: "belongs to a plan that " + strings.Join(wipes, ", "), Ways: []remedy.Advice{remedy.Again("dev push", "--accept-data-loss")}}
			}
		}
	}
	for again := true; again; {
		again = false
		for i, s := range p.Steps {
			if j := unmet(s, providers, held); held[i] == nil && j >= 0 {
				held[i], again = &heldReason{Why: "needs what is held back: " + p.Steps[j].Summary, Ways: []remedy.Advice{}}, true
			}
		}
	}
	part := *p
	part.Steps, part.HeldBack = nil, append([]*Step(nil), p.HeldBack...)
	for i, s := range p.Steps {
		if held[i] == nil {
			part.Steps = append(part.Steps, s)
			continue
		}
		left := *s
		left.Held = held[i]
		part.HeldBack = append(part.HeldBack, &left)
	}
	part.Wipes = part.wipes()
	return &part
}

// renamesAt returns the renames that would keep data, by what is removed and by what is added.
func (p *Plan) renamesAt() map[string]Rename {
	out := map[string]Rename{}
	for _, r := range p.Renames {
		if r.Keeps != "" && !r.guess && len(r.With) == 0 {
			out[r.From], out[r.To] = r, r
		}
	}
	return out
}

// comesAs reports whether the step creates what may be the new name of something.
func (s *Step) comesAs(r Rename) bool {
	made := map[string]Kind{"column": addColumn, "table": CreateTable, "enum": createEnum}
	return s.Object == r.To && s.Kind == made[r.Kind]
}

// held returns the reason why a step itself is left out.
func (s *Step) held(r Rename, renamed bool) *heldReason {
	var h *heldReason
	switch {
	case s.Blocked != nil:
		h = &heldReason{Why: "cannot run: " + s.Blocked.Why, Ways: append([]remedy.Advice{}, s.Blocked.Ways...)}
	case renamed && s.comesAs(r):
		h = &heldReason{Why: fmt.Sprintf("may be the new name of %s %s, which has %s", r.Kind, r.From, r.Keeps), Ways: []remedy.Advice{remedy.Line("if it is not: ", remedy.Again("dev push", "--accept-data-loss"))}}
	case s.Destroys != nil:
		h = &heldReason{Why: "loses " + s.Destroys.What, Ways: []remedy.Advice{remedy.Again("dev push", "--accept-data-loss")}}
	default:
		h = &heldReason{Why: "changes what is there", Ways: []remedy.Advice{remedy.Again("dev push")}}
	}
	if renamed {
		h.Ways = append([]remedy.Advice{remedy.Line("if "+r.From+" is now called "+r.To+": ", remedy.Again("dev push", r.words()...))}, h.Ways...)
	}
	return h
}

// providers returns the steps that provide each thing that another may need.
func (p *Plan) providers() map[string][]int {
	out := map[string][]int{}
	for i, s := range p.Steps {
		for _, key := range s.provides {
			out[key] = append(out[key], i)
		}
	}
	return out
}

// unmet returns a step that s needs and that is held back, or -1.
func unmet(s *Step, providers map[string][]int, held []*heldReason) int {
	for _, key := range s.requires {
		for _, i := range providers[key] {
			if held[i] != nil {
				return i
			}
		}
	}
	return -1
}
