package devenv

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/livepeer/naap-dev/internal/command"
	"github.com/livepeer/naap-dev/internal/ledger"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/schemaplan"
	"github.com/livepeer/naap-dev/internal/seeding"
	"github.com/livepeer/naap-dev/internal/trust"
	"github.com/livepeer/naap-dev/internal/visible"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// CommandRun is the outcome for one of the workspace's seed commands.
type CommandRun struct {
	Name    string // in the ledger
	Command string // for the user to type in the workspace's root
	Ran     bool
	Skipped string // why it was not run

	cannot    bool // because something is missing
	untrusted bool // because the user has not allowed it
}

// commandPart is what is done with one of the workspace's seed commands.
type commandPart struct {
	c      workspace.SeedCommand
	seed   seeding.Seed // it and its state in the database
	run    CommandRun   // as it is before it has run
	why    string       // why it is not run, or ""
	warned bool         // the reason is worth a warning
	step   string       // what its step is called
	title  string       // for people
	called string       // "the seed command shop"
	unsure string       // on what it depends whether it is run, where the database was not read
}

// commandsAsked says which seed commands are decided on, and how.
type commandsAsked struct {
	names  []string             // in the ledger; nil for all
	asked  bool                 // the user asked for the seeds: one that has changed is run
	force  bool                 // also those that ran already
	coming *schemaplan.Database // tables that will be there when the commands run, or nil
}

// commandSeeds returns the workspace's seed commands as seeds, without their states.
func (e *Env) commandSeeds(ctx context.Context) []seeding.Seed {
	return say.Each(e.ws.SeedCommands, func(c workspace.SeedCommand) seeding.Seed {
		return seeding.Seed{Name: c.LedgerName(), Hash: c.Hash(ctx, e.ws), State: seeding.Pending,
			Command: &seeding.Command{Origin: c.Where, Shown: c.Shown, When: c.Occasion(), Former: c.FormerNames()}}
	})
}

// listCommands returns the workspace's seed commands with their states in the database.
func (e *Env) listCommands(ctx context.Context, q postgres.Querier) ([]seeding.Seed, error) {
	if len(e.ws.SeedCommands) == 0 {
		return nil, nil
	}
	list, err := seeding.CommandStates(ctx, q, e.commandSeeds(ctx))
	if err != nil {
		return nil, err
	}
	for i, c := range e.ws.SeedCommands {
		if c.When != workspace.WhenEmpty {
			continue
		}
		if empty, why, err := tableIsEmpty(ctx, q, c.Table, nil); err != nil {
			return nil, err
		} else if list[i].Command.Note = why; empty {
			list[i].State = seeding.Pending
		} else if why == "" {
			list[i].State = seeding.Applied
		}
	}
	return list, nil
}

// foundCommands returns the seed commands of the workspace that nothing chooses, with how to choose each.
func (e *Env) foundCommands(ctx context.Context) []seeding.Seed {
	return say.Each(e.ws.OtherSeedCommands(ctx), func(c workspace.SeedCommand) seeding.Seed {
		return seeding.Seed{Name: c.LedgerName(), State: seeding.Found, Command: &seeding.Command{Origin: c.Where, Shown: c.Shown,
			Note: "a [[seed.command]] of " + workspace.SettingsFileName + " chooses it", Choosing: e.choosing(c)}}
	})
}

// choosing returns the lines of naap.toml that choose commands. What was chosen without it is among them, since a list
// there replaces it.
func (e *Env) choosing(commands ...workspace.SeedCommand) (lines []string) {
	if len(e.ws.Settings.Seed.Commands) == 0 {
		commands = slices.Concat(e.ws.SeedCommands, commands)
	}
	for _, c := range commands {
		if len(lines) > 0 {
			lines = append(lines, "")
		}
		lines = append(lines, c.Entry(e.ws)...)
	}
	return lines
}

// ChoosingLines says how to choose the seed commands that were found and nothing chooses, a line each; none where all
// are chosen.
func (e *Env) ChoosingLines(ctx context.Context) []string {
	others := e.ws.OtherSeedCommands(ctx)
	if len(others) == 0 {
		return nil
	}
	lines := append([]string{"", "To choose what was found, in " + workspace.SettingsFileName + ":", ""}, e.choosing(others...)...)
	return say.Each(lines, visible.String)
}

