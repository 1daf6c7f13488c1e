package migrate

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/livepeer/naap-dev/internal/postgres"
)

// Distance is how far the end state of migrations is from a Prisma file.
type Distance struct {
	Steps int `json:"steps"` // that a push would take from the end state to the file
	Adds  int `json:"adds"`  // those of them that an additive push takes
	Drops int `json:"drops"` // those of them that only drop; if all do, the end state has all that the file says
}

// Covers reports whether the end state has all that the Prisma file says.
func (d Distance) Covers() bool { return d.Drops == d.Steps }

// proof is what a comparison of an end state with a Prisma file found.
type proof struct {
	File  string `json:"file"` // identifies the file's content
	Steps int    `json:"steps"`
	Adds  *int   `json:"adds"` // nil in what an older naap noted
	Drops int    `json:"drops"`
}

// proofsKept is how many files an end state is known to have been compared with: those of a few branches.
const proofsKept = 8

// Known is what is known of the end states of migrations without running anything: the shadow databases that are there,
// and what they were compared with.
type Known struct {
	base, database string
	proofs         map[string][]proof // by the names of the databases
}

// LookKnown reads what is known, in one round trip. schema is that of the connection URL.
func LookKnown(ctx context.Context, q postgres.Querier, schema string) (*Known, error) {
	k := &Known{proofs: map[string][]proof{}}
	var labels []string
	err := q.QueryRow(ctx, `SELECT x.base, current_database()::text, array(
	SELECT coalesce(pg_catalog.shobj_description(oid, 'pg_database'), '') FROM pg_catalog.pg_database WHERE datname ~ '^naap_shadow_[0-9a-f]{16}$')
FROM (`+askBase+`) x (base)`).Scan(&k.base, &k.database, &labels)
	if err != nil {
		return nil, fmt.Errorf("look for shadow databases: %w", err)
	}
	k.base += " " + schema
	for _, text := range labels {
		var l shadowLabel
		if json.Unmarshal([]byte(text), &l) == nil && l.Naap == "shadow" && l.Of == k.database {
			k.proofs[shadowName(k.database, l.Key)] = l.Proofs
		}
	}
	return k, nil
}

// Distance returns how far the end state of migrations is from a Prisma file, if the two were compared before: the same scripts (with those that every shadow database begins with), on a server that runs them in
// the same way, and the same file.
func (k *Known) Distance(list []Migration, file string) (a Distance, known bool) {
	key := digest(k.base)
	for _, m := range list {
		if m.Err != nil {
			return Distance{}, false
		}
		key = digest(key + m.Checksum())
	}
	for _, p := range k.proofs[shadowName(k.database, key)] {
		if p.File == file && p.Adds != nil {
			return Distance{p.Steps, *p.Adds, p.Drops}, true
		}
	}
	return Distance{}, false
}

// Note records how far the end state of migrations, which End has made, is from a Prisma file.
func (s *Shadow) Note(ctx context.Context, list []Migration, file string, apart Distance) error {
	chain, err := s.chain("", list)
	if err != nil {
		return err
	}
	name := s.database(chain[len(chain)-1].key)
	return s.alone(ctx, func() error {
		known, err := s.known(ctx)
		l, ok := known[name]
		if err != nil || !ok {
			return err
		}
		proofs := []proof{{file, apart.Steps, &apart.Adds, apart.Drops}}
		for _, p := range l.Proofs {
			if p.File != file && len(proofs) < proofsKept {
				proofs = append(proofs, p)
			}
		}
		l.Proofs = proofs
		_, err = s.admin.Exec(ctx, l.comment(name))
		return err
	})
}
