package rules

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/livepeer/naap-dev/internal/say"
)

// family is a schema's models that have prefixes of their own, other than the one that was expected: one line of
// naap.toml settles all of them.
type family struct {
	fault
	schema string
	words  []string // those prefixes, sorted
	whole  bool     // no model of the schema has the expected prefix, so that it was never the plugin's
}

// smallestFamily is how many models make a family: fewer are names that somebody chose badly.
const smallestFamily = 3

// families returns the families among the models without their prefix, by schema.
func (r *run) families(all []stray, prefixes map[string]prefix) map[string]*family {
	found := map[string]*family{}
	for schema, own := range prefixes {
		f := &family{schema: schema, whole: own.learnt && !r.carries(own)}
		members := 0
		for _, s := range all {
			if s.schema.Value == schema && f.fits(s) {
				members++
				f.words = append(f.words, firstWord(s.block.Name.Value))
			}
		}
		slices.Sort(f.words)
		f.words = slices.Compact(f.words)
		if members < smallestFamily || len(f.words)*2 > members {
			continue // each has a name of its own
		}
		setting := f.words
		if !f.whole {
			setting = slices.Concat(own.names, f.words)
		}
		f.least = smallestFamily
		f.label = func(part Finding) string { model, _, _ := strings.Cut(part.Message, " "); return model }
		f.message = func(parts []Finding) string { return f.say(len(parts), own, setting, prefixes) }
		f.fix = func([]Finding) *Fix { return r.prefixFix(schema, setting) }
		found[schema] = f
	}
	return found
}

// fits reports whether a model may be one of the family. One with another plugin's prefix may be in the wrong schema,
// unless all of its schema is named like that.
func (f *family) fits(s stray) bool { return f.whole || s.owner == nil }

func (f *family) holds(s stray) bool {
	return f.fits(s) && slices.Contains(f.words, firstWord(s.block.Name.Value))
}

// carries reports whether a model of the schema has its prefix.
func (r *run) carries(own prefix) bool {
	return slices.ContainsFunc(r.schema.types, func(t typeFacts) bool {
		return t.schema.Value == own.schema && own.carriedBy(t.block.Name.Value)
	})
}

func (f *family) say(members int, own prefix, setting []string, prefixes map[string]prefix) string {
	instead := "not with " + say.Or(own.names)
	if f.whole {
		instead = "none with " + say.Or(own.names) + ", which was only learnt from the schema's name"
	}
	text := fmt.Sprintf("%s of %s begin with %s, and %s: set  %s  in [check.prefixes] of %s, or rename them",
		say.Count(members, "model"), f.schema, say.Or(f.words), instead, prefixLine(f.schema, setting), settingsFile)
	for _, word := range f.words {
		if other := ownerOf(word, prefixes); other != nil && other.schema != f.schema {
			text += fmt.Sprintf(" (%s is the prefix of %s too)", word, other.schema)
		}
	}
	return text
}

// prefixFix writes a schema's prefixes into naap.toml, or is nil where that has to be done by hand.
func (r *run) prefixFix(schema string, names []string) *Fix {
	if r.options.Root == "" {
		return nil
	}
	edit, err := r.prefixEdit(context.Background(), schema, names)
	if err != nil {
		return nil
	}
	return &Fix{Title: "set the prefixes of " + schema, Edits: []Edit{edit}}
}

// firstWord returns the first word of a model's name: "GatewayApiKey" begins with Gateway.
func firstWord(name string) string {
	for i, c := range name {
		if i > 0 && !unicode.IsLower(c) && !unicode.IsDigit(c) && (i > 1 || unicode.IsLower(rune(name[0]))) {
			return name[:i]
		}
	}
	return name
}
