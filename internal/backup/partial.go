package backup

import (
	"context"
	"fmt"
	"slices"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// askInward returns the foreign keys of other schemas that point into the schema $1: the statements that drop them, and
// those that recreate them.
const askInward = `
SELECT format('ALTER TABLE %I.%I DROP CONSTRAINT %I', n.nspname, c.relname, k.conname),
	format('ALTER TABLE %I.%I ADD CONSTRAINT %I ', n.nspname, c.relname, k.conname) || pg_get_constraintdef(k.oid)
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_class f ON f.oid = k.confrelid JOIN pg_namespace fn ON fn.oid = f.relnamespace
WHERE k.contype = 'f' AND k.conparentid = 0 AND fn.nspname = $1 AND n.nspname <> $1 ORDER BY 1`

// askElse names everything outside of the schema $1 that dropping it would lose.
const askElse = `
SELECT pg_describe_object(o.classid, o.oid, o.sub) FROM (
	SELECT 'pg_class'::regclass::oid AS classid, oid, 0 AS sub FROM pg_class WHERE relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> $1)
	UNION ALL SELECT 'pg_proc'::regclass, oid, 0 FROM pg_proc WHERE pronamespace IN (SELECT oid FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> $1)
	UNION ALL SELECT 'pg_type'::regclass, oid, 0 FROM pg_type WHERE typnamespace IN (SELECT oid FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> $1)
	UNION ALL SELECT 'pg_class'::regclass, a.attrelid, a.attnum FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname !~ '^pg_' AND n.nspname <> $1 AND a.attnum > 0 AND NOT a.attisdropped
	UNION ALL SELECT 'pg_constraint'::regclass, k.oid, 0 FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace WHERE n.nspname !~ '^pg_' AND n.nspname <> $1
	UNION ALL SELECT 'pg_attrdef'::regclass, x.oid, 0 FROM pg_attrdef x JOIN pg_class c ON c.oid = x.adrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname <> $1
	UNION ALL SELECT 'pg_trigger'::regclass, t.oid, 0 FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname <> $1 AND NOT t.tgisinternal
	UNION ALL SELECT 'pg_policy'::regclass, p.oid, 0 FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname <> $1
	UNION ALL SELECT 'pg_extension'::regclass, oid, 0 FROM pg_extension
	UNION ALL SELECT 'pg_publication_namespace'::regclass, oid, 0 FROM pg_publication_namespace
	UNION ALL SELECT 'pg_publication_rel'::regclass, oid, 0 FROM pg_publication_rel
) o`

// schemaAsIs returns the statements that create the schema $1 with its present owner, privileges and comment.
const schemaAsIs = `
WITH o AS (SELECT * FROM pg_namespace WHERE nspname = $1::text)
SELECT sql FROM (
	SELECT 1 AS ord, format('CREATE SCHEMA %I AUTHORIZATION %I', o.nspname, pg_get_userbyid(o.nspowner)) AS sql FROM o
	UNION ALL SELECT 2, format('GRANT %s ON SCHEMA %I TO %s%s', a.privilege_type, o.nspname, CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
		CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END) FROM o, aclexplode(o.nspacl) a
	UNION ALL SELECT 3, format('COMMENT ON SCHEMA %I IS %L', o.nspname, obj_description(o.oid, 'pg_namespace')) FROM o
) x ORDER BY ord, sql`

// exchangeSchema makes the fresh database a copy of the present one with the file's one schema instead of its own.
// Foreign keys of other schemas point at the file's tables; anything else that depends on the schema is refused.
func (s *Server) exchangeSchema(ctx context.Context, tools Tools, p *Plan, fresh string) error {
	conn, err := s.connect(ctx, fresh, nil)
	if err != nil {
		return err
	}
	defer postgres.Close(conn) // before the fresh database replaces the other
	if _, err := conn.Exec(ctx, "SET search_path = pg_catalog"); err != nil {
		return err
	}
	keys, err := takeOut(ctx, conn, p.Schema, !p.File.makes[p.Schema])
	if err != nil {
		return err
	}
	if err := s.load(ctx, tools, p.source, fresh); err != nil {
		return err
	}
	for _, sql := range keys {
		_, err := conn.Exec(ctx, sql)
		if server, ok := postgres.AsServerError(err); ok && server.Code == "23503" {
			return remedy.New("restore.references", remedy.ExitRefused, "rows of other schemas refer to rows that the file does not hold; the database is as before").
				WithSeen(postgres.Describe(server)).WithFix("delete or change those rows, then restore the file again")
		}
		if err != nil {
			return fmt.Errorf("make the foreign keys of other schemas again: %w", err)
		}
	}
	return nil
}

// takeOut drops the schema, if it exists, and returns the statements that recreate the foreign keys that pointed into
// it. With made, the file does not create the schema itself: public exists in every database.
func takeOut(ctx context.Context, conn *postgres.Conn, schema string, made bool) (keys []string, err error) {
	var drops, again []string
	err = postgres.Each(ctx, conn, func(row postgres.Rows) error {
		var drop, create string
		err := row.Scan(&drop, &create)
		drops, keys = append(drops, drop), append(keys, create)
		return err
	}, askInward, schema)
	if err != nil {
		return nil, fmt.Errorf("read the foreign keys: %w", err)
	}
	if made {
		if again, err = postgres.CollectStrings(conn.Query(ctx, schemaAsIs, schema)); err != nil {
			return nil, fmt.Errorf("read the schema's owner: %w", err)
		}
		if len(again) == 0 { // it does not exist
			again = []string{"CREATE SCHEMA " + postgres.Ident(schema)}
		}
	}
	exec := func(list ...string) error {
		if err := postgres.ExecAll(ctx, conn, list...); err != nil {
			return fmt.Errorf("take the schema out: %w", err)
		}
		return nil
	}
	if err := exec(drops...); err != nil {
		return nil, err
	}
	before, err := postgres.CollectStrings(conn.Query(ctx, askElse, schema))
	if err != nil {
		return nil, fmt.Errorf("look at what is elsewhere: %w", err)
	}
	if err := exec("SET client_min_messages = warning", "DROP SCHEMA IF EXISTS "+postgres.Ident(schema)+" CASCADE"); err != nil {
		return nil, err
	}
	after, err := postgres.CollectStrings(conn.Query(ctx, askElse, schema))
	if err != nil {
		return nil, fmt.Errorf("look at what is elsewhere: %w", err)
	}
	if gone := without(before, after); len(gone) > 0 {
		return nil, remedy.New("restore.dependents", remedy.ExitRefused, "other schemas have what depends on %q, and would lose it; the database is as before", schema).
			WithSeen(gone...).WithHelp(remedy.Words("drop it first and make it again afterwards"), remedy.Line("or restore the whole database: ", remedy.Naap("dev snapshot restore", "NAME")))
	}
	return keys, exec(again...)
}

// without returns the elements of a that are not in b; it sorts both.
func without(a, b []string) (out []string) {
	slices.Sort(a)
	slices.Sort(b)
	for _, x := range a {
		if _, found := slices.BinarySearch(b, x); !found {
			out = append(out, x)
		}
	}
	return out
}
