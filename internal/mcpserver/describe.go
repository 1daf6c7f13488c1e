package mcpserver

import (
	"context"
	"fmt"
	"strings"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

type describeArguments struct {
	Table string `json:"table" jsonschema:"schema.table, a table's name, or a Prisma model's"`
}

type describeAnswer struct {
	Table      string        `json:"table" jsonschema:"schema.table"`
	Kind       string        `json:"kind"`
	Model      string        `json:"model,omitempty" jsonschema:"its model in the Prisma file"`
	Owner      string        `json:"owner,omitempty" jsonschema:"the plugin or service of its schema"`
	Comment    string        `json:"comment,omitempty"`
	Rows       int64         `json:"rows_estimated"`
	Columns    []columnEntry `json:"columns"`
	Key        []string      `json:"key" jsonschema:"the columns that identify a row"`
	Indexes    []string      `json:"indexes" jsonschema:"as statements"`
	References []string      `json:"references" jsonschema:"its foreign keys"`
	UsedBy     []string      `json:"used_by" jsonschema:"foreign keys of other tables that refer to it"`
	Checks     []string      `json:"checks"`
	Triggers   []string      `json:"triggers"`
	View       string        `json:"view,omitempty" jsonschema:"a view's query"`
	Cut        string        `json:"cut,omitempty"`
}

type columnEntry struct {
	Name       string   `json:"name"`
	Type       string   `json:"type"`
	NotNull    bool     `json:"not_null"`
	Default    string   `json:"default,omitempty"`
	Generated  string   `json:"generated,omitempty"`
	PrimaryKey bool     `json:"primary_key,omitempty"`
	Unique     bool     `json:"unique,omitempty"`
	References string   `json:"references,omitempty" jsonschema:"schema.table.column"`
	Values     []string `json:"enum_values,omitempty"`
	Comment    string   `json:"comment,omitempty"`
}

func describeTool() tool {
	return define(tool{
		name: "describe_table", title: "Describe a table", kind: reads,
		about: "One table in full: columns with types, defaults, enum values and comments, keys, indexes, foreign keys out of it and into it, checks, triggers, its Prisma model and the plugin that owns it.",
	}, looks, func(ctx context.Context, env *devenv.Env, in describeArguments) (describeAnswer, error) {
		ref, err := findTable(ctx, env, in.Table)
		if err != nil {
			return describeAnswer{}, err
		}
		d, err := detailOf(ctx, env, ref)
		if err != nil {
			return describeAnswer{}, err
		}
		return descriptionOf(d, modelsOf(env)[ref], env.Workspace().OwnerOf(ref.Schema)), nil
	})
}

func detailOf(ctx context.Context, env *devenv.Env, ref postgres.TableRef) (d *postgres.TableDetail, err error) {
	err = env.Read(ctx, func(db *postgres.DB) error { d, err = db.Detail(ctx, ref); return err })
	return d, err
}

func descriptionOf(d *postgres.TableDetail, model, owner string) describeAnswer {
	left := room(roomSize)
	out := describeAnswer{
		Table: visible.String(d.Ref().String()), Kind: string(d.Kind), Model: visible.String(model), Owner: visible.String(owner),
		Comment: shown(d.Comment), Rows: d.Rows.N, Key: say.Each(d.Key, visible.String), View: shown(d.ViewQuery),
	}
	cut := 0
	keep := func(list []string) (fits []string) {
		var missing int
		fits, missing = fill(&left, say.Each(list, shown))
		cut += missing
		return append([]string{}, fits...)
	}
	var missing int
	out.Columns, missing = fill(&left, say.Each(d.Columns, columnOf))
	cut += missing
	out.Indexes = keep(say.Each(d.Indexes, func(i postgres.Index) string { return i.Definition }))
	out.References = keep(say.Each(d.Out, func(k postgres.ForeignKey) string { return k.Name + ": " + k.Definition }))
	out.UsedBy = keep(say.Each(d.In, func(k postgres.ForeignKey) string {
		return fmt.Sprintf("%s(%s) ON DELETE %s", k.From, strings.Join(k.FromColumns, ", "), k.OnDelete)
	}))
	out.Checks = keep(say.Each(d.Checks, func(c postgres.Check) string { return c.Name + ": " + c.Definition }))
	triggers := []string{}
	for _, t := range d.Triggers {
		triggers = append(triggers, t.Definition)
	}
	out.Triggers = keep(triggers)
	if cut > 0 {
		out.Cut = say.Count(cut, "line") + " left out; query information_schema.columns, pg_indexes or pg_constraint for them"
	}
	return out
}

func columnOf(c postgres.Column) columnEntry {
	e := columnEntry{
		Name: visible.String(c.Name), Type: visible.String(c.Type), NotNull: c.NotNull, Default: shown(c.Default), Generated: shown(c.Generated),
		PrimaryKey: c.PrimaryKey > 0, Unique: c.Unique, Comment: shown(c.Comment),
	}
	if c.Identity != "" {
		e.Generated = c.Identity + " AS IDENTITY"
	}
	if r := c.References; r != nil {
		e.References = visible.String(r.Table.String() + "." + r.Column)
	}
	if len(c.EnumLabels) > 0 {
		e.Values = say.Each(say.First(c.EnumLabels, 50), visible.String)
	}
	return e
}

func (c columnEntry) line() string {
	words := []string{c.Name, c.Type}
	for _, more := range []struct {
		is   bool
		word string
	}{
		{c.NotNull, "not null"}, {c.PrimaryKey, "primary key"}, {c.Unique, "unique"}, {c.Default != "", "default " + c.Default},
		{c.Generated != "", "generated " + c.Generated}, {c.References != "", "→ " + c.References},
		{len(c.Values) > 0, "one of " + strings.Join(c.Values, ", ")}, {c.Comment != "", "-- " + c.Comment},
	} {
		if more.is {
			words = append(words, more.word)
		}
	}
	return visible.String(strings.Join(words, " "))
}

func (d describeAnswer) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s, about %s", d.Kind, d.Table, say.Count(d.Rows, "row"))
	if d.Model != "" {
		b.WriteString(", model " + d.Model)
	}
	if d.Owner != "" {
		b.WriteString(", of " + d.Owner)
	}
	b.WriteString("\n")
	if d.Comment != "" {
		b.WriteString(visible.String(d.Comment) + "\n")
	}
	for _, c := range d.Columns {
		b.WriteString("  " + c.line() + "\n")
	}
	for _, part := range []struct {
		head string
		list []string
	}{
		{"indexes", d.Indexes}, {"references", d.References}, {"used by", d.UsedBy}, {"checks", d.Checks}, {"triggers", d.Triggers},
	} {
		if len(part.list) > 0 {
			b.WriteString(part.head + ":\n" + say.Join(part.list, "", func(l string) string { return "  " + visible.String(l) + "\n" }))
		}
	}
	if d.View != "" {
		b.WriteString(d.View + "\n")
	}
	return b.String() + note(d.Cut)
}
