package seeding

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/ledger"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/say"
)

// A row belongs to a seed as long as it has the values that the seed wrote. So a digest of each value is noted with the
// row's key. It still holds after a dump and a restore, in a copy of the database and after an undo, where the
// transaction that wrote a row (its xmin) no longer means anything. There is one for each column, so that it holds when
// a push adds or drops columns.

// pieceLength is how many characters of a row's digest each column has: 64 bits in base64.
const pieceLength = 12

// notTheSeeds is the digest for a row that is found by a seed's key but is not the seed's: no row has it.
const notTheSeeds = "!"

// piece returns the digest of one value of a row, or of NULL. It is the same for equal values in types that a push may
// turn into each other: numeric of any scale, timestamps with and without a time zone.
func piece(row string, c column) string {
	value := row + "." + postgres.Ident(c.name)
	switch c.typ {
	case "numeric":
		value = "trim_scale(" + value + ")"
	case "timestamptz":
		value = "(" + value + " AT TIME ZONE 'UTC')"
	case "date":
		value += "::timestamp"
	}
	// This is the hash by which the server partitions tables, and so the same in every version; it uses the collation
	// "C", because different values may be equal in others. A cryptographic hash takes twice as long.
	return fmt.Sprintf(`coalesce(encode(int8send(hashtextextended(%s::text COLLATE "C", 0)), 'base64'), '%s')`, value, strings.Repeat("-", pieceLength))
}

// digest returns the digest of a row's columns, one piece after the other.
func digest(row string, columns []column) string {
	return "pg_catalog.array_to_string(ARRAY[" + say.Join(columns, ", ", func(c column) string { return piece(row, c) }) + "]::text[], '')"
}

// textSettings are the settings on which a value's text depends, as it is digested and as a plan shows it.
var textSettings = map[string]string{"TimeZone": "UTC", "DateStyle": "ISO, MDY", "IntervalStyle": "postgres", "extra_float_digits": "1",
	"bytea_output": "hex", "lc_monetary": "C", "xmlbinary": "base64"}

// withTextSettings runs f with values' texts the same in every session.
func withTextSettings(ctx context.Context, tx postgres.Tx, f func() error) error {
	names := sortedKeys(textSettings)
	values := say.Each(names, func(n string) string { return textSettings[n] })
	var before []string
	err := tx.QueryRow(ctx, `
WITH was AS MATERIALIZED (SELECT n, v, i, current_setting(n) AS s FROM ROWS FROM (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[])) WITH ORDINALITY AS x(n, v, i)),
	now AS MATERIALIZED (SELECT s, i, set_config(n, v, true) FROM was)
SELECT array_agg(s ORDER BY i) FROM now`, names, values).Scan(&before)
	if err != nil {
		return fmt.Errorf("prepare the session: %w", err)
	}
	if err := f(); err != nil {
		return err
	}
	return setLocally(ctx, tx, names, before)
}

func setLocally(ctx context.Context, tx postgres.Tx, names, values []string) error {
	_, err := tx.Exec(ctx, `SELECT set_config(n, v, true) FROM ROWS FROM (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[])) AS x(n, v)`, names, values)
	return err
}

// column is a column in which a table's rows differ: generated ones are left out.
type column struct {
	name  string
	typ   string  // without its schema; for a domain, the underlying type
	given *string // the value that a push gave existing rows; nil where that is not known
	def   string  // its default, where that is a constant; otherwise ""
}

