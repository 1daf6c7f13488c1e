package rules

// fault is something wrong that shows in several places: what is found in each becomes one finding, unless an
// exception sets it aside there.
type fault struct {
	least   int                          // below this number of places, each is a finding of its own
	label   func(part Finding) string    // what is in a place after the first
	message func(parts []Finding) string // of all together
	fix     func(parts []Finding) *Fix   // what mends all of them, or nil
}

// partOf records that the last finding is a part of a fault.
func (r *run) partOf(whole *fault) { r.findings[len(r.findings)-1].whole = whole }

// fold makes one finding of the parts of each fault, at the place of the first of them.
func fold(findings []Finding) []Finding {
	parts := map[*fault][]Finding{}
	for _, f := range findings {
		if f.whole != nil {
			parts[f.whole] = append(parts[f.whole], f)
		}
	}
	var out []Finding
	told := map[*fault]bool{}
	for _, f := range findings {
		all := parts[f.whole]
		switch {
		case f.whole == nil || len(all) < f.whole.least:
			out = append(out, f)
		case !told[f.whole]:
			told[f.whole] = true
			out = append(out, f.whole.join(all))
		}
	}
	return out
}

func (w *fault) join(parts []Finding) Finding {
	f := parts[0]
	f.Message = w.message(parts)
	for _, p := range parts[1:] {
		f.Severity = max(f.Severity, p.Severity)
		at := p.Place
		at.Label = w.label(p)
		f.Related = append(f.Related, at)
	}
	if w.fix != nil {
		f.Fix = w.fix(parts)
	}
	return f
}
