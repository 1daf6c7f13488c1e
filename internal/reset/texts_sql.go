package reset

import "strings"

// SQL expressions for the statements that recreate an object, each a text[]. The catalogue's rows have these names: c
// is a relation in pg_class and n its schema, p a row of pg_proc or pg_policy, k of pg_constraint, x of pg_index and i
// its relation, t of pg_trigger or pg_type.

// grants returns the statements that give a new object the privileges in acl. Default privileges may have given it
// others.
func grants(noun, name, acl, owner string) string {
	return strings.NewReplacer("@noun", noun, "@name", name, "@acl", acl, "@owner", owner).Replace(`
		array(SELECT DISTINCT format('REVOKE ALL ON @noun %s FROM %I', @name, pg_get_userbyid(a.grantee)) FROM pg_default_acl q, aclexplode(q.defaclacl) a
			WHERE a.grantee <> 0 AND pg_get_userbyid(q.defaclrole) = current_user AND q.defaclobjtype = CASE '@noun' WHEN 'TABLE' THEN 'r' WHEN 'ROUTINE' THEN 'f' ELSE 'T' END)
		|| CASE WHEN @acl IS NULL THEN '{}' ELSE ARRAY[format('REVOKE ALL ON @noun %s FROM PUBLIC, %I', @name, pg_get_userbyid(@owner))] END
		|| array(SELECT format('GRANT %s ON @noun %s TO %s%s', a.privilege_type, @name, CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
			CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END) FROM aclexplode(@acl) a)`)
}

// owned returns ALTER … OWNER TO where the object is not the user's own.
func owned(noun, name, owner string) string {
	return strings.NewReplacer("@noun", noun, "@name", name, "@owner", owner).Replace(`
		array(SELECT format('ALTER @noun %s OWNER TO %I', @name, pg_get_userbyid(@owner)) WHERE pg_get_userbyid(@owner) <> current_user)`)
}

// commented returns COMMENT ON where the object in the catalogue has a comment.
func commented(noun, name, oid, catalogue string) string {
	return strings.NewReplacer("@noun", noun, "@name", name, "@oid", oid, "@catalogue", catalogue).Replace(`
		array(SELECT format('COMMENT ON @noun %s IS %L', @name, y.description) FROM pg_description y WHERE y.objoid = @oid AND y.classoid = '@catalogue'::regclass AND y.objsubid = 0)`)
}

const (
	relationName = `format('%I.%I', n.nspname, c.relname)`
	routineName  = `p.oid::regprocedure::text`
	typeName     = `format('%I.%I', n.nspname, t.typname)`
)

// columnTexts recreate privileges and comments on a relation's columns.
const columnTexts = `
		array(SELECT format('GRANT %s (%I) ON TABLE %I.%I TO %s%s', g.privilege_type, a.attname, n.nspname, c.relname,
			CASE WHEN g.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(g.grantee)) END, CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
			FROM pg_attribute a, aclexplode(a.attacl) g WHERE a.attrelid = c.oid AND a.attnum > 0)
		|| array(SELECT format('COMMENT ON COLUMN %I.%I.%I IS %L', n.nspname, c.relname, a.attname, y.description)
			FROM pg_attribute a JOIN pg_description y ON y.objoid = c.oid AND y.classoid = 'pg_class'::regclass AND y.objsubid = a.attnum WHERE a.attrelid = c.oid AND a.attnum > 0)`

// viewTexts recreate a view without its triggers and rules; wholeView has those too.
func viewTexts() string {
	return `ARRAY[format('CREATE OR REPLACE VIEW %I.%I%s AS %s', n.nspname, c.relname,
			coalesce(' WITH (' || array_to_string(c.reloptions, ', ') || ')', ''), rtrim(pg_get_viewdef(c.oid), '; '))]
		|| array(SELECT format('ALTER VIEW %I.%I ALTER COLUMN %I SET DEFAULT ', n.nspname, c.relname, a.attname) || pg_get_expr(y.adbin, y.adrelid)
			FROM pg_attrdef y JOIN pg_attribute a ON a.attrelid = y.adrelid AND a.attnum = y.adnum WHERE y.adrelid = c.oid)
		|| ` + owned("VIEW", relationName, "c.relowner") + ` || ` + grants("TABLE", relationName, "c.relacl", "c.relowner") + ` || ` +
		commented("VIEW", relationName, "c.oid", "pg_class") + ` || ` + columnTexts
}

func wholeView() string {
	return viewTexts() + `
		|| array(SELECT u.text FROM pg_trigger t, unnest(` + triggerTexts() + `) WITH ORDINALITY u(text, ord)
			WHERE t.tgrelid = c.oid AND NOT t.tgisinternal ORDER BY t.tgname, u.ord)
		|| array(SELECT u.text FROM pg_rewrite r, unnest(` + ruleTexts() + `) WITH ORDINALITY u(text, ord)
			WHERE r.ev_class = c.oid AND r.rulename <> '_RETURN' ORDER BY r.rulename, u.ord)`
}

