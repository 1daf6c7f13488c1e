package backup

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/livepeer/naap-dev/internal/lazy"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
)

// PlanFile returns what restoring a backup file would do. It reads the file to its end, counts the database's rows, and
// changes nothing. A file of one schema replaces that schema, any other file the whole database.
func (s *Server) PlanFile(ctx context.Context, tools Tools, path string, limits Limits) (*Plan, error) {
	src, err := look(path)
	if err != nil {
		return nil, err
	}
	file, err := src.read(ctx, tools)
	if err != nil {
		return nil, err
	}
	here, err := s.holdings(ctx, s.database)
	if err != nil {
		return nil, err
	}
	p := &Plan{source: src, Tables: []Change{}, Gone: []Object{}}
	p.compare(file, here)
	return s.keep(ctx, p, limits)
}

// PlanSnapshot returns what restoring a snapshot would do. The snapshot itself is not examined: it is a copy of the
// whole database, and the present one is kept whole.
func (s *Server) PlanSnapshot(ctx context.Context, name string, limits Limits) (*Plan, error) {
	x, err := s.find(ctx, name)
	if err != nil {
		return nil, err
	}
	here, err := s.holdings(ctx, s.database)
	if err != nil {
		return nil, err
	}
	p := &Plan{Snapshot: &x, Tables: []Change{}, Gone: []Object{}, Rows: here.total(), Bytes: here.bytes, Undo: here.undo, from: x.database}
	return s.keep(ctx, p, limits)
}

// Restore carries out a plan: what is restored is loaded into a fresh database, which then replaces the old one. It
// refuses a plan that loses what was not allowed to be lost ("backup.partial", "restore.replaced"), or where more would
// be lost than the plan says ("restore.changed").
func (s *Server) Restore(ctx context.Context, tools Tools, p *Plan, opt Options) error {
	if err := p.Allowed(opt); err != nil {
		return err
	}
	return s.exclusive(ctx, func() error { return s.restore(ctx, tools, p, opt) })
}

func (s *Server) restore(ctx context.Context, tools Tools, p *Plan, opt Options) (err error) {
	title, of, verb := "Restore snapshot", "", p.command(opt, "")
	if p.Snapshot != nil {
		of = p.Snapshot.Name
	} else {
		title, of = "Restore", p.File.Path
	}
	// Other sessions have to leave now rather than after the work.
	if _, err := s.vacate(ctx, opt, verb); err != nil {
		return err
	}
	opt.report(progress.Running, title, of)
	fresh, err := s.temporary(ctx)
	if err != nil {
		return err
	}
	if err = s.fill(ctx, tools, p, fresh, opt, verb); err == nil {
		err = s.verify(ctx, p, fresh, opt)
	}
	if err == nil {
		err = s.replace(ctx, fresh, p, opt, verb)
	}
	if err != nil {
		s.giveUp(ctx, fresh)
		return err
	}
	opt.report(progress.Done, title, of)
	return nil
}

// fill loads what the plan restores into the fresh database.
func (s *Server) fill(ctx context.Context, tools Tools, p *Plan, fresh string, opt Options, verb remedy.Advice) error {
	switch {
	case p.Snapshot != nil:
		if err := s.clone(ctx, fresh, p.from); err != nil {
			if postgres.HasCode(err, "3D000") {
				return remedy.New("snapshot.unknown", remedy.ExitUsage, "there is no snapshot %q any more", p.Snapshot.Name).WithHelp(remedy.Naap("dev snapshot list"))
			}
			return err
		}
		return s.exec(ctx, "ALTER DATABASE "+postgres.Ident(fresh)+" ALLOW_CONNECTIONS true")
	case p.Schema != "":
		if err := s.alone(ctx, opt, verb, func() error { return s.clone(ctx, fresh, s.database) }); err != nil {
			return err
		}
		return s.exchangeSchema(ctx, tools, p, fresh)
	}
	if err := s.empty(ctx, fresh); err != nil {
		return err
	}
	return s.load(ctx, tools, p.source, fresh)
}

