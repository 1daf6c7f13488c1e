package devenv

import (
	"context"
	"errors"
	"time"

	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// doctorTimeout bounds the whole examination.
const doctorTimeout = 20 * time.Second

// Doctor looks at everything around the database that can be wrong on a developer's machine. Each finding has its
// evidence and, where something is wrong, the command that mends it. What is fine is a finding too.
func (e *Env) Doctor(ctx context.Context) []Finding {
	ctx, cancel := context.WithTimeout(ctx, doctorTimeout)
	defer cancel()
	return e.newDoctor().examine(ctx)
}

func (e *Env) newDoctor() *doctor {
	return &doctor{env: e, longTx: time.Minute, diskFree: engine.DiskFree, memory: memory}
}

func (d *doctor) examine(ctx context.Context) []Finding {
	d.checkWorkspace()
	d.checkShell()
	d.checkTools(ctx)
	running := d.checkEngine(ctx)
	d.checkMachine()
	if !running {
		return d.findings
	}
	db, err := d.env.Connect(ctx)
	if err != nil {
		d.failed("server", "The server does not answer", err)
		return d.findings
	}
	d.checkOwner(ctx, db)
	d.checkServer(ctx, db)
	d.checkReader(ctx)
	d.checkLogins(ctx, db)
	d.checkSchema(ctx, db)
	d.checkSeeds(ctx, db)
	return d.findings
}

// Doctor is what the terminal app's doctor shows.
func (s *Screens) Doctor(ctx context.Context) ([]Finding, error) {
	env, err := s.reread(ctx)
	if err != nil {
		return nil, err
	}
	return env.Doctor(ctx), nil
}

type doctor struct {
	env      *Env
	longTx   time.Duration // how long a transaction may be open; not below postgres.LongTx
	diskFree func(dir string) (bytes int64, ok bool)
	memory   func() (total, available int64, ok bool)
	findings []Finding

	otherLogins bool // the password is the person's own, so that it matters who else logs in
}

func (d *doctor) add(code string, severity Severity, title string, seen []string, fix ...remedy.Advice) {
	d.take(Finding{Code: code, Severity: severity, Title: title, Seen: seen, Fix: fix})
}

func (d *doctor) take(f Finding) {
	f.Title = visible.String(f.Title)
	for i := range f.Seen {
		f.Seen[i] = visible.String(f.Seen[i])
	}
	d.findings = append(d.findings, f)
}

func (d *doctor) fine(code, title string, seen ...string) { d.add(code, Fine, title, seen) }

// failed is a finding made of an error, with its own evidence and remedy.
func (d *doctor) failed(code, title string, err error) {
	d.take(remedy.Failed(code, title, err))
}

// sqlCommand is the command that runs statements that write, in a form that a shell takes as it stands.
func sqlCommand(statements string) remedy.Advice {
	return remedy.Naap("dev sql", "--write", statements)
}

// psqlCommand is the same for what PostgreSQL refuses in a transaction, which naap dev sql opens.
func psqlCommand(statement string) remedy.Advice {
	return remedy.Naap("dev psql", "--", "-c", statement)
}

// ask runs one query of one row; a server that refuses it is a finding of its own, and ok is false.
func (d *doctor) ask(ctx context.Context, q postgres.Querier, code, sql string, into ...any) (ok bool) {
	err := q.QueryRow(ctx, sql).Scan(into...)
	if err == nil {
		return true
	}
	if !errors.Is(err, postgres.ErrNoRows) {
		d.add(code, Notable, "Could not be looked at", []string{err.Error()}, remedy.Words("nothing needs to be done: only this look is missing"))
	}
	return false
}