// decideCommands decides which of the workspace's seed commands run, in their order. q is nil if the server does not run.
func (e *Env) decideCommands(ctx context.Context, q postgres.Querier, opt commandsAsked) ([]*commandPart, error) {
	if len(e.ws.SeedCommands) == 0 {
		return nil, nil
	}
	seeds := e.commandSeeds(ctx)
	if q != nil {
		var err error
		if seeds, err = seeding.CommandStates(ctx, q, seeds); err != nil {
			return nil, err
		}
	}
	j, _ := e.trustJudge()
	var out []*commandPart
	for i, c := range e.ws.SeedCommands {
		if opt.names != nil && !slices.Contains(opt.names, c.LedgerName()) {
			continue
		}
		p := &commandPart{c: c, seed: seeds[i], run: CommandRun{Name: c.LedgerName(), Command: c.Shown}}
		e.nameCommand(p)
		due, err := e.isDue(ctx, q, p, opt)
		if err != nil {
			return nil, err
		}
		if due {
			e.mayRun(p, c.NeedsPermission() && !j.Of(c.Item()).Allowed)
		}
		out = append(out, p)
	}
	return out, nil
}

// isDue decides whether a command is to run now, whether or not it can.
func (e *Env) isDue(ctx context.Context, q postgres.Querier, p *commandPart, opt commandsAsked) (due bool, err error) {
	switch c := p.c; {
	case opt.force || c.When == workspace.WhenAlways:
	case c.When == workspace.WhenEmpty && q == nil:
		p.unsure = "if " + c.Table + " is empty"
	case c.When == workspace.WhenEmpty:
		empty, why, err := tableIsEmpty(ctx, q, c.Table, opt.coming)
		if err != nil {
			return false, err
		}
		if why != "" {
			p.skip(why, true)
		} else if !empty {
			p.skip(c.Table+" has rows", false)
		}
	case q == nil:
		p.unsure = "if it never ran"
	case p.seed.State == seeding.Applied:
		p.skip("it ran already", false)
	case p.seed.State == seeding.Changed && !opt.asked && c.When == workspace.WhenOnce:
		p.skip("it has changed since it ran", true)
		p.why += " (" + e.opt.Target.Line(remedy.Naap("dev seed")) + ")"
	}
	return p.why == "", nil
}

func (p *commandPart) skip(why string, warned bool) {
	p.run.Skipped, p.why, p.warned = why, why, warned
}

// mayRun holds a command back that the user has not allowed, or that lacks what it needs: the tables exist without it.
func (e *Env) mayRun(p *commandPart, untrusted bool) {
	if untrusted {
		p.skip(e.notAllowed("--run-seed-commands"), true)
		p.run.untrusted, p.why = true, "not run: "+visible.String(p.c.Text)+" was "+p.run.Skipped
		return
	}
	if missing := p.c.Missing(e.ws); missing != "" {
		p.skip(missing, true)
		p.run.cannot, p.why = true, "not run: "+missing+". Then run: "+p.c.Shown
	}
}

// tableIsEmpty reports whether a table has no rows, and why that cannot be said of it, or "". A table that is coming has
// none.
func tableIsEmpty(ctx context.Context, q postgres.Querier, name string, coming *schemaplan.Database) (empty bool, why string, err error) {
	tables, err := postgres.TablesNamed(ctx, q, name)
	switch {
	case err != nil:
		return false, "", err
	case len(tables) == 0 && isComing(coming, name):
		return true, "", nil
	case len(tables) == 0:
		return false, "there is no table " + visible.String(name), nil
	case len(tables) > 1:
		return false, say.And(say.Each(tables, postgres.TableRef.String)) + " are all called that; name one with its schema", nil
	}
	empty, err = postgres.IsEmpty(ctx, q, tables[0])
	return empty, "", err
}

func isComing(db *schemaplan.Database, name string) bool {
	return db != nil && slices.ContainsFunc(db.Tables, func(t *schemaplan.Table) bool { return name == t.Name || name == t.Schema+"."+t.Name })
}

const commandStep, commandTitle = "seed-command", "Run the workspace's seed command"

// nameCommand says what a command's step is called: with its name, unless it is the only one and has none.
func (e *Env) nameCommand(p *commandPart) {
	p.step, p.title, p.called = commandStep, commandTitle, "the workspace's seed command"
	if len(e.ws.SeedCommands) > 1 || p.c.Name != p.c.Source {
		name := visible.String(p.c.Name)
		p.step, p.title, p.called = commandStep+" "+p.c.Name, "Run the seed command "+name, "the seed command "+name
	}
}

// line is what a plan says of a command that is run.
func (p *commandPart) line() string {
	line := "run " + p.called + ": " + p.run.Command
	if p.unsure != "" {
		line += ", " + p.unsure
	}
	return line
}

// anyRuns reports whether one of the commands is run.
func anyRuns(parts []*commandPart) bool {
	return slices.ContainsFunc(parts, func(p *commandPart) bool { return p.why == "" })
}

// runCommands carries out what was decided. The first that fails ends it: those after it may build on what it makes.
func (e *Env) runCommands(ctx context.Context, db *postgres.DB, parts []*commandPart, report progress.Report) ([]CommandRun, error) {
	var out []CommandRun
	for i, p := range parts {
		err := e.runCommandPart(ctx, db, p, report)
		if err != nil {
			err = amongOthers(err, parts, i)
			return out, failed(report, p.step, p.title, err)
		}
		out = append(out, p.run)
	}
	return out, nil
}

