package devenv

import (
	"context"
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/livepeer/naap-dev/internal/backup"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/seedfile"
	"github.com/livepeer/naap-dev/internal/trust"
	"github.com/livepeer/naap-dev/internal/visible"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// sqlItems returns the items for the workspace's SQL that reaches out of the database: in the init script and others
// that the image runs, and in the expressions of the Prisma file. What is inside the program is naap's own.
func (e *Env) sqlItems() []trust.Item {
	var items []trust.Item
	add := func(item trust.Item, ok bool) {
		if ok && !slices.ContainsFunc(items, func(i trust.Item) bool { return i.Subject == item.Subject }) {
			items = append(items, item)
		}
	}
	if init := e.ws.Init; init != nil && init.OnDisk() {
		add(sqlItem(init.Name, init.Text))
	}
	for _, f := range e.ws.InitScripts() {
		add(sqlItem(f.Name, f.Text))
	}
	for _, f := range e.ws.SchemaFiles {
		if f.OnDisk() {
			add(schemaItem(f))
		}
	}
	return items
}

// seedItems returns the items for the seed files.
func (e *Env) seedItems(ctx context.Context) []trust.Item {
	var items []trust.Item
	files, _ := e.seedFiles(ctx) // their mistakes are reported where they are applied
	for _, f := range files {
		if item, ok := e.seedItem(f); ok {
			items = append(items, item)
		}
	}
	return items
}

// outwardKnown keeps what was found in a file's text: a verb asks several times, and seed files may be large.
var outwardKnown sync.Map // outwardKey → []postgres.Outward

type outwardKey struct {
	text [sha256.Size]byte
	seed bool // whether it is read as a seed is, by its statements
}

// outwardIn returns what find finds in a text, and searches each text once.
func outwardIn(text string, seed bool, find func(text string) []postgres.Outward) []postgres.Outward {
	key := outwardKey{sha256.Sum256([]byte(text)), seed}
	if known, ok := outwardKnown.Load(key); ok {
		return known.([]postgres.Outward)
	}
	found := find(text)
	outwardKnown.Store(key, found)
	return found
}

func sqlItem(name, text string) (trust.Item, bool) {
	return outwardItem(name, outwardIn(text, false, postgres.FindOutward))
}

// seedItem returns the item for a seed file that is not the program's own. Its rows of COPY … FROM stdin are data and
// are not searched.
func (e *Env) seedItem(f *seedfile.File) (trust.Item, bool) {
	if f.Format != seedfile.SQL || !filepath.IsAbs(e.ws.Seeds.Path) {
		return trust.Item{}, false
	}
	return outwardItem(f.Path, outwardIn(f.Text, true, func(text string) []postgres.Outward {
		list, err := f.Statements()
		if err != nil {
			return postgres.FindOutward(text)
		}
		var found []postgres.Outward
		for _, st := range list {
			for _, o := range postgres.FindOutward(st.Text) {
				o.Line += st.Line - 1
				found = append(found, o)
			}
		}
		return found
	}))
}

// outwardItem returns an item for the statements of one file. Their place is not part of it: the rest of the file may
// change.
func outwardItem(name string, found []postgres.Outward) (trust.Item, bool) {
	if len(found) == 0 {
		return trust.Item{}, false
	}
	var text []string
	for _, o := range found {
		text = append(text, o.Text+";")
	}
	return trust.Item{Kind: trust.SQL, Subject: name, Where: name + ":" + strconv.Itoa(found[0].Line), Text: strings.Join(text, "\n")}, true
}

// expressions matches the SQL inside a Prisma file, which is passed to the server as it is.
var expressions = regexp.MustCompile(`\b(?:dbgenerated|raw|Unsupported)\(\s*("(?:[^"\\]|\\.)*")`)

func schemaItem(f workspace.File) (trust.Item, bool) {
	var found []postgres.Outward
	for _, m := range expressions.FindAllStringSubmatchIndex(f.Text, -1) {
		quoted := f.Text[m[2]:m[3]]
		sql, err := strconv.Unquote(quoted)
		if err != nil {
			sql = quoted[1 : len(quoted)-1]
		}
		if postgres.WhyOutward("SELECT "+sql) != "" || len(postgres.Split(sql)) > 1 {
			found = append(found, postgres.Outward{Line: postgres.PositionAt(f.Text, m[0]).Line, Text: sql})
		}
	}
	return outwardItem(f.Name, found)
}

// isHeldSQL reports whether a file reaches out of the database and the user has not allowed that.
func (e *Env) isHeldSQL(name string) bool {
	return slices.ContainsFunc(e.held(trust.SQL), func(s trust.Standing) bool { return s.Subject == name })
}

// heldSeeds returns the names of seed files that reach out of the database where the user has not allowed that.
func (e *Env) heldSeeds(files []*seedfile.File) []string {
	var names []string
	j, _ := e.trustJudge()
	for _, f := range files {
		if item, ok := e.seedItem(f); ok && !j.Of(item).Allowed {
			names = append(names, f.Name)
		}
	}
	return names
}

// seedStandings returns the standings for what a plan of seeds would do: for its files and its command.
func (e *Env) seedStandings(p *SeedsPlan) []trust.Standing {
	var items []trust.Item
	seeds := slices.Clone(p.Held)
	for _, s := range p.Steps {
		seeds = append(seeds, s.Seed)
	}
	for _, s := range seeds {
		if s.File == nil {
			continue
		}
		if item, ok := e.seedItem(s.File); ok {
			items = append(items, item)
		}
	}
	if p.Command != nil {
		for _, item := range e.ws.Items() {
			if item.Kind == trust.SeedCommand {
				items = append(items, item)
			}
		}
	}
	j, _ := e.trustJudge()
	return j.All(items)
}

// RestoreStandings returns the standings for the statements of a backup file that reach out of the database.
func (e *Env) RestoreStandings(plan *backup.Plan) []trust.Standing {
	if plan.File == nil {
		return nil
	}
	name := plan.File.Path
	if abs, err := filepath.Abs(name); err == nil {
		name = abs
	}
	item, ok := outwardItem(name, plan.File.Outward)
	if !ok {
		return nil
	}
	j, _ := e.trustJudge()
	return []trust.Standing{j.Of(item)}
}

// mayRestore returns the error for a backup file that reaches out of the database where the user has not allowed that.
func (e *Env) mayRestore(plan *backup.Plan) error {
	held := trust.Held(e.RestoreStandings(plan))
	if len(held) == 0 {
		return nil
	}
	err := remedy.New(trust.CodeNeeded, remedy.ExitRefused, "the file has SQL that reaches out of the database, which you have not allowed")
	for _, o := range plan.File.Outward[:min(len(plan.File.Outward), 20)] {
		err.WithSeen(visible.String(fmt.Sprintf("%s:%d: it %s: %s", plan.File.Path, o.Line, o.Why, strings.Join(strings.Fields(o.Text), " "))))
	}
	return err.WithHelp(remedy.Naap("dev restore", plan.File.Path).Note("in a terminal shows it whole and asks"), upFront("sql"))
}
