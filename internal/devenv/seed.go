package devenv

import (
	"context"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/reach"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/seedfile"
	"github.com/livepeer/naap-dev/internal/seeding"
	"github.com/livepeer/naap-dev/internal/trust"
	"github.com/livepeer/naap-dev/internal/visible"
)

// SeedsResult is the outcome of applying seeds.
type SeedsResult struct {
	Applied []seeding.Seed
	Rows    int64
	Waiting []seeding.Seed // changed files that were left as they are
	Held    []seeding.Seed // files that were left out, because the user has not allowed what they do

	Commands []CommandRun // the workspace's own seed commands, as far as they were decided on
}

// SeedOptions says what Seed applies.
type SeedOptions struct {
	Schemas       []string // only seeds of these schemas; all if empty
	Names         []string // only seeds of these names; all if empty
	Force         bool     // also those that are applied and unchanged
	AllowExternal bool
}

const seedsStep, seedsTitle = "seeds", "Apply seeds"

// Seed applies seed files that have changed, and those that were never applied.
func (e *Env) Seed(ctx context.Context, opt SeedOptions, report progress.Report) (*SeedsResult, error) {
	report = progress.Clock(report)
	if err := e.mayPush(PushOptions{AllowExternal: opt.AllowExternal}); err != nil {
		return nil, err
	}
	db, release, err := e.lockAndConnect(ctx, "seed")
	if err != nil {
		return nil, err
	}
	defer release()
	seeds, err := e.decideSeeds(ctx, db, seeding.Options{Schemas: opt.Schemas, Names: opt.Names, Changed: true, Force: opt.Force})
	if err != nil {
		return &SeedsResult{}, failed(report, seedsStep, seedsTitle, err)
	}
	out, err := e.applySeeds(ctx, db, seeds, report)
	if err == nil && len(opt.Schemas) == 0 {
		out.Commands, err = e.askedCommands(ctx, db, opt.commands(), len(out.Applied) == 0, report)
	}
	return &out, err
}

// commands returns the choice of the workspace's own commands, which belong to no schema.
func (opt SeedOptions) commands() commandsAsked {
	asked := commandsAsked{asked: true, force: opt.Force}
	if len(opt.Names) > 0 {
		asked.names = opt.Names
	}
	return asked
}

// SeedsPlan is what Seed would do.
type SeedsPlan struct {
	seeding.Plan
	Options  SeedOptions      // with which it was made
	Commands []PlannedCommand // the workspace's own commands that are due

	// Standings are all that the files of this plan would make run or reach, and whether it was allowed.
	Standings []trust.Standing
}

// PlannedCommand is a seed command of a plan.
type PlannedCommand struct {
	seeding.Seed
	Missing string // why it cannot run, or ""

	item trust.Item // what it needs permission for
	line string     // the plan's
}

// Asked is one thing that the repository's files would make run or reach, for the user to read in full.
type Asked struct {
	Title string // "seed command, package.json:4", safe to show
	Text  string // safe to show, in lines
	Was   string // the text that was allowed before, or ""
}

// Asks returns what the files and the command would make run or reach and the user has not allowed yet.
func (p *SeedsPlan) Asks() []Asked { return askedOf(p.Standings) }

func askedOf(standings []trust.Standing) []Asked {
	var out []Asked
	for _, s := range trust.Held(standings) {
		out = append(out, Asked{s.Kind.Title() + ", " + visible.String(s.Where), visible.Text(s.Text), visible.Text(s.Was)})
	}
	return out
}

// Replaces reports whether rows that seeds wrote before are removed.
func (p *SeedsPlan) Replaces() bool {
	return slices.ContainsFunc(p.Steps, func(s seeding.Step) bool { return s.Replace })
}

// String returns the plan for the user, a line for each file.
func (p *SeedsPlan) String() string {
	text := p.Plan.String()
	for _, c := range p.Commands {
		text += c.line + "\n"
	}
	return text + standingLines(p.Standings)
}