// amongOthers adds to the error of a command which ran before it and which were not run because of it.
func amongOthers(err error, parts []*commandPart, at int) error {
	r, ok := remedy.Of(err)
	if !ok {
		return err
	}
	var before, after []string
	for i, p := range parts {
		switch name := visible.String(p.c.Name); {
		case i < at && p.run.Ran:
			before = append(before, name)
		case i > at && p.why == "":
			after = append(after, name)
		}
	}
	if len(before) > 0 {
		r.WithSeen("ran before it: " + say.And(before))
	}
	if len(after) > 0 {
		r.WithSeen("not run because of it: " + say.And(after))
	}
	if len(before)+len(after) > 0 {
		r.WithHelp(remedy.Naap("dev seed").Note("goes on with it"))
	}
	return err
}

func (e *Env) runCommandPart(ctx context.Context, db *postgres.DB, p *commandPart, report progress.Report) error {
	step, title := p.step, p.title
	if p.why != "" {
		s := progress.Step{Name: step, Title: title, Status: progress.Skipped, Detail: p.why}
		if p.warned {
			s.Status = progress.Warned
		}
		report(s)
		return nil
	}
	began := time.Now()
	err := e.runSeedCommand(ctx, p, func(line string) {
		report(progress.Step{Name: step, Title: title, Status: progress.Running, Detail: visible.String(line)})
	})
	if err != nil {
		return err
	}
	p.run.Ran = true
	err = db.InTx(ctx, func(tx postgres.Tx) error {
		return ledger.NoteCommand(ctx, tx, p.seed.Name, p.seed.Hash, time.Since(began))
	})
	if err == nil {
		report(progress.Step{Name: step, Title: title, Status: progress.Done, Detail: p.c.Shown})
	}
	return err
}

// runSeedCommand runs a command. What a package manager would run is read again, and must still be the text that was
// allowed.
func (e *Env) runSeedCommand(ctx context.Context, p *commandPart, tell func(line string)) error {
	c := p.c
	if now, ok := e.ws.SeedCommandNow(ctx, c); !ok || now.Text != c.Text || !slices.Equal(now.Args, c.Args) {
		return remedy.New("seed.changed", remedy.ExitRefused, "%s is not run: %s has changed since it was read", p.called, visible.String(c.Where)).
			WithHelp(remedy.Again(""))
	}
	db, err := e.commandDatabase(ctx)
	if err != nil {
		return err
	}
	err = e.run(ctx, command.Command{Args: c.Args, Dir: c.Dir, Bin: c.Bin}, db, tell)
	var failure *command.Failure
	if errors.As(err, &failure) {
		r := remedy.New("seed.command", remedy.ExitFailed, "%s failed: %v", p.called, failure.Err).
			WithSeen(visible.String(c.Where + ": " + c.Text)).WithHelp(e.byHand(c.Shown))
		r.Excerpt = failure.Output
		return r
	}
	return err
}

// byHand returns how the user runs one of the workspace's commands themselves, and sees all of its output.
func (e *Env) byHand(shown string) remedy.Advice {
	words := append([]string{"--"}, workspace.Shell(shown)...)
	return remedy.Line("see the whole of it: ", remedy.Naap("dev exec", words...).From(e.TrustRoot()))
}

// askedCommands runs the commands where the seeds were asked for. Where nothing else was done, it is an error that none
// could run.
func (e *Env) askedCommands(ctx context.Context, db *postgres.DB, opt commandsAsked, alone bool, report progress.Report) ([]CommandRun, error) {
	parts, err := e.decideCommands(ctx, db, opt)
	if err != nil {
		return nil, err
	}
	runs, err := e.runCommands(ctx, db, parts, report)
	if err != nil || !alone || slices.ContainsFunc(runs, func(r CommandRun) bool { return r.Ran }) {
		return runs, err
	}
	return runs, e.noneCouldRun(parts)
}

// noneCouldRun returns the error for commands that are due and cannot run, or nil where none is.
func (e *Env) noneCouldRun(parts []*commandPart) error {
	var held []trust.Standing
	var missing *remedy.Error
	j, _ := e.trustJudge()
	for _, p := range parts {
		switch {
		case p.run.untrusted:
			held = append(held, j.Of(p.c.Item()))
		case p.run.cannot:
			if missing == nil {
				missing = remedy.New("seed.command", remedy.ExitFailed, "%s cannot run", p.called)
			}
			missing.WithSeen(visible.String(p.c.Where+": "+p.c.Text), p.run.Skipped)
		}
	}
	if len(held) > 0 {
		return e.refusal(held)
	}
	if missing == nil {
		return nil
	}
	return missing.WithHelp(remedy.Line("bring what it needs, then: ", remedy.Naap("dev seed")))
}
