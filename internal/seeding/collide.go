package seeding

import (
	"context"
	"fmt"
	"strings"

	"github.com/livepeer/naap-dev/internal/ledger"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/seedfile"
	"github.com/livepeer/naap-dev/internal/visible"
)

// collides reports whether the server refused a second row under one key.
func collides(err error) bool {
	return postgres.HasCode(err, "23505") || postgres.HasCode(err, "23P01") // unique_violation, exclusion_violation
}

// explain returns the error of a file that was rolled back. Where it brings a row with the key of a row that it did not
// bring, the error says so (code seed.collides).
func explain(ctx context.Context, tx postgres.Tx, f *seedfile.File, failed error) error {
	server, ok := postgres.AsServerError(failed)
	e, isRemedy := remedy.Of(failed)
	if !ok || !isRemedy || server.Code != "23505" {
		return failed
	}
	t := postgres.TableRef{Schema: server.SchemaName, Name: server.TableName}
	var key, seed string
	err := withTextSettings(ctx, tx, func() (err error) {
		key, seed, err = inTheWay(ctx, tx, t, server)
		return err
	})
	if err != nil || key == "" { // two rows of the file itself
		return failed
	}
	if seed != "" {
		return e.WithSeen("the row: " + visible.String(fmt.Sprintf("%s of %s, which %s brings", key, t, seed)))
	}
	e.Code, e.Exit = "seed.collides", remedy.ExitRefused
	e.Message = strings.TrimSuffix(e.Message, seedFailed) + visible.String(fmt.Sprintf("the seed brings a row that %s has already, and nothing of it stays", t))
	e.Seen = append([]string{"the row: " + visible.String(key) + ", which no seed brought or which was rewritten since; it stays as it is"}, e.Seen...)
	e.Fix = []remedy.Advice{remedy.Words("give the seed's row another key, or leave the other as it is: INSERT … ON CONFLICT DO NOTHING"),
		remedy.Line("or delete the other, then: ", remedy.Naap("dev seed", visible.String(f.Schema)))}
	return e
}

// inTheWay finds the existing row that another collided with, by the server's message, in any language: (id)=(701). It
// returns the row's key, "" where there is none, and the seed that brought it, "" for the user's own.
func inTheWay(ctx context.Context, tx postgres.Tx, t postgres.TableRef, server *postgres.ServerError) (key, seed string, err error) {
	var names []string
	err = tx.QueryRow(ctx, `
SELECT array_agg(pg_get_indexdef(i.indexrelid, k, true) ORDER BY k) FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid, generate_series(1, i.indnkeyatts) AS k
WHERE i.indrelid = pg_catalog.to_regclass($1) AND c.relname = $2`, t.Quoted(), server.ConstraintName).Scan(&names)
	if err != nil || names == nil {
		return "", "", err
	}
	values := say.Join(names, ", ", func(n string) string { return "coalesce((" + n + ")::text, 'null')" })
	var at string
	err = tx.QueryRow(ctx, fmt.Sprintf("SELECT ctid::text, %s FROM ONLY %s AS r WHERE strpos($1, '=(' || pg_catalog.concat_ws(', ', %s) || ')') > 0 LIMIT 1",
		labelled(names, names), t.Quoted(), values), server.Detail).Scan(&at, &key)
	if err != nil {
		if err == postgres.ErrNoRows {
			err = nil
		}
		return "", "", err
	}
	seed, err = broughtBy(ctx, tx, t, at)
	return key, seed, err
}

// broughtBy returns the seed whose row is at a place in a table, or "".
func broughtBy(ctx context.Context, tx postgres.Tx, t postgres.TableRef, at string) (string, error) {
	list, err := notes(ledger.NotesIn(ctx, tx, t, ""))
	if err != nil {
		return "", err
	}
	for _, n := range list {
		found, err := n.found(ctx, tx)
		if err != nil {
			return "", err
		}
		var its bool
		if err := tx.QueryRow(ctx, fmt.Sprintf("SELECT EXISTS (SELECT FROM (%s) AS x WHERE same AND at = $1::tid)", found), at).Scan(&its); err != nil || its {
			return n.Seed, err
		}
	}
	return "", nil
}

// keptFailed returns the error for a row that cannot be put back: it conflicts with one that the file brought.
func keptFailed(f *seedfile.File, err error) error {
	server, ok := postgres.AsServerError(err)
	if !ok || !collides(err) {
		return err
	}
	return remedy.New("seed.collides", remedy.ExitRefused, "%s: the seed brings a row beside which one that was rewritten since cannot stay, and nothing of it stays",
		visible.String(f.Path)).WithSeen("server: " + visible.String(postgres.Describe(server))).Behind(server).
		WithHelp(remedy.Line("give the seed's row another value, or delete the other, then: ", remedy.Naap("dev seed", visible.String(f.Schema))))
}
