// Package reach finds what a workspace's files do beyond the database: SQL that reaches out of it, and a server elsewhere
// that they name.
package reach

import (
	"crypto/sha256"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/livepeer/naap-dev/internal/dburl"
	"github.com/livepeer/naap-dev/internal/lazy"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/seedfile"
	"github.com/livepeer/naap-dev/internal/trust"
	"github.com/livepeer/naap-dev/internal/visible"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// SQL returns the items for the workspace's SQL that reaches out of the database: in the init script and others
// that the image runs, and in the expressions of the Prisma file. What is inside the program is naap's own.
func SQL(ws *workspace.Workspace) []trust.Item {
	var items []trust.Item
	add := func(item trust.Item, ok bool) {
		if ok && !slices.ContainsFunc(items, func(i trust.Item) bool { return i.Subject == item.Subject }) {
			items = append(items, item)
		}
	}
	if init := ws.Init; init != nil && init.OnDisk() {
		add(Script(init.Name, init.Text))
	}
	for _, f := range ws.InitScripts() {
		add(Script(f.Name, f.Text))
	}
	for _, f := range ws.SchemaFiles {
		if f.OnDisk() {
			add(schemaItem(f))
		}
	}
	return items
}

// outwardKnown keeps what was found in a file's text: a verb asks several times, and seed files may be large.
var outwardKnown sync.Map // outwardKey → []postgres.Outward

type outwardKey struct {
	text [sha256.Size]byte
	seed bool // whether it is read as a seed is, by its statements
}

// outwardIn returns what find finds in a text, and searches each text once.
func outwardIn(text string, seed bool, find func(text string) []postgres.Outward) []postgres.Outward {
	key := outwardKey{sha256.Sum256([]byte(text)), seed}
	if known, ok := outwardKnown.Load(key); ok {
		return known.([]postgres.Outward)
	}
	found := find(text)
	outwardKnown.Store(key, found)
	return found
}

// Script returns the item for a script of the workspace, such as that of a migration.
func Script(name, text string) (trust.Item, bool) {
	return outwardItem(name, outwardIn(text, false, postgres.FindOutward))
}

// Seed returns the item for a seed file that is not the program's own. Its rows of COPY … FROM stdin are data and
// are not searched.
func Seed(ws *workspace.Workspace, f *seedfile.File) (trust.Item, bool) {
	if f.Format != seedfile.SQL || !filepath.IsAbs(ws.Seeds.Path) {
		return trust.Item{}, false
	}
	return outwardItem(f.Path, outwardIn(f.Text, true, func(text string) []postgres.Outward {
		list, err := f.Statements()
		if err != nil {
			return postgres.FindOutward(text)
		}
		var found []postgres.Outward
		for _, st := range list {
			for _, o := range postgres.FindOutward(st.Text) {
				o.Line += st.Line - 1
				found = append(found, o)
			}
		}
		return found
	}))
}

// outwardItem returns an item for the statements of one file. Their place is not part of it: the rest of the file may
// change.
func outwardItem(name string, found []postgres.Outward) (trust.Item, bool) {
	if len(found) == 0 {
		return trust.Item{}, false
	}
	text := say.Join(found, "\n", func(o postgres.Outward) string { return o.Text + ";" })
	return trust.Item{Kind: trust.SQL, Subject: name, Where: name + ":" + strconv.Itoa(found[0].Line), Text: text}, true
}

// expression matches the SQL at the beginning of what follows one of expressionWords and a parenthesis in a Prisma file:
// it is passed to the server as it is.
var expression = lazy.Regexp{Text: `^\s*("(?:[^"\\]|\\.)*")`}

var expressionWords = []string{"dbgenerated", "raw", "Unsupported"}

// beginsExpression reports whether a text ends with one of the words.
func beginsExpression(head string) bool {
	return slices.ContainsFunc(expressionWords, func(word string) bool {
		before, ok := strings.CutSuffix(head, word)
		return ok && (before == "" || !isWord(before[len(before)-1]))
	})
}

func isWord(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

func schemaItem(f workspace.File) (trust.Item, bool) {
	var found []postgres.Outward
	// The regular expression alone would look at each byte of the file, which took a tenth of an idle push.
	for at := 0; ; {
		paren := strings.IndexByte(f.Text[at:], '(')
		if paren < 0 {
			return outwardItem(f.Name, found)
		}
		head := f.Text[:at+paren]
		at = len(head) + 1
		if !beginsExpression(head) {
			continue
		}
		m := expression.Get().FindStringSubmatchIndex(f.Text[at:])
		if m == nil {
			continue
		}
		quoted := f.Text[at+m[2] : at+m[3]]
		sql, err := strconv.Unquote(quoted)
		if err != nil {
			sql = quoted[1 : len(quoted)-1]
		}
		if postgres.WhyOutward("SELECT "+sql) != "" || len(postgres.Split(sql)) > 1 {
			found = append(found, postgres.Outward{Line: postgres.PositionAt(f.Text, len(head)).Line, Text: sql})
		}
		at += m[1]
	}
}

// Backup returns the item for the statements that were found in a backup file.
func Backup(path string, found []postgres.Outward) (trust.Item, bool) {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	return outwardItem(path, found)
}

// Database returns the item for the server that a file of the repository names as the workspace's; ok is false if the
// user named it, if it is on this machine, or if there is none.
func Database(ws *workspace.Workspace) (item trust.Item, ok bool, err error) {
	set := &ws.Settings
	origin := set.Origin("database-url")
	if !set.IsExternal() || !origin.IsRepository() {
		return trust.Item{}, false, nil
	}
	t, err := dburl.ParseTarget(set.DatabaseURL)
	if err != nil {
		if r, is := remedy.Of(err); is {
			r.WithSeen("set by " + visible.String(origin.String()))
		}
		return trust.Item{}, false, err
	}
	if postgres.OnThisMachine(t) {
		return trust.Item{}, false, nil
	}
	return trust.Item{
		Kind: trust.DatabaseURL, Subject: workspace.SettingsFileName + " database-url", Where: origin.Where,
		// With its parameters: one may lead elsewhere, name a file of the user's, or turn encryption off.
		Text: t.WithoutSecrets().URL() + "\nwith the password, the service and the certificate that your environment and home folder have for it",
	}, true, nil
}