// verify compares the two databases themselves: what a file contains is known only from its text, and the database may
// have changed since the plan was made.
func (s *Server) verify(ctx context.Context, p *Plan, fresh string, opt Options) error {
	here, err := s.holdings(ctx, s.database)
	if err != nil {
		return err
	}
	p.Rows, p.Bytes = here.total(), here.bytes
	if p.Snapshot != nil {
		return nil
	}
	then, err := s.holdings(ctx, fresh)
	if err != nil {
		return err
	}
	if lines := p.unforeseen(here, then); len(lines) > 0 && !opt.AcceptDataLoss {
		return remedy.New("restore.changed", remedy.ExitRefused, "more would go than the plan says; the database is as before").
			WithSeen(say.First(lines, 20)...).WithHelp(showsPlan(p.File.Path), p.command(opt, "--accept-data-loss"))
	}
	return nil
}

// unforeseen returns what the fresh database lacks although the plan does not say so, one line each.
func (p *Plan) unforeseen(here, then *holdings) []string {
	var gone []Object
	for o := range here.objects {
		if !then.objects[o] && !slices.Contains(p.Gone, o) {
			gone = append(gone, o)
		}
	}
	var out []string
	for _, o := range withoutParts(slices.Concat(gone, p.Gone)) {
		if !slices.Contains(p.Gone, o) {
			out = append(out, "- "+o.String()+" goes")
		}
	}
	for t, now := range here.rows {
		left, there := then.rows[t]
		said := slices.ContainsFunc(p.Tables, func(c Change) bool { return c.Schema == t.Schema && c.Name == t.Name && (c.Goes || c.empties()) })
		if there && left == 0 && now > 0 && !said {
			out = append(out, fmt.Sprintf("- table %s.%s: %s now, none afterwards", t.Schema, t.Name, say.Count(now, "row")))
		}
	}
	slices.Sort(out)
	return out
}

// load loads the file into a fresh database.
func (s *Server) load(ctx context.Context, tools Tools, src *source, into string) error {
	if src.format == formatPlain {
		return s.play(ctx, src, into)
	}
	in, err := src.open()
	if err != nil {
		return err
	}
	defer in.Close()
	// It is not told to stop at the first error, because some are harmless; nothing but the fresh database is affected.
	err = tools.Run(ctx, "pg_restore", into, []string{"--no-password", "--dbname=" + into}, in, io.Discard)
	if err != nil && !harmless(err.Error()) {
		return loadFailed(err, err.Error())
	}
	return nil
}

var (
	ignoredErrors  = lazy.Regexp{Text: `errors ignored on restore: (\d+)`}
	unknownTimeout = lazy.Regexp{Text: `could not execute query: .*"transaction_timeout"`} // the server may speak any language
)

// harmless reports whether a pg_restore that is newer than the server failed only at a setting that the server does not
// know: version 17 sets transaction_timeout, whatever the server.
func harmless(said string) bool {
	m := ignoredErrors.Get().FindStringSubmatch(said)
	return m != nil && m[1] == strconv.Itoa(len(unknownTimeout.Get().FindAllString(said, -1)))
}

// empty creates an empty database with the encoding, the locale and the owner of the old one. The name of the locale's
// column depends on the server: version 17 renamed it.
func (s *Server) empty(ctx context.Context, name string) error {
	var create string
	err := s.db.QueryRow(ctx, `
SELECT format('CREATE DATABASE %I TEMPLATE template0 OWNER %I ENCODING %L LOCALE_PROVIDER %s LC_COLLATE %L LC_CTYPE %L', $2::text, pg_get_userbyid(datdba),
	pg_encoding_to_char(encoding), CASE datlocprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END, datcollate, datctype)
	|| CASE datlocprovider WHEN 'i' THEN format(' ICU_LOCALE %L', l) WHEN 'b' THEN format(' BUILTIN_LOCALE %L', l) ELSE '' END
FROM pg_database d, coalesce(to_jsonb(d)->>'datlocale', to_jsonb(d)->>'daticulocale') l WHERE datname = $1`, s.database, name).Scan(&create)
	if err == nil {
		_, err = s.db.Exec(ctx, create)
	}
	if err != nil {
		return fmt.Errorf("make an empty database: %w", err)
	}
	return nil
}
