package reset

import (
	"context"
	"fmt"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/say"
)

// warn adds what the user should know although nothing is refused.
func (s *swap) warn(format string, args ...any) {
	s.outcome.Warnings = append(s.outcome.Warnings, fmt.Sprintf(format, args...))
}

// refuseCrossing refuses where tables on both sides of the border are one: rows of one would be lost with the other.
func (s *swap) refuseCrossing() {
	for _, c := range s.links.Crossing {
		s.refuse(false, "%s: what one holds, the other shows", c)
	}
}

// detach drops what ties the schemas to the rest, in both directions.
func (s *swap) detach(ctx context.Context) error {
	sql := say.Each(append(append([]Key{}, s.links.In...), s.links.Out...), func(k Key) string { return k.drop() })
	for _, list := range [][]dependent{s.links.Dependents, s.links.Cut} {
		for _, d := range list {
			if !d.usable() {
				sql = append(sql, d.Drop...)
			}
		}
	}
	if err := s.exec(ctx, sql...); err != nil {
		return fmt.Errorf("detach the schemas: %w", err)
	}
	if err := s.dropUsable(ctx); err != nil {
		return err
	}
	for _, d := range s.links.Cut {
		if len(d.Drop) > 0 {
			s.cut = append(s.cut, lost{Kind: d.Kind, Name: d.Name, Back: d.Create})
		}
	}
	return s.toText(ctx)
}

// usable reports whether other objects can depend on it, so that the order of dropping matters.
func (d dependent) usable() bool {
	return d.Kind == "view" || d.Kind == "materialized view" || d.Kind == "function" || d.Kind == "procedure"
}

// dropUsable drops views and routines, beginning with those that nothing else uses. A view elsewhere that something
// else still uses stays, to be replaced in place; a routine cannot be, since its name includes its types.
func (s *swap) dropUsable(ctx context.Context) error {
	var todo []*dependent
	outside := len(s.links.Dependents)
	for i := range s.links.Dependents {
		todo = append(todo, &s.links.Dependents[i])
	}
	for i := range s.links.Cut {
		todo = append(todo, &s.links.Cut[i])
	}
	reasons := make([]string, len(todo))
	for again := true; again; {
		again = false
		for i, d := range todo {
			if d == nil || !d.usable() || len(d.Drop) == 0 {
				continue
			}
			refusal, err := s.try(ctx, d.Drop...)
			if err != nil {
				return fmt.Errorf("drop the %s %s: %w", d.Kind, d.Name, err)
			}
			if refusal == nil {
				todo[i], again = nil, true
			} else {
				reasons[i] = strings.ReplaceAll(postgres.Describe(refusal), "\n", " ")
			}
		}
	}
	for i, d := range todo {
		if d == nil || !d.usable() || len(d.Drop) == 0 {
			continue
		}
		d.Drop = nil
		switch {
		case i >= outside:
			s.warn("the old %s %s stays as it is and holds up what it depends on: %s", d.Kind, d.Name, reasons[i])
		case d.Kind != "view":
			s.refuse(false, "the %s %s cannot be made again: %s", d.Kind, d.Name, reasons[i])
		}
	}
	return nil
}

// toText gives the schemas' columns that have an enum elsewhere the type text until an undo, so that the enum can
// change or be dropped meanwhile. That rewrites their tables.
func (s *swap) toText(ctx context.Context) error {
	for _, c := range s.links.Typed {
		refusal, err := s.try(ctx, c.toText()...)
		if err != nil {
			return fmt.Errorf("take %s.%s off its enum: %w", c.Table, c.Name, err)
		}
		if refusal != nil {
			s.warn("the old column %s.%s keeps the enum %s, which cannot change meanwhile: %s", c.Table, c.Name, c.Enum, refusal.Message)
			continue
		}
		s.typed = append(s.typed, c)
	}
	return nil
}
