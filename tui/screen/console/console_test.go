package console

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/tui/fake"
)

func TestADamagedHistoryIsReadAsFarAsItGoes(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "sql_history.jsonl"), []byte("\"one\"\n{broken\n\"two\"\n\"\\u0000"), 0o600); err != nil {
		t.Fatal(err)
	}
	if h := LoadHistory(dir); strings.Join(h.Texts, "|") != "one|two" {
		t.Errorf("read %q", h.Texts)
	}
}

func TestCompletionKnowsWhatMayFollow(t *testing.T) {
	words, err := fake.New().Completion(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		`SELECT * FROM "Use`:                                      `"User"`,
		`SELECT * FROM plugin_wal`:                                `plugin_wallet.`,
		`SELECT * FROM plugin_wallet.WalletAd`:                    `plugin_wallet."WalletAddress"`,
		`SELECT amo`:                                              ``,
		`SELECT * FROM "Team" WHERE amo`:                          `amount`,
		`SELECT * FROM "Team" t WHERE t.own`:                      `t."ownerId"`,
		`SELECT * FROM "Team" AS x JOIN "User" u ON u.addr`:       `u.address`,
		`SELECT * FROM plugin_wallet."Ledger" l WHERE l.createdA`: `l."createdAt"`,
		`sel`:             `SELECT`,
		`SELECT coal`:     `coalesce(`,
		`SET search`:      `search_path`,
		`SELECT 'from Us`: ``,
	} {
		from := len(text)
		for from > 0 && !strings.ContainsRune(" ('", rune(text[from-1])) {
			from--
		}
		got := ""
		if items := completions(words, text, from, text[from:]); len(items) > 0 {
			got = items[0].Insert
		}
		if want != "" && got != want {
			t.Errorf("%s: offered %q first, want %q", text, got, want)
		}
	}
}

// TestANameIsQuotedWhereTheServerReservesIt has a word that is not among those that are coloured, and one that is coloured
// and that the server does not reserve.
func TestANameIsQuotedWhereTheServerReservesIt(t *testing.T) {
	words := &postgres.Completion{
		Reserved: []string{"SELECT", "WINDOW"},
		Tables: []postgres.CompletionTable{{
			TableRef: postgres.TableRef{Schema: "public", Name: "t"}, Visible: true,
			Columns: []postgres.CompletionColumn{{Name: "window"}, {Name: "type"}},
		}},
	}
	for text, want := range map[string]string{"win": `"window"`, "typ": "type"} {
		if items := completions(words, "SELECT * FROM t WHERE "+text, len("SELECT * FROM t WHERE "), text); len(items) == 0 || items[0].Insert != want {
			t.Errorf("%s: offered %v, want %s", text, items, want)
		}
	}
}

func TestStatementsAreSplitAsElsewhere(t *testing.T) {
	for text, want := range sharedStatements(t) {
		at := 0
		for _, statement := range want {
			at += strings.Index(text[at:], statement)
			if got := statementAt(text, at); !strings.Contains(got, statement) || len(want) > 1 && strings.Contains(got, want[0]) != (statement == want[0]) {
				t.Errorf("%q: at %d is %q, want %q", text, at, got, statement)
			}
			at += len(statement)
		}
	}
}

// sharedStatements are texts with their statements, which all who read SQL split alike.
func sharedStatements(t *testing.T) (list map[string][]string) {
	t.Helper()
	data, err := os.ReadFile("../../../internal/sqltext/testdata/statements.json")
	if err := errors.Join(err, json.Unmarshal(data, &list)); err != nil {
		t.Fatal(err)
	}
	return list
}
