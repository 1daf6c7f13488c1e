package migrate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// squashRange returns which migrations are squashed, from one name to another, and which come before and after them.
func (f *Folder) squashRange(from, to string) (before, replaced, after []Migration, err error) {
	first, last := 0, len(f.Migrations)-1
	for _, end := range []struct {
		name, flag string
		at         *int
	}{{from, "--from", &first}, {to, "--to", &last}} {
		if end.name == "" {
			continue
		}
		if *end.at = slices.Index(f.names(), end.name); *end.at < 0 {
			return nil, nil, nil, unknownIn("migrate squash", end.name, f.names(), "P3017", end.flag)
		}
	}
	if last-first < 1 {
		r := remedy.New("migrate.squash", remedy.ExitRefused, "a squash takes at least two migrations")
		if first > last {
			r.WithSeen(fmt.Sprintf("%s comes before %s", visible.String(to), visible.String(from)))
		}
		return nil, nil, nil, r.WithHelp(remedy.Naap("migrate status").Note("lists them"))
	}
	return f.Migrations[:first], f.Migrations[first : last+1], f.Migrations[last+1:], nil
}

// squashName returns the name of the migration that stands for others: the time of the last of them and what the user
// calls it. It sorts where they did, for both of Prisma's orders.
func (f *Folder) squashName(called string, before, replaced, after []Migration) (string, error) {
	called = Slug(called)
	if called == "" {
		called = "squashed"
	}
	last := replaced[len(replaced)-1].Name
	stamp := last[:len(last)-len(strings.TrimLeft(last, "0123456789"))]
	fits := func(name string) bool {
		sorts := func(a, b string) bool { return collate(a, b) < 0 && a < b }
		_, taken := f.Named(name)
		return !taken && (len(before) == 0 || sorts(before[len(before)-1].Name, name)) && (len(after) == 0 || sorts(name, after[0].Name))
	}
	for _, base := range []string{stamp, last, replaced[0].Name} {
		for n := 1; n < 100; n++ {
			name := strings.TrimPrefix(base+"_"+called, "_")
			if n > 1 {
				name += fmt.Sprint("_", n)
			}
			if len(name) <= nameLimit && fits(name) {
				return name, nil
			}
		}
	}
	return "", remedy.New("migrate.squash", remedy.ExitRefused, "no name sorts where the squashed migrations do").
		WithHelp(remedy.Again("migrate squash", "--name", "another"))
}
