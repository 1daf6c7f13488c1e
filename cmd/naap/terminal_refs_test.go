//go:build unix

package main

import (
	"net/url"
	"slices"
	"strings"
	"testing"
)

// refsData is a team that seven tables refer to by its whole key: one of them with more rows than are counted, one that the
// role below may not read, and one of which only a few rows are this team's. A view has no key.
const refsData = `
CREATE TABLE "Org" (id int PRIMARY KEY, name text); INSERT INTO "Org" VALUES (1, 'Livepeer'), (2, 'Other org');
CREATE TABLE "Team" (tenant int, id int, org int REFERENCES "Org", title text, PRIMARY KEY (tenant, id));
INSERT INTO "Team" VALUES (1, 7, 1, 'the first'), (2, 7, 2, 'the second'), (3, 7, NULL, 'the third');
CREATE TABLE "Audit" (nr int PRIMARY KEY, tenant int, team int, FOREIGN KEY (tenant, team) REFERENCES "Team");
INSERT INTO "Audit" SELECT n, 2, 7 FROM generate_series(1, 1500) n;
CREATE TABLE "Badge" (nr int PRIMARY KEY, tenant int, team int, FOREIGN KEY (tenant, team) REFERENCES "Team");
CREATE TABLE "Member" (nr int PRIMARY KEY, tenant int, team int, FOREIGN KEY (tenant, team) REFERENCES "Team");
INSERT INTO "Member" VALUES (9011, 1, 7), (9012, 2, 7), (9013, 2, 7), (9014, 2, NULL);
CREATE TABLE "Note" (nr int PRIMARY KEY, tenant int, team int, FOREIGN KEY (tenant, team) REFERENCES "Team");
INSERT INTO "Note" SELECT n, 2, 7 FROM generate_series(1, 12) n;
CREATE TABLE "Secret" (nr int PRIMARY KEY, tenant int, team int, FOREIGN KEY (tenant, team) REFERENCES "Team");
INSERT INTO "Secret" VALUES (1, 2, 7);
CREATE VIEW "Members" AS SELECT nr, tenant, 'member ' || nr AS what FROM "Member" ORDER BY nr DESC;
CREATE ROLE refs_viewer LOGIN PASSWORD 'refs';
GRANT SELECT ON ALL TABLES IN SCHEMA public TO refs_viewer; REVOKE SELECT ON "Secret" FROM refs_viewer;
`

// as is the URL of the server for another role.
func (p *program) as(t *testing.T, role, password string) string {
	t.Helper()
	u, err := url.Parse(strings.TrimSpace(p.must(t, "dev", "url")))
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(role, password)
	return u.String()
}

func TestTerminalShowsWhoRefersToARowWithCounts(t *testing.T) {
	t.Parallel()
	p := newPrepared(t, empty)
	p.must(t, "dev", "up", "--detach", "--no-push", "--no-seed")
	p.must(t, "dev", "sql", "--write", refsData)
	viewer := *p
	viewer.env = append(slices.Clone(p.env), "NAAP_DATABASE_URL="+p.as(t, "refs_viewer", "refs"))
	s := sit(t, &viewer, 160, 45, "dev")
	s.sees("1 Schemas", "healthy").jumps("Team").sees("keyset(tenant, id)", "the second", "1 (Livepeer)", "2 (Other org)")
	s.types("j", "u").sees("Rows that point here", "1,000+ public.Audit", "0 public.Badge", "2 public.Member", "12 public.Note", "? public.Secret", "the role may not read it  tenant, team")
	s.types("j", "j", enter).sees("Team > Member", "where tenant = 2 and team = 7", "9012", "9013", "of 2").loses("9011", "9014")
	// The row's own page, with what it points at by name, and back.
	s.types("v").sees("> 9012", "2  → public.Team", "7  → public.Team  the second", "points at").escapes()
	s.loses("points at").leavesPage("> Member")
	s.types("v").sees("→ public.Org  Other org", "used by", "1,000+  public.Audit", "0  public.Badge", "2  public.Member", "?  public.Secret  the role may not read it").types("G", "k", enter)
	s.sees("> Note", "where tenant = 2 and team = 7", "of 12").leavesPage("> Note")
	s.leavesPage("> 2, 7").leavesPage("> Team")
	// A row of a view is opened as it is shown, whatever was filtered before it.
	s.types(":", "Members").sees("▸ Members").types(enter).sees("5 Members").types(enter).sees("> Members").types("4").sees("offset", "9014").types("/").sees("nr / ").types("901", enter).sees("where nr contains 901")
	s.types(right, "/").sees("tenant / ").types("=1", enter).sees("and tenant = 1", "9011").loses("9014")
	s.types("v").sees("member 9011").loses("member 9014", "has changed").escapes()
	s.leavesPage("> Members").leaves()
}
