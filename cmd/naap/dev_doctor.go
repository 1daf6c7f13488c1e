package main

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

func init() { devCommands = append(devCommands, (*app).doctorCommand) }

type doctorDocument struct {
	Version  int              `json:"version"`
	OK       bool             `json:"ok"`
	Findings []findingElement `json:"findings"`
}

type findingElement struct {
	Code     string   `json:"code"`
	Severity string   `json:"severity"`
	Title    string   `json:"title"`
	Seen     []string `json:"seen"`
	Fix      []string `json:"fix,omitempty"`
}

func (a *app) doctorCommand() *cobra.Command {
	var all bool
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Look for what is wrong around the database, with the command that fixes it",
		Long:  "Examines engine, container, server, schema, seeds, disk, tools and settings. Exit status 1 where an error is found.",
		Example: "  naap dev doctor\n" +
			"  naap dev doctor --all    also what is fine",
		Args: noArgs,
		RunE: a.on(func(ctx context.Context, env *devenv.Env, _ []string) error {
			findings := env.Doctor(ctx)
			if err := ctx.Err(); err != nil {
				return err // findings made since are the interrupt's own effect
			}
			return a.printFindings(findings, all)
		}),
	}
	c.Flags().BoolVar(&all, "all", false, "also show what is fine, with its evidence")
	a.engineFlags(c)
	return c
}

func (a *app) printFindings(findings []remedy.Finding, all bool) error {
	doc := doctorDocument{Version: 1, OK: true, Findings: []findingElement{}}
	for _, f := range findings {
		doc.OK = doc.OK && f.Severity != remedy.Broken
		fix := say.Each(a.target.Lines(f.Fix), visible.String)
		doc.Findings = append(doc.Findings, findingElement{f.Code, string(f.Severity), f.Title, orNone(f.Seen), fix})
	}
	_ = a.answer(doc, func() { a.sayFindings(findings, all) })
	if !doc.OK {
		return exitStatus(1)
	}
	return nil
}

// orNone returns a list that a document shows as [] where it is nil.
func orNone[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func (a *app) sayFindings(findings []remedy.Finding, all bool) {
	glyphs := map[remedy.Severity]string{remedy.Fine: a.glyph("✓"), remedy.Notable: a.glyph("·"), remedy.Warning: a.glyph("!"), remedy.Broken: a.glyph("✗")}
	fine := 0
	for _, f := range findings {
		if f.Severity == remedy.Fine && !all {
			fine++
			continue
		}
		a.say("%s %s", glyphs[f.Severity], visible.String(f.Title))
		a.sayEach("    ", slices.DeleteFunc(slices.Clone(f.Seen), func(line string) bool { return line == "" }))
		a.sayEach("    try: ", a.target.Lines(f.Fix))
	}
	if fine > 0 {
		a.say("%s %s (--all shows them)", glyphs[remedy.Fine], say.Count(fine, "check")+" fine")
	}
}
