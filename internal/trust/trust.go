// Package trust records what the user at the keyboard has allowed a repository: the programs that its files would
// start, and the places outside the workspace that they would lead to. What was allowed is kept in the user's own state
// folder, by workspace, kind, subject and text, and never in the repository, which could otherwise answer for the user.
//
// A room that is about to do what a file of the repository says makes an Item of it, and asks a Judge about its
// standing:
//
//	item := trust.Item{Kind: trust.SeedCommand, Subject: "package.json prisma.seed", Text: "tsx seed.ts"}
//	if s := judge.Of(item); !s.Allowed { … hold it back, and say so }
//
// What the user gave, by a flag or a variable of the environment, is not an Item: it needs no permission.
package trust

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/say"
)

// CodeNeeded is the code of the error for what the user has not allowed.
const CodeNeeded = "trust.needed"

// Kind is a way in which a repository's files make something run, or lead out of the workspace. Kinds are kept in the
// store and named in NAAP_TRUST: they do not change between versions.
type Kind string

const (
	// SeedCommand is a shell command that fills the database.
	SeedCommand Kind = "seed-command"
	// Hook is a shell command that runs after a push.
	Hook Kind = "hook"
	// ServerPrograms is the folder of PostgreSQL's programs that the embedded engine starts.
	ServerPrograms Kind = "server-programs"
	// SQL is a script's statements that reach outside the database: to programs, files or libraries of the server.
	SQL Kind = "sql"
	// Image is the image that the container is made from, and what runs in it instead of the image's own.
	Image Kind = "image"
	// DockerContext is the context of the docker command, which says on which machine the container runs.
	DockerContext Kind = "docker-context"
	// DatabaseURL is a server that naap did not start, by its host, port and database.
	DatabaseURL Kind = "database-url"
	// Mount is a file or folder outside the workspace that the container is given.
	Mount Kind = "mount"
	// Volume is where the database's files are, unless that is a volume of the instance's own.
	Volume Kind = "volume"
	// Port is a way in which other machines or containers reach the database: a network of containers that others made.
	Port Kind = "port"
	// Folder is a workspace, or a settings file, that another user owns.
	Folder Kind = "folder"
)

// kinds are all of them, in the order in which they are shown, with what the user calls one.
var kinds = []struct {
	kind  Kind
	title string
}{
	{Folder, "files that another user owns"},
	{DatabaseURL, "database server"},
	{DockerContext, "docker context"},
	{Image, "container"},
	{Mount, "mount of a place outside the workspace"},
	{Volume, "place of the data"},
	{Port, "way to the database from elsewhere"},
	{ServerPrograms, "server programs"},
	{SQL, "SQL that reaches out of the database"},
	{SeedCommand, "seed command"},
	{Hook, "command after a push"},
}

// Kinds returns all kinds, in the order in which they are shown.
func Kinds() []Kind {
	var all []Kind
	for _, k := range kinds {
		all = append(all, k.kind)
	}
	return all
}

// Title returns what the user calls something of this kind: "seed command".
func (k Kind) Title() string {
	for _, known := range kinds {
		if known.kind == k {
			return known.title
		}
	}
	return string(k)
}

// Item is one thing that a file of the repository would make naap run or reach.
type Item struct {
	Kind Kind
	// Subject is what the text belongs to, and stays the same when the text changes: "packages/database/package.json
	// prisma.seed", "docker/init-schemas.sql". A path in it is relative to the workspace.
	Subject string
	// Where is the file and line that says so, for people: "naap.toml:3". It is not part of the hash.
	Where string
	// Text is all of what would run or be reached, exactly. It is shown to the user and kept in the store, so it must
	// not contain a password.
	Text string
}

// Hash returns a digest of the kind, the subject and the text, in hexadecimal, which identifies what was allowed.
func (i Item) Hash() string {
	h := sha256.New()
	for _, part := range []string{string(i.Kind), i.Subject, i.Text} {
		fmt.Fprintf(h, "%d:%s", len(part), part) // with its length, so that no part can pass for the end of another
	}
	return hex.EncodeToString(h.Sum(nil))
}

// ShortHash returns the beginning of the hash, which is shown to people and accepted in NAAP_TRUST. It is long enough
// that another text with the same one cannot be found.
func (i Item) ShortHash() string { return i.Hash()[:shortHash] }

const shortHash = 32

// Standing is an Item and whether it is allowed.
type Standing struct {
	Item
	Allowed bool
	By      string // what allows it: "the environment's NAAP_TRUST"; "" where nothing does
	// Was is the text that was allowed before for the same kind and subject, if that was different, or "".
	Was string
}

// State returns the standing in one word: "allowed", "new", or "changed" where another text was allowed before.
func (s Standing) State() string {
	switch {
	case s.Allowed:
		return "allowed"
	case s.Was != "":
		return "changed"
	}
	return "new"
}

// Judge knows what was allowed for one workspace. The zero Judge allows nothing.
type Judge struct {
	workspace string
	grants    []Grant
	given     Given
}

// NewJudge returns the judge for a workspace: by what the store has for it, and by what the user gave up front. Where
// the store cannot be read, the judge uses only what was given, and the error says why.
func NewJudge(store Store, workspace string, given Given) (Judge, error) {
	grants, err := store.Read(workspace)
	return Judge{workspace: canonical(workspace), grants: grants, given: given}, err
}

// Of returns the standing of an item.
func (j Judge) Of(item Item) Standing {
	s := Standing{Item: item}
	if s.By = j.given.allows(j.workspace, item); s.By != "" {
		s.Allowed = true
		return s
	}
	hash := item.Hash()
	for _, g := range j.grants {
		switch {
		case g.Item().Hash() == hash:
			return Standing{Item: item, Allowed: true, By: "allowed on " + g.At.Local().Format("2 January 2006")}
		case g.Kind == item.Kind && g.Subject == item.Subject:
			s.Was = g.Text
		}
	}
	return s
}

// All returns the standing of each item, in the order of Kinds.
func (j Judge) All(items []Item) []Standing {
	out := say.Each(items, j.Of)
	order := Kinds()
	slices.SortStableFunc(out, func(a, b Standing) int { return slices.Index(order, a.Kind) - slices.Index(order, b.Kind) })
	return out
}

// Held returns those that nothing allows.
func Held(all []Standing) []Standing {
	return slices.DeleteFunc(slices.Clone(all), func(s Standing) bool { return s.Allowed })
}

// Items returns the items of standings.
func Items(all []Standing) []Item {
	return say.Each(all, func(s Standing) Item { return s.Item })
}

// Line returns an item on one line, for a plan: what it is and all of its text, with the lines joined.
func (i Item) Line() string {
	return i.Kind.Title() + " of " + i.Subject + ": " + strings.Join(strings.Fields(i.Text), " ")
}