// PlanSeeds returns what Seed would do.
func (e *Env) PlanSeeds(ctx context.Context, opt SeedOptions) (*SeedsPlan, error) {
	db, err := e.Connect(ctx)
	if err != nil {
		return nil, err
	}
	files, err := e.seedFiles(ctx)
	if err != nil {
		return nil, err
	}
	out := &SeedsPlan{Options: opt}
	out.Plan, err = seeding.Decide(ctx, db, files, seeding.Options{Schemas: opt.Schemas, Names: opt.Names, Changed: true, Force: opt.Force, Held: e.heldSeeds(files)})
	if err == nil {
		err = out.Look(ctx, db)
	}
	if err == nil && len(opt.Schemas) == 0 {
		out.Commands, err = e.planCommands(ctx, db, opt)
	}
	out.Standings = e.seedStandings(out)
	return out, err
}

// planCommands returns the seed commands that are due.
func (e *Env) planCommands(ctx context.Context, q postgres.Querier, opt SeedOptions) ([]PlannedCommand, error) {
	parts, err := e.decideCommands(ctx, q, opt.commands())
	var out []PlannedCommand
	for _, p := range parts {
		if p.why != "" && !p.run.untrusted && !p.run.cannot {
			continue
		}
		planned := PlannedCommand{Seed: p.seed, Missing: p.c.Missing(e.ws), item: p.c.Item(), line: p.line()}
		if planned.Missing != "" {
			planned.line = "do not run " + p.called + ", " + p.c.Shown + ": " + planned.Missing
		}
		if !p.c.NeedsPermission() {
			planned.item = trust.Item{}
		}
		out = append(out, planned)
	}
	return out, err
}

// decideSeeds decides which seed files are applied; q is nil if the server does not run.
func (e *Env) decideSeeds(ctx context.Context, q postgres.Querier, opt seeding.Options) (seedsPart, error) {
	files, err := e.seedFiles(ctx)
	if err != nil {
		return seedsPart{}, err
	}
	if len(files) == 0 && len(opt.Schemas) == 0 {
		return seedsPart{skip: "the workspace has no seed files"}, nil
	}
	if q == nil {
		return seedsPart{}, nil
	}
	opt.Held = e.heldSeeds(files)
	plan, err := seeding.Decide(ctx, q, files, opt)
	return seedsPart{looked: true, plan: plan}, err
}

func (e *Env) applySeeds(ctx context.Context, db *postgres.DB, p seedsPart, report progress.Report) (SeedsResult, error) {
	var out SeedsResult
	if p.skip != "" {
		report(progress.Step{Name: seedsStep, Title: seedsTitle, Status: progress.Skipped, Detail: p.skip})
		return out, nil
	}
	plan := p.plan
	out.Waiting, out.Held = plan.Waiting, plan.Held
	result, err := seeding.Apply(ctx, db, plan, report)
	out.Applied, out.Rows = result.Applied, result.Rows
	if err != nil {
		return out, failed(report, seedsStep, seedsTitle, e.withholdSeeds(ctx, e.withExtension(ctx, db, err)))
	}
	if len(out.Applied) > 0 {
		schemas := map[string]bool{}
		for _, s := range out.Applied {
			schemas[s.Schema] = true
		}
		if err := e.setBaseline(ctx, db, schemas); err != nil {
			return out, failed(report, seedsStep, seedsTitle, err)
		}
	}
	report(e.seedsDone(out))
	return out, nil
}

func (e *Env) seedsDone(out SeedsResult) progress.Step {
	step := progress.Step{Name: seedsStep, Title: seedsTitle, Status: progress.Done, Detail: "nothing to do"}
	if n := len(out.Applied); n > 0 {
		step.Detail = say.Count(n, "file") + ", " + say.Count(out.Rows, "row")
	}
	if text := staying(out.Applied); text != "" {
		step.Status = progress.Warned
		step.Detail += "; " + text
	}
	if n := len(out.Waiting); n > 0 {
		step.Status = progress.Warned
		step.Detail += fmt.Sprintf("; %s changed since (%s)", say.Count(n, "file"), e.opt.Target.Line(remedy.Naap("dev seed")))
	}
	if n := len(out.Held); n > 0 {
		step.Status = progress.Warned
		step.Detail += fmt.Sprintf("; %s left out (%s): what they do outside the database was %s", say.Count(n, "file"), out.Held[0].Name, e.notAllowed(""))
	}
	return step
}

