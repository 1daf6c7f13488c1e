package fakedata

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

func TestPatternsInUniqueKeysHaveAsManyTextsAsRows(t *testing.T) {
	columns := []string{
		`email text UNIQUE CHECK (email ~ '^[^@]+@[^@]+\.[a-z]+$')`, `slug varchar(40) UNIQUE CHECK (slug ~ '^[a-z0-9-]+$')`,
		`contact text UNIQUE CHECK (contact LIKE '%@%')`, `code text PRIMARY KEY CHECK (code ~ '^[A-Z]{2,4}-[0-9]{2,}$')`,
		`sku varchar(9) UNIQUE CHECK (sku ~ '^[A-Z]+[0-9]*$')`, `tag text UNIQUE CHECK (tag ~ '^(a|b[0-9]+|c)$')`,
		`folded text CHECK (folded ~ '^[A-Za-z]{2}$')`, `word citext UNIQUE CHECK (word ~ '^[A-Za-z]{2}$')`,
		`ref text UNIQUE CHECK (ref ~ '^[a-z]' AND ref ~ '[a-z0-9]$')`, `tail mail UNIQUE`, `short tiny UNIQUE`,
		`hex text UNIQUE CHECK (hex ~* '^0x[0-9a-f]{4}$' AND hex <> '0x0000')`,
	}
	var script strings.Builder
	script.WriteString(`CREATE EXTENSION citext; CREATE DOMAIN mail AS varchar(20) CHECK (VALUE ~ '^[^@]+@[^@]+$' AND length(VALUE) >= 6);
CREATE DOMAIN tiny AS text CHECK (VALUE ~ '^[a-z]+$') CHECK (length(VALUE) <= 5);`)
	for i, c := range columns {
		fmt.Fprintf(&script, "CREATE TABLE t%02d (%s);\n", i, c)
	}
	script.WriteString("CREATE UNIQUE INDEX ON t06 (lower(folded));")
	db := newDatabase(t, script.String())
	plan := mustFill(t, db, Options{Rows: 400, Seed: 3})
	for _, p := range plan.Tables {
		var i int
		fmt.Sscanf(p.Table.Name, "t%d", &i)
		if p.Rows != 400 || p.Note != "" {
			t.Errorf("%s: %d rows, %s", columns[i], p.Rows, p.Note)
		}
	}
}

// TestPatternsAreMetByWhatTheNameSuggests has patterns that believable texts match: these are used.
func TestPatternsAreMetByWhatTheNameSuggests(t *testing.T) {
	db := newDatabase(t, `CREATE TABLE users (id int PRIMARY KEY, email text NOT NULL UNIQUE CHECK (email ~ '^[^@]+@[^@]+\.[a-z]+$'),
contact_email text NOT NULL CHECK (contact_email LIKE '%@%'), slug text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9-]+$'),
wallet_address text NOT NULL CHECK (wallet_address ~ '^0x[0-9a-fA-F]{40}$'), odd text NOT NULL UNIQUE CHECK (odd ~ '^[^@]+@[^@]+$'))`)
	mustFill(t, db, Options{Rows: 500, Seed: 3})
	expect(t, db, 500, `SELECT count(*) FROM users WHERE email ~ '^[a-z]+\.[a-z]+\.[0-9a-z]+@[a-z.]*example\.(com|org|net)$' AND contact_email ~ '^[a-z]+\.[a-z]+@'
AND slug ~ '^[a-z]+-[a-z]+-[0-9a-z]+$' AND odd ~ '^[a-z0-9]+@[a-z0-9]+$'`)
	expect(t, db, 0, `SELECT count(*) FROM users WHERE odd ~ '(.)\1\1\1\1'`)
}

func TestTextsForNumbersDiffer(t *testing.T) {
	for _, text := range []string{`^[a-c]{1,3}[0-9]?$`, `^(x|[ab]+)-[0-9]{2}$`, `^[a-f]*[a-f]+$`} {
		c := &column{table: &table{}, name: "odd", typ: &dataType{name: "text", kind: 'b', category: 'S'}, typmod: -1}
		if !c.holdPattern(text, 0) {
			t.Errorf("%s is not understood", text)
			continue
		}
		p, seen := c.guide.pattern, map[string]bool{}
		n := min(p.size(), 3000)
		for i := range n {
			d := roll(1, i)
			seen[string(p.append(nil, p.re, p.numbered(i, &d)))] = true
		}
		if int64(len(seen)) != n || n < 30 {
			t.Errorf("%s: %d texts for %d numbers", text, len(seen), n)
		}
		for s := range seen {
			if !regexp.MustCompile(text).MatchString(s) {
				t.Errorf("%s: %q", text, s)
			}
		}
	}
}
