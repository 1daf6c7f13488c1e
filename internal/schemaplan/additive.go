package schemaplan

// Additive is the part of a plan that only adds, each step with all that it needs: safe to apply without asking. The
// rest is in HeldBack. A step that cannot run, or that needs one which is held back, is held back too.
func (p *Plan) Additive() *Plan {
	return p.only(func(s *Step) bool { return s.Class == Adds })
}

// Lossless is the part of a plan that loses no row and no value; the rest is in HeldBack.
func (p *Plan) Lossless() *Plan {
	return p.only(func(s *Step) bool { return s.Destroys == nil })
}

func (p *Plan) only(keep func(*Step) bool) *Plan {
	providers := p.providers()
	kept := make([]bool, len(p.Steps))
	for i, s := range p.Steps {
		kept[i] = s.Blocked == nil && keep(s)
	}
	for again := true; again; {
		again = false
		for i, s := range p.Steps {
			if kept[i] && !satisfied(s, providers, kept) {
				kept[i], again = false, true
			}
		}
	}
	part := *p
	part.Steps, part.HeldBack = nil, append([]*Step(nil), p.HeldBack...)
	for i, s := range p.Steps {
		if kept[i] {
			part.Steps = append(part.Steps, s)
		} else {
			part.HeldBack = append(part.HeldBack, s)
		}
	}
	return &part
}

// providers are the steps that bring about each thing that another may need.
func (p *Plan) providers() map[string][]int {
	out := map[string][]int{}
	for i, s := range p.Steps {
		for _, key := range s.provides {
			out[key] = append(out[key], i)
		}
	}
	return out
}

func satisfied(s *Step, providers map[string][]int, kept []bool) bool {
	for _, key := range s.requires {
		for _, i := range providers[key] {
			if !kept[i] {
				return false
			}
		}
	}
	return true
}
