package seeding

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/seedfile"
)

// Options choose what a Plan includes.
type Options struct {
	Schemas []string // only seeds of these schemas; all where empty
	Names   []string // only seeds with these names; all where empty
	Changed bool     // apply changed files again too; otherwise only pending ones
	Force   bool     // apply every file again
	Held    []string // names of files that are not applied, because the user has not allowed what they do
	Coming  []Edge   // foreign keys that tables will have, besides the existing ones
}

// Step is the application of one file.
type Step struct {
	Seed     Seed
	Replace  bool        // rows of its former application are taken back first
	Because  string      // why a file that has not changed is applied again, or ""
	Together bool        // in one transaction with the step before
	Rows     []TableRows // what happens to the rows that it brought before, once Look was called
}

// Plan is what applying would do, in order.
type Plan struct {
	Steps   []Step
	Renamed []Seed // applied under another name, which is noted
	Waiting []Seed // changed files that are left as they are, because nothing asks for them
	Held    []Seed // files that would be applied if that were allowed
}

// String returns the plan for people, one line per file, and one more for each table in which it brought rows before.
func (p Plan) String() string {
	var b strings.Builder
	for _, s := range p.Renamed {
		fmt.Fprintf(&b, "note that %s is called %s now\n", s.Was, s.Name)
	}
	for _, s := range p.Steps {
		verb := "apply"
		if s.Replace {
			verb = "replace the rows of"
		}
		fmt.Fprintf(&b, "%s %s", verb, s.Seed.Name)
		if s.Because != "" {
			b.WriteString(", " + s.Because)
		}
		b.WriteByte('\n')
		for _, r := range s.Rows {
			if text := r.String(); text != "" {
				b.WriteString("    " + text + "\n")
			}
		}
	}
	for _, s := range p.Waiting {
		fmt.Fprintf(&b, "leave %s as it is: the file has changed since it was applied\n", s.Name)
	}
	for _, s := range p.Held {
		fmt.Fprintf(&b, "leave %s out: it reaches out of the database, and you have not allowed that\n", s.Name)
	}
	return b.String()
}

// together returns the steps, grouped by transaction.
func (p Plan) together() [][]Step {
	var lists [][]Step
	for _, s := range p.Steps {
		if n := len(lists); n > 0 && s.Together {
			lists[n-1] = append(lists[n-1], s)
			continue
		}
		lists = append(lists, []Step{s})
	}
	return lists
}

// Decide looks at the database and returns which files would be applied, and in which order. A schema without files is
// an error where it was asked for by name.
func Decide(ctx context.Context, q postgres.Querier, files []*seedfile.File, opt Options) (Plan, error) {
	seeds, err := List(ctx, q, files)
	if err != nil {
		return Plan{}, err
	}
	if err := known(opt.Schemas, seeds); err != nil {
		return Plan{}, err
	}
	edges, err := foreignKeys(ctx, q)
	if err != nil {
		return Plan{}, err
	}
	edges = append(edges, opt.Coming...)
	reach, err := readReach(ctx, q)
	if err != nil {
		return Plan{}, err
	}
	var plan Plan
	chosen := map[string]bool{}
	var present []Seed
	for _, s := range seeds {
		switch {
		case s.State == Missing:
			continue
		case s.Was != "":
			plan.Renamed = append(plan.Renamed, s)
			chosen[s.Name] = opt.Force && wanted(opt.Schemas, s.Schema) && wanted(opt.Names, s.Name)
			reach.rename(s)
		case !wanted(opt.Schemas, s.Schema) || !wanted(opt.Names, s.Name):
		case s.State == Pending, opt.Force, s.State == Changed && opt.Changed:
			chosen[s.Name] = true
		case s.State == Changed:
			plan.Waiting = append(plan.Waiting, s)
		}
		present = append(present, s)
	}
	present = order(present, edges)
	because := reach.losers(present, chosen)
	for _, s := range present {
		switch {
		case !chosen[s.Name]:
		case slices.Contains(opt.Held, s.Name):
			plan.Held = append(plan.Held, s)
		default:
			plan.Steps = append(plan.Steps, Step{Seed: s, Replace: s.State != Pending, Because: because[s.Name]})
		}
	}
	reach.link(plan.Steps, edges)
	return plan, nil
}

// wanted reports whether a choice includes an item; an empty choice includes all.
func wanted(choice []string, item string) bool {
	return len(choice) == 0 || slices.Contains(choice, item)
}

func known(schemas []string, seeds []Seed) error {
	there := say.Each(seeds, func(s Seed) string { return s.Schema })
	for _, want := range schemas {
		if !slices.Contains(there, want) {
			near := say.Nearest(want, there)
			return remedy.New("seed.none", remedy.ExitUsage, "there is no seed file for the schema %q", want).
				WithHelp(remedy.Meant("dev seed", want, near, near)...).
				WithHelp(remedy.Naap("dev seed", "--fake", "100", want))
		}
	}
	return nil
}
