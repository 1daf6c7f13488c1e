// Package client finds the clients that Prisma's generators wrote, and compares what each was generated for with the
// schema as it is now. What was generated is read up to a limit, and never run.
package client

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/prisma"
)

// State is what a generator's client is, compared with the schema.
type State string

const (
	Fresh   State = "fresh"   // it was generated for the models that the schema has
	Stale   State = "stale"   // for others
	Missing State = "missing" // the generator has written none yet
	Unread  State = "unread"  // it cannot be told: Why says why
)

// Client is what one generator has written.
type Client struct {
	Generator string // its name in the Prisma file
	Folder    string // absolute; "" where it is not known
	State     State
	Why       string  // with Unread, and with Missing where its package is not installed
	Models    []Model // with Stale: those that differ, in the order of the Prisma file, those that are gone last
}

// Model is a model, view or enum that a client knows otherwise than the Prisma file has it.
type Model struct {
	Schema string // of the database
	Name   string
	How    How
	Fields []Field // with Changed
}

// How says what a client does not know of a model.
type How string

const (
	Added   How = "added"   // the client does not have it
	Removed How = "removed" // only the client has it
	Changed How = "changed" // its fields differ
)

// Field is a field, an enum's value, or an attribute of the whole model, that differs.
type Field struct {
	Name   string
	Schema string // as the Prisma file has it now: "String?"; "" where it is gone
	Client string // as the client has it; "" where it does not
}

// String describes the difference: "nick String? is new".
func (f Field) String() string {
	switch {
	case f.Client == "":
		return strings.TrimSuffix(f.Name+" "+f.Schema, " "+f.Name) + " is new"
	case f.Schema == "":
		return f.Name + " is gone"
	}
	return f.Name + " is " + f.Schema + ", and was " + f.Client
}

// String describes the difference: "User: nick String? is new".
func (m Model) String() string {
	switch m.How {
	case Added:
		return m.Name + " is new"
	case Removed:
		return m.Name + " is gone"
	}
	parts := make([]string, len(m.Fields))
	for i, f := range m.Fields {
		parts[i] = f.String()
	}
	return m.Name + ": " + strings.Join(parts, "; ")
}

// Compare reads the client of a place and compares it with the Prisma files as they are now, which hold no mistake.
func (p Place) Compare(ctx context.Context, now []prisma.Source) *Client {
	c := &Client{Generator: p.Generator, Folder: p.Folder, State: Unread, Why: p.Why}
	if p.File == "" {
		if p.Why == "" || p.Why == notInstalled {
			c.State = Missing
		}
		return c
	}
	text, err := files.Read(ctx, p.File, files.Schema)
	if errors.Is(err, fs.ErrNotExist) {
		c.State = Missing // removed since it was found
		return c
	}
	if err != nil {
		c.Why = err.Error()
		return c
	}
	then := string(text)
	if p.inCode {
		var ok bool
		if then, ok = inlineSchema(then); !ok {
			c.Why = "the schema in its code was not found"
			return c
		}
	}
	if sameWords(then, now) {
		c.State = Fresh
		return c
	}
	c.compare(then, now)
	return c
}

func (c *Client) compare(then string, now []prisma.Source) {
	old, err := prisma.Parse(prisma.Source{Name: "the generated client", Text: then})
	if err != nil {
		c.Why = "the schema that it was generated for cannot be read"
		return
	}
	current, err := prisma.Parse(slices.Clone(now)...)
	if err != nil {
		c.Why = "the Prisma file has mistakes"
		return
	}
	if c.Models = difference(shapeOf(old), shapeOf(current)); len(c.Models) > 0 {
		c.State = Stale
		return
	}
	c.State = Fresh
}
