package postgres

import (
	"context"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// Denied returns the error for a statement that the server refused because the role lacks a right, with the GRANT that
// gives it, and the role that has it.
func Denied(ctx context.Context, q Querier, err error) *remedy.Error {
	said, _ := AsServerError(err)
	d := denial{q: q}
	if q != nil {
		_ = q.QueryRow(ctx, "SELECT current_user::text").Scan(&d.role)
	}
	r := remedy.New("database.denied", remedy.ExitRefused, "the role %s lacks a right for this", visible.String(d.role)).
		WithSeen("server: " + visible.String(said.Message)).Behind(err)
	d.whole = strings.Contains(err.Error(), "LOCK TABLE")
	return r.WithHelp(d.ways(ctx, said.Message)...)
}

// denial is a refusal being explained.
type denial struct {
	q     Querier
	role  string
	whole bool // a table is to be replaced, which its owner alone may do
}

// ways returns what gives the role the right that a message of the server's is about.
func (d denial) ways(ctx context.Context, message string) []remedy.Advice {
	if what, isOwner := strings.CutPrefix(message, "must be owner of "); isOwner {
		kind, name, _ := strings.Cut(what, " ")
		return d.owned(ctx, kind, name)
	}
	what, isRight := strings.CutPrefix(message, "permission denied for ")
	kind, name, _ := strings.Cut(what, " ")
	switch {
	case strings.HasPrefix(message, "permission denied to create database"):
		return Granting("a superuser", "ALTER ROLE "+Ident(d.role)+" CREATEDB")
	case !isRight:
	case kind == "schema":
		return d.by(ctx, "SELECT pg_catalog.pg_get_userbyid(nspowner) FROM pg_catalog.pg_namespace WHERE nspname = $1", name,
			"GRANT USAGE, CREATE ON SCHEMA "+Ident(name)+" TO "+Ident(d.role))
	case kind == "database":
		return d.by(ctx, "SELECT pg_catalog.pg_get_userbyid(datdba) FROM pg_catalog.pg_database WHERE datname = $1", name,
			"GRANT CREATE ON DATABASE "+Ident(name)+" TO "+Ident(d.role))
	case slices.Contains([]string{"table", "view", "sequence", "relation"}, kind):
		if d.whole {
			return d.owned(ctx, kind, name)
		}
		return d.relation(ctx, kind, name)
	}
	return Granting("the owner of what is named above, or a superuser", "GRANT … TO "+Ident(d.role))
}

// by returns the way of a grant by the owner that a query names.
func (d denial) by(ctx context.Context, ask, name, grant string) []remedy.Advice {
	owner := ""
	if d.q == nil || d.q.QueryRow(ctx, ask, name).Scan(&owner) != nil || owner == "" {
		owner = "the owner, or a superuser"
	}
	return Granting(owner, grant)
}

// relation returns the ways for a table or a sequence, of which the server has named no schema.
func (d denial) relation(ctx context.Context, kind, name string) []remedy.Advice {
	var ways []remedy.Advice
	for _, r := range d.relations(ctx, name) {
		rights, on := "SELECT, INSERT, UPDATE, DELETE", ""
		if kind == "sequence" {
			rights, on = "USAGE, SELECT, UPDATE", "SEQUENCE "
		}
		ways = append(ways, Granting(r.owner, "GRANT "+rights+" ON "+on+r.Quoted()+" TO "+Ident(d.role))...)
	}
	return ways
}

// owned returns the ways for what only its owner may do.
func (d denial) owned(ctx context.Context, kind, name string) []remedy.Advice {
	const databases = "SELECT pg_catalog.pg_get_userbyid(datdba) FROM pg_catalog.pg_database WHERE datname = $1"
	owner := ""
	if kind == "database" && d.q != nil && d.q.QueryRow(ctx, databases, name).Scan(&owner) == nil {
		return Granting(owner, "GRANT "+Ident(owner)+" TO "+Ident(d.role))
	}
	var ways []remedy.Advice
	for _, r := range d.relations(ctx, name) {
		ways = append(ways, Granting(r.owner, "GRANT "+Ident(r.owner)+" TO "+Ident(d.role))...)
	}
	if len(ways) == 0 {
		return remedy.Lines("connect as the owner of the " + visible.String(kind+" "+name) + ", or as a superuser")
	}
	return ways
}

type ownedRelation struct {
	TableRef
	owner string
}

func (d denial) relations(ctx context.Context, name string) []ownedRelation {
	if d.q == nil {
		return nil
	}
	list, _ := Collect(ctx, d.q, func(r *ownedRelation) []any { return []any{&r.Schema, &r.Name, &r.owner} }, `
SELECT n.nspname::text, c.relname::text, pg_catalog.pg_get_userbyid(c.relowner)::text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relname = $1 AND n.nspname !~ '^pg_' ORDER BY 1 LIMIT 3`, name)
	return list
}

// Granting returns the two ways of getting a right: whoever has it gives it, or the URL names that role.
func Granting(owner, grant string) []remedy.Advice {
	as := visible.String(owner)
	return []remedy.Advice{
		remedy.Words("as " + as + ": " + visible.String(grant) + ";"),
		remedy.Words("or the same command with a URL that names " + as + " as its role: --database-url"),
	}
}