// staying says which rows the seeds left as they are, because somebody changed them; "" where there are none.
func staying(applied []seeding.Seed) string {
	var all int64
	var tables []string
	for _, s := range applied {
		for _, r := range s.Back {
			if r.Kept > 0 {
				all += r.Kept
				tables = append(tables, r.Table.String()+" "+r.Names())
			}
		}
	}
	if all == 0 {
		return ""
	}
	return say.Count(all, "row") + " " + say.Form(all, "stays that was", "stay that were") + " changed since: " + strings.Join(tables, ", ")
}

// PinSeeds returns the workspace's seed files as they are now, which stay this environment's whatever happens to them.
func (e *Env) PinSeeds(ctx context.Context) ([]*seedfile.File, error) {
	files, err := e.seedFiles(ctx)
	if err == nil {
		e.pinned = &files
	}
	return files, err
}

// seedFiles returns the workspace's seed files.
func (e *Env) seedFiles(ctx context.Context) ([]*seedfile.File, error) {
	if e.pinned != nil {
		return *e.pinned, nil
	}
	files, err := seedfile.Discover(e.ws.Seeds.Files(ctx), e.ws.Seeds.Name)
	return files, e.withholdSeeds(ctx, err)
}

// withholdSeeds returns an error about seeds without their contents, if any of them lies outside of the workspace.
func (e *Env) withholdSeeds(ctx context.Context, err error) error {
	folder := e.ws.Seeds.Files(ctx)
	if err == nil || folder == nil {
		return err
	}
	var paths []string
	_ = fs.WalkDir(folder, ".", func(name string, d fs.DirEntry, err error) error {
		paths = append(paths, filepath.Join(e.ws.Seeds.Path, filepath.FromSlash(name)))
		if err != nil || d.IsDir() && strings.Contains(name, "/") { // seeds are at most one folder deep
			return fs.SkipDir
		}
		return nil
	})
	return e.ws.Withhold(err, "seed.folder", paths...)
}

// SeedList returns the state of each seed, and the seed commands of the workspace that nothing chooses.
func (e *Env) SeedList(ctx context.Context) ([]seeding.Seed, error) {
	db, err := e.Connect(ctx)
	if err != nil {
		return nil, err
	}
	list, err := e.listSeeds(ctx, db)
	if err != nil {
		return nil, err
	}
	return append(list, e.foundCommands(ctx)...), nil
}

// listSeeds returns the seed files and, after them, the workspace's own commands.
func (e *Env) listSeeds(ctx context.Context, q postgres.Querier) ([]seeding.Seed, error) {
	files, err := e.seedFiles(ctx)
	if err != nil {
		return nil, err
	}
	list, err := seeding.List(ctx, q, files)
	if err != nil {
		return nil, err
	}
	commands, err := e.listCommands(ctx, q)
	return append(list, commands...), err
}

// seedsPart says which seed files are applied.
type seedsPart struct {
	skip   string // why none is, or ""
	looked bool   // whether the database was read: plan is the outcome
	plan   seeding.Plan
}

func (p seedsPart) lines() []string {
	if !p.looked {
		return []string{"apply the seeds that were never applied"}
	}
	if text := p.plan.String(); text != "" {
		return lines(text)
	}
	return []string{"apply seeds: nothing to do"}
}

// seedStandings returns the standings for what a plan of seeds would do: for its files and its commands.
func (e *Env) seedStandings(p *SeedsPlan) []trust.Standing {
	var items []trust.Item
	for _, s := range slices.Concat(p.Held, say.Each(p.Steps, func(s seeding.Step) seeding.Seed { return s.Seed })) {
		if s.File == nil {
			continue
		}
		if item, ok := reach.Seed(e.ws, s.File); ok {
			items = append(items, item)
		}
	}
	for _, c := range p.Commands {
		if c.item.Kind != "" && !slices.Contains(items, c.item) {
			items = append(items, c.item)
		}
	}
	j, _ := e.trustJudge()
	return j.All(items)
}