// A materialized view is populated again.
func materializedTexts() string {
	return `ARRAY[format('CREATE MATERIALIZED VIEW %I.%I%s AS %s%s', n.nspname, c.relname, coalesce(' WITH (' || array_to_string(c.reloptions, ', ') || ')', ''),
			rtrim(pg_get_viewdef(c.oid), '; '), CASE WHEN c.relispopulated THEN '' ELSE ' WITH NO DATA' END)]
		|| array(SELECT u.text FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid, unnest(` + indexTexts() + `) WITH ORDINALITY u(text, ord)
			WHERE x.indrelid = c.oid ORDER BY i.relname, u.ord)
		|| ` + owned("MATERIALIZED VIEW", relationName, "c.relowner") + ` || ` + grants("TABLE", relationName, "c.relacl", "c.relowner") + ` || ` +
		commented("MATERIALIZED VIEW", relationName, "c.oid", "pg_class") + ` || ` + columnTexts
}

// routineTexts recreate a function or procedure; there is no definition for an aggregate.
func routineTexts() string {
	return `CASE WHEN p.prokind = 'a' THEN '{}' ELSE ARRAY[pg_get_functiondef(p.oid)]
		|| ` + owned("ROUTINE", routineName, "p.proowner") + ` || ` + grants("ROUTINE", routineName, "p.proacl", "p.proowner") + ` || ` +
		commented("ROUTINE", routineName, "p.oid", "pg_proc") + ` END`
}

// triggerTexts recreate a trigger in its current state.
func triggerTexts() string {
	return `(array_remove(ARRAY[pg_get_triggerdef(t.oid),
		CASE t.tgenabled WHEN 'O' THEN NULL ELSE format('ALTER TABLE %I.%I %s TRIGGER %I', n.nspname, c.relname,
			CASE t.tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS' END, t.tgname) END], NULL)
		|| ` + commented("TRIGGER", "quote_ident(t.tgname) || ' ON ' || "+relationName, "t.oid", "pg_trigger") + `)`
}

func ruleTexts() string {
	return `(array_remove(ARRAY[pg_get_ruledef(r.oid),
		CASE r.ev_enabled WHEN 'O' THEN NULL ELSE format('ALTER TABLE %I.%I %s RULE %I', n.nspname, c.relname,
			CASE r.ev_enabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS' END, r.rulename) END], NULL)
		|| ` + commented("RULE", "quote_ident(r.rulename) || ' ON ' || "+relationName, "r.oid", "pg_rewrite") + `)`
}

func policyTexts() string {
	return `(ARRAY[format('CREATE POLICY %I ON %I.%I AS %s FOR %s TO %s', p.polname, n.nspname, c.relname,
		CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
		CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
		(SELECT string_agg(CASE WHEN r = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(r)) END, ', ') FROM unnest(p.polroles) r))
	|| coalesce(' USING (' || pg_get_expr(p.polqual, p.polrelid) || ')', '')
	|| coalesce(' WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')', '')]
	|| ` + commented("POLICY", "quote_ident(p.polname) || ' ON ' || "+relationName, "p.oid", "pg_policy") + `)`
}

func constraintTexts() string {
	return `(ARRAY[format('ALTER TABLE %I.%I ADD CONSTRAINT %I ', n.nspname, c.relname, k.conname) || pg_get_constraintdef(k.oid)]
	|| ` + commented("CONSTRAINT", "quote_ident(k.conname) || ' ON ' || "+relationName, "k.oid", "pg_constraint") + `)`
}

// indexTexts recreate an index, which its table may be clustered on or use as its replica identity. An index of a
// partitioned table is printed as one of that table alone.
func indexTexts() string {
	return `(ARRAY[CASE WHEN i.relkind = 'I' THEN regexp_replace(pg_get_indexdef(i.oid), '^(CREATE (?:UNIQUE )?INDEX (?:"(?:[^"]|"")*"|\S+) ON) ONLY ', '\1 ') ELSE pg_get_indexdef(i.oid) END]
	|| CASE WHEN x.indisclustered THEN ARRAY[format('ALTER TABLE %I.%I CLUSTER ON %I', n.nspname, c.relname, i.relname)] ELSE '{}' END
	|| CASE WHEN x.indisreplident THEN ARRAY[format('ALTER TABLE %I.%I REPLICA IDENTITY USING INDEX %I', n.nspname, c.relname, i.relname)] ELSE '{}' END
	|| array(SELECT format('ALTER INDEX %I.%I ALTER COLUMN %s SET STATISTICS %s', n.nspname, i.relname, a.attnum, a.attstattarget)
		FROM pg_attribute a WHERE a.attrelid = i.oid AND a.attstattarget >= 0 ORDER BY a.attnum)
	|| ` + commented("INDEX", "format('%I.%I', n.nspname, i.relname)", "i.oid", "pg_class") + `)`
}

// typeExtras recreate the privileges and the comment of an enum or a domain.
func typeExtras() string {
	return `(` + grants("TYPE", typeName, "t.typacl", "t.typowner") + ` || ` +
		commented("TYPE", typeName, "t.oid", "pg_type") + ` || ` +
		`array(SELECT format('COMMENT ON CONSTRAINT %I ON DOMAIN %I.%I IS %L', k.conname, n.nspname, t.typname, y.description)
		FROM pg_constraint k JOIN pg_description y ON y.objoid = k.oid AND y.classoid = 'pg_constraint'::regclass WHERE k.contypid = t.oid))`
}
