package fakedata

import (
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/lazy"
)

// Names of one thing agree within a row: first, last and full name, e-mail and user name are one person's, and a slug
// is made from the name or title. The writers below therefore draw from dice that the row's columns share, in the same
// order; those of another person of the row (senderName, recipientName) have different dice.

// subjectOf returns who or what a column's name is about, other than the row itself: "sender" for sender_email, "" for
// fullName.
func subjectOf(name string) string {
	words := slices.DeleteFunc(nameWords(name), func(w string) bool { return namingWords.Has(w) })
	return strings.Join(words, " ")
}

var namingWords = lazy.Words{Text: "name names first given last family middle full display user screen nick login handle slug title email emails mail address " +
	"username nickname firstname lastname surname fullname displayname permalink e"}

func firstName() textKind { return textKind{write: word("first"), joint: " ", shared: true} }

func lastName() textKind {
	last := word("last")
	return textKind{write: func(dst []byte, d *dice) []byte { d.next(); return last(dst, d) }, joint: " ", shared: true}
}

func fullName() textKind {
	first, last := stock("first"), stock("last")
	return textKind{write: func(dst []byte, d *dice) []byte {
		return append(append(append(dst, of(first, d)...), ' '), of(last, d)...)
	}, joint: " ", shared: true}
}

func handleWriter() writer {
	first, last := stock("first"), stock("last")
	return func(dst []byte, d *dice) []byte {
		dst = append(appendLower(dst, of(first, d)), '.')
		return appendLower(dst, of(last, d))
	}
}

func handle() textKind { return textKind{write: handleWriter(), joint: "_", shared: true} }

func email() textKind {
	user := handleWriter()
	hosts := []string{"example.com", "example.org", "example.net", "mail.example.com", "post.example.org"}
	return textKind{write: func(dst []byte, d *dice) []byte {
		return append(append(user(dst, d), '@'), hosts[d.skewed(5)]...)
	}, joint: ".", inside: '@', wide: 12, shared: true}
}

func appendLower(dst []byte, s string) []byte {
	for _, r := range []byte(s) {
		switch {
		case r >= 'A' && r <= 'Z':
			dst = append(dst, r+32)
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			dst = append(dst, r)
		}
	}
	return dst
}

// personal returns the kind of text for a column that names a person. Otherwise ok is false.
func (c *column) personal(words []string) (kind textKind, ok bool) {
	has := func(list ...string) bool { return anyOf(words, list...) }
	last := words[len(words)-1]
	switch {
	case slices.Contains([]string{"email", "emails", "mail", "gmail"}, last), has("email", "mail") && has("address", "addr"):
		return email(), true
	case has("username", "login", "nickname", "nick", "handle") && last != "at", has("user", "screen") && last == "name":
		return handle(), true
	case has("firstname", "forename"), last == "name" && has("first", "given"):
		return firstName(), true
	case has("lastname", "surname"), last == "name" && has("last", "family"):
		return lastName(), true
	case has("fullname"), last == "name" && has("full"):
		return fullName(), true
	case last == "name" || last == "displayname":
		about := nameWords(subjectOf(c.name))
		if len(about) == 0 && (c.table.isPeople() || c.ofUser(words)) || len(about) > 0 && people.Has(singulars(about[len(about)-1:])[0]) {
			return fullName(), true
		}
	case len(words) == 1 && writers.Has(last):
		return fullName(), true
	}
	return kind, false
}

// ofUser reports whether a display name without any other name is that of the user whom the row belongs to.
func (c *column) ofUser(words []string) bool {
	if words[0] != "display" && words[0] != "displayname" {
		return false
	}
	owned := false
	for _, o := range c.table.columns {
		switch strings.Join(nameWords(o.name), " ") {
		case "name", "title", "slug":
			return false
		case "user id", "author id", "member id", "profile id":
			owned = true
		}
	}
	return owned
}

// people are words for persons, in names of tables and before "name"; writers are those that alone mean a name.
var (
	people = lazy.Words{Text: "user person author creator customer profile member contact employee student patient owner participant requester requestor " +
		"reviewer approver assignee reporter sender recipient receiver manager editor operator admin guest teacher doctor driver candidate client " +
		"invitee inviter subscriber attendee buyer seller cardholder staff"}
	writers = lazy.Words{Text: "author creator editor reviewer approver assignee reporter sender recipient requester owner manager"}
)

// isPeople reports whether the table's rows are people.
func (t *table) isPeople() bool {
	words := singulars(nameWords(t.ref.Name))
	return len(words) > 0 && people.Has(words[len(words)-1]) || slices.ContainsFunc(t.columns, func(c *column) bool {
		return slices.Contains([]string{"first name", "last name", "username"}, strings.Join(nameWords(c.name), " "))
	})
}

// slugKind returns the slug of the row's name or title, or one of its own.
func (c *column) slugKind() textKind {
	kind := textKind{write: slug(), joint: "-", shared: true}
	if c.table.isPeople() {
		kind.write = slugOf(fullName().write)
	}
	about := subjectOf(c.name)
	for _, name := range []string{"name", "title", "fullname", "displayname"} {
		for _, other := range c.table.columns {
			u, _ := other.underlying()
			own, _ := strings.CutPrefix(strings.Join(nameWords(other.name), " "), about)
			if strings.ReplaceAll(own, " ", "") != name || subjectOf(other.name) != about || u.category != 'S' || other.owner != nil {
				continue
			}
			if k := other.kindByName(); k.shared {
				kind.write = slugOf(k.write)
			}
			return kind
		}
	}
	return kind
}

// longestSlug is where the slug of a long title is cut.
const longestSlug = 48

// slugOf returns a writer of another writer's text as a slug.
func slugOf(write writer) writer {
	var scratch []byte
	return func(dst []byte, d *dice) []byte {
		scratch = write(scratch[:0], d)
		from := len(dst)
		for _, b := range scratch {
			switch {
			case b >= 'A' && b <= 'Z':
				b += 32
			case b >= 'a' && b <= 'z', b >= '0' && b <= '9':
			case b == '\'':
				continue
			default:
				b = '-'
			}
			if b == '-' && (len(dst) == from || dst[len(dst)-1] == '-') {
				continue
			}
			if b == '-' && len(dst)-from > longestSlug {
				break
			}
			dst = append(dst, b)
		}
		for len(dst) > from && dst[len(dst)-1] == '-' {
			dst = dst[:len(dst)-1]
		}
		return dst
	}
}