// columnsNow returns a table's columns. The text settings must be set.
func columnsNow(ctx context.Context, q postgres.Querier, t postgres.TableRef) ([]column, error) {
	all, err := columnsOfAll(ctx, q, []postgres.TableRef{t})
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// columnsOfAll returns the columns of each of the tables. The text settings must be set.
func columnsOfAll(ctx context.Context, q postgres.Querier, list []postgres.TableRef) ([][]column, error) {
	all := make([][]column, len(list))
	err := postgres.Each(ctx, q, func(row postgres.Rows) error {
		var i int
		var c column
		err := row.Scan(&i, &c.name, &c.typ, &c.given, &c.def)
		all[i] = append(all[i], c)
		return err
	}, `
SELECT t.i - 1, a.attname::text, (SELECT b.typname FROM pg_catalog.pg_type b WHERE b.oid = coalesce(nullif(y.typbasetype, 0), y.oid))::text,
	CASE WHEN a.atthasmissing THEN (a.attmissingval::text::text[])[1] END, coalesce(d.def, '')
FROM pg_catalog.unnest($1::text[]) WITH ORDINALITY AS t(name, i) JOIN pg_catalog.pg_attribute a ON a.attrelid = t.name::regclass
JOIN pg_catalog.pg_type y ON y.oid = a.atttypid
LEFT JOIN LATERAL (SELECT pg_get_expr(adbin, adrelid) AS def FROM pg_catalog.pg_attrdef WHERE adrelid = a.attrelid AND adnum = a.attnum) AS d
	ON regexp_replace(d.def, '''([^'']|'''')*''', '', 'g') !~ '\w\('
WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY t.i, a.attnum`, quotedAll(list))
	if err != nil {
		return nil, fmt.Errorf("read the columns of the tables: %w", err)
	}
	return all, nil
}

func namesOf(columns []column) []string {
	return say.Each(columns, func(c column) string { return c.name })
}

// asAdded returns the condition that a row's value is the one that the column had when it was added. Where that is not
// known, the row counts as the user's.
func (c column) asAdded(row string) string {
	value := row + "." + postgres.Ident(c.name)
	same := []string{value + " IS NULL"}
	if c.given != nil {
		same = append(same, value+"::text = "+postgres.Literal(*c.given))
	}
	if c.def != "" {
		same = append(same, value+"::text = ("+c.def+")::text")
	}
	return "(" + strings.Join(same, " OR ") + ")"
}

// note is what the ledger notes about a seed's rows in one table.
type note struct {
	ledger.SeedNote
	key     []string // the columns that identify a row
	copied  string   // a temporary table that rows were copied to, or ""
	batches bool     // rows came in transactions inside that of the mark, as those of JSON lines do
}

// notes returns those whose rows can be found again.
func notes(noted []ledger.SeedNote, err error) ([]*note, error) {
	var list []*note
	for _, s := range noted {
		n := note{SeedNote: s, batches: strings.HasSuffix(s.Seed, ".jsonl")}
		for _, c := range sortedKeys(s.First) { // a push may have dropped one
			if slices.Contains(s.Now, c) {
				n.key = append(n.key, c)
			}
		}
		if len(n.key) > 0 {
			list = append(list, &n)
		}
	}
	return list, err
}

// rows returns SQL for the noted rows, numbered: key, digest, nth. Keys are recomputed from the noted ones, because the
// text of a timestamp depends on the session's time zone.
func (n *note) rows() string {
	if n.copied != "" {
		return "SELECT key, digest, nth FROM pg_temp." + n.copied
	}
	valid := ""
	for _, c := range n.Enums {
		valid += fmt.Sprintf(` AND (e.key->>%[1]s IS NULL OR e.key->>%[1]s IN (SELECT l.enumlabel FROM pg_catalog.pg_enum l
	JOIN pg_catalog.pg_attribute a ON a.atttypid = l.enumtypid WHERE a.attrelid = %[2]s::regclass AND a.attname = %[1]s))`,
			postgres.Literal(c), postgres.Literal(n.Table.Quoted()))
	}
	return fmt.Sprintf(`SELECT %s AS key, e.digest, e.nth FROM (%s) AS e, pg_catalog.jsonb_populate_record(NULL::%s, e.key) AS k WHERE true%s`,
		keyObject("k", n.key), n.Rows(), n.Table.Quoted(), valid)
}

// copyRows makes rows a temporary table, for several looks.
func (n *note) copyRows(ctx context.Context, tx postgres.Tx, name string) error {
	_, err := postgres.ExecStatements(ctx, postgres.TxConn(tx), []string{"DROP TABLE IF EXISTS pg_temp." + name,
		"CREATE TEMP TABLE " + name + " ON COMMIT DROP AS " + n.rows(), "ANALYZE pg_temp." + name})
	if err == nil {
		n.copied = name
	}
	return err
}

// asWritten returns the condition that a row has the values that were noted in a digest. The text settings must be set.
func (n *note) asWritten(ctx context.Context, q postgres.Querier, row, noted string) (string, error) {
	if n.Columns == nil {
		return n.untouched(row), nil
	}
	now, err := columnsNow(ctx, q, n.Table)
	if err != nil {
		return "", err
	}
	var missing []int // of n.Columns
	names := namesOf(now)
	added := slices.DeleteFunc(slices.Clone(now), func(c column) bool { return slices.Contains(n.Columns, c.name) })
	var there []column
	var noteds []string
	for i, c := range n.Columns {
		at := slices.Index(names, c)
		if at < 0 {
			missing = append(missing, i)
			continue
		}
		there, noteds = append(there, now[at]), append(noteds, pieceOf(noted, i))
	}
	renamed := map[string]int{}
	if len(missing) > 0 && len(added) > 0 {
		if renamed, err = n.renamed(ctx, q, missing, added); err != nil {
			return "", err
		}
	}
	want := noted
	if len(missing) > 0 {
		want = "pg_catalog.array_to_string(ARRAY[" + strings.Join(noteds, ", ") + "]::text[], '')"
	}
	same := []string{noted + " <> '" + notTheSeeds + "'", digest(row, there) + " = " + want}
	for _, c := range added {
		if i, ok := renamed[c.name]; ok {
			same = append(same, piece(row, c)+" = "+pieceOf(noted, i))
			continue
		}
		same = append(same, c.asAdded(row))
	}
	return "coalesce(" + strings.Join(same, " AND ") + ", false)", nil
}

func pieceOf(digest string, i int) string {
	return fmt.Sprintf("substr(%s, %d, %d)", digest, i*pieceLength+1, pieceLength)
}

// renamed guesses which new columns are noted ones under another name: those whose values are the noted ones in most of
// the rows. It returns the noted ones' numbers.
func (n *note) renamed(ctx context.Context, q postgres.Querier, missing []int, added []column) (map[string]int, error) {
	var pairs []string
	for _, i := range missing {
		for _, c := range added {
			pairs = append(pairs, fmt.Sprintf("2 * count(*) FILTER (WHERE %s = %s AND r.%s IS NOT NULL) > count(r.%[3]s)",
				piece("r", c), pieceOf("noted.digest", i), postgres.Ident(c.name)))
		}
	}
	var same []bool
	err := q.QueryRow(ctx, fmt.Sprintf("SELECT ARRAY[%s] FROM (%s) AS noted JOIN ONLY %s AS r ON %s = noted.key",
		strings.Join(pairs, ", "), n.rows(), n.Table.Quoted(), keyObject("r", n.key))).Scan(&same)
	if err != nil {
		return nil, fmt.Errorf("look for the columns that %s had: %w", n.Table, err)
	}
	found := map[string]int{}
	for k, is := range same {
		if name := added[k%len(added)].name; is {
			if _, ok := found[name]; !ok {
				found[name] = missing[k/len(added)]
			}
		}
	}
	return found, nil
}

// untouched returns the condition that a row is still the one that the seed wrote where no digest was noted: it was
// written by the transaction that noted it, or by the next one, in which the file ran. In doubt, it is false.
func (n *note) untouched(row string) string {
	if n.Mark == "" {
		return "false"
	}
	last := 1
	if n.batches {
		last = 2
	}
	return fmt.Sprintf("%s.xmin::text::bigint - %s BETWEEN 0 AND %d", row, n.Mark, last)
}
