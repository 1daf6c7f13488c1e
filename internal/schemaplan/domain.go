package schemaplan

import (
	"slices"

	"github.com/livepeer/naap-dev/internal/postgres"
)

// domainStep is one domain and the type that it is based on.
type domainStep struct {
	below   uint32
	base    columnType
	notNull bool
}

func (in *inspection) domain(row postgres.Rows) error {
	var (
		oid                uint32
		d                  domainStep
		name, schema, kind string
		modifier           int32
	)
	if err := row.Scan(&oid, &d.below, &d.notNull, &name, &schema, &kind, &d.base.List, &modifier, &d.base.Text); err != nil {
		return err
	}
	d.base.found(name, schema, kind, modifier)
	in.domains[oid] = d
	return nil
}

// domainOf returns a domain's types and conditions.
func (in *inspection) domainOf(oid uint32) *domain {
	d := &domain{}
	for {
		step, ok := in.domains[oid]
		if !ok {
			return d
		}
		d.Bases, d.NotNull, oid = append(d.Bases, step.base), d.NotNull || step.notNull, step.below
	}
}

// is reports whether a column that was found already is of a type: it has that type, or a domain over it.
func (c *column) is(want columnType, canonical string) bool {
	if sameType(c.Type, want, canonical) {
		return true
	}
	if c.Domain == nil {
		return false
	}
	return slices.ContainsFunc(c.Domain.Bases, func(base columnType) bool { return sameType(base, want, canonical) })
}

// withoutDomain returns a column as the server casts it: with the type underlying its domain.
func (c *column) withoutDomain() *column {
	if c.Domain == nil || len(c.Domain.Bases) == 0 {
		return c
	}
	out := *c
	out.Type = c.Domain.Bases[len(c.Domain.Bases)-1]
	out.Type.Text = c.Type.Text
	return &out
}

// leavesDomain notes that a column loses its domain, with the conditions that it enforces.
func (s *Step) leavesDomain(c *column) {
	if c.Domain != nil {
		s.weakens("domain " + c.Type.Text + " of " + s.Object)
	}
}
