package rules

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"unicode"

	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

// rulePrefix: a plugin's models have the plugin's prefix and are in the plugin's schema. Source: the NaaP database
// architecture, rule 7.
//
// The platform's prefixes are known, naap.toml gives others, and for the rest the prefix is derived from the schema's
// name: plugin_orchestrator_leaderboard has OrchestratorLeaderboard, or that word of its name with which most of its
// models begin, unless the word is another plugin's prefix. A finding based on a derived prefix is a warning.
var rulePrefix = &Rule{
	ID: "naap/7-prefix", Number: 7,
	Title: "A plugin's models carry its prefix and live in its schema",
	Why: "All models share one client, where only the prefix tells whose prisma.gatewayPlan is; and a table in another " +
		"plugin's schema goes when that plugin is reset.",
}

// knownPrefixes are those of the platform's own plugins.
var knownPrefixes = map[string][]string{
	"plugin_community": {"Community"}, "plugin_wallet": {"Wallet"}, "plugin_dashboard": {"Dashboard"},
	"plugin_daydream": {"Daydream"}, "plugin_gateway": {"Gateway"}, "plugin_capacity": {"Capacity"},
	"plugin_developer_api": {"DevApi"},
}

// prefix is what the names of a schema's models begin with.
type prefix struct {
	schema string
	names  []string
	learnt bool
}

func checkPrefix(r *run) {
	prefixes := r.prefixes()
	var all []stray
	for _, t := range r.schema.types {
		if t.block.Kind == prisma.EnumBlock || t.schema.Value == "" || !r.schema.has(t.schema.Value) {
			continue
		}
		own, hasOwn := prefixes[t.schema.Value]
		owner := ownerOf(t.block.Name.Value, prefixes)
		if hasOwn && !own.carriedBy(t.block.Name.Value) || !hasOwn && owner != nil { // in public
			all = append(all, stray{t, own, owner})
		}
	}
	families := r.families(all, prefixes)
	for _, s := range all {
		span := s.block.Name.Span
		severity, message := s.verdict()
		r.report(rulePrefix, severity, s.file, span.Start.Offset(), span.End.Offset(), message, nil)
		if family := families[s.schema.Value]; family != nil && family.holds(s) {
			r.partOf(&family.fault)
		}
	}
}

// stray is a model that lacks its schema's prefix.
type stray struct {
	typeFacts
	own   prefix  // its schema's; without names for public
	owner *prefix // that of another schema, which it has, or nil
}

// verdict says what is wrong with the model by itself.
func (s stray) verdict() (Severity, string) {
	name := visible.String(s.block.Name.Value)
	switch {
	case s.owner != nil && len(s.own.names) > 0:
		return Error, fmt.Sprintf("%s carries the prefix of %s and lives in %s: name it %s…, or move it", name, s.owner.schema, s.schema.Value, s.own.names[0])
	case s.owner != nil: // in public
		return Error, fmt.Sprintf("%s carries the prefix of %s and lives in %s: move it, or name it otherwise", name, s.owner.schema, s.schema.Value)
	case s.own.learnt:
		return Warning, fmt.Sprintf("%s lives in %s and does not begin with %s (learnt from the schema's name; [check.prefixes] in naap.toml sets another)",
			name, s.schema.Value, say.Or(s.own.names))
	}
	return Error, fmt.Sprintf("%s lives in %s and does not begin with %s", name, s.schema.Value, say.Or(s.own.names))
}

// carriedBy reports whether a model's name begins with one of the prefixes: Gateway is a prefix of Gateway and
// GatewayPlan, but not of Gateways.
func (p prefix) carriedBy(name string) bool {
	return slices.ContainsFunc(p.names, func(s string) bool {
		rest, ok := strings.CutPrefix(name, s)
		return ok && (rest == "" || !unicode.IsLower(rune(rest[0])))
	})
}

// ownerOf returns the schema whose given prefix a name has, preferring the longest; derived prefixes are not
// considered.
func ownerOf(name string, prefixes map[string]prefix) *prefix {
	var best *prefix
	longest := 0
	for _, p := range prefixes {
		for _, s := range p.names {
			one := prefix{names: []string{s}}
			if !p.learnt && one.carriedBy(name) && (len(s) > longest || len(s) == longest && best != nil && p.schema < best.schema) {
				found := p
				best, longest = &found, len(s)
			}
		}
	}
	return best
}

// prefixes returns the prefix of each plugin's schema.
func (r *run) prefixes() map[string]prefix {
	all := map[string]prefix{}
	for _, n := range r.schema.schemas {
		if n.Value == coreSchema {
			continue
		}
		if given := r.options.Prefixes[n.Value]; len(given) > 0 {
			all[n.Value] = prefix{schema: n.Value, names: given}
		} else if known := knownPrefixes[n.Value]; len(known) > 0 {
			all[n.Value] = prefix{schema: n.Value, names: known}
		}
	}
	for _, n := range r.schema.schemas {
		if _, ok := all[n.Value]; !ok && n.Value != coreSchema {
			all[n.Value] = prefix{schema: n.Value, names: []string{r.learn(n.Value, all)}, learnt: true}
		}
	}
	return all
}

// learn derives a prefix from a schema's name: the word in it with which more than half of its models begin, if that is
// not another plugin's, else all its words together.
func (r *run) learn(schema string, taken map[string]prefix) string {
	words := strings.FieldsFunc(strings.TrimPrefix(schema, "plugin_"), func(c rune) bool { return c == '_' || c == '-' })
	for i, w := range words {
		words[i] = capital(w)
	}
	whole := strings.Join(words, "")
	counts := map[string]int{}
	models := 0
	for _, t := range r.schema.types {
		if t.schema.Value != schema || t.block.Kind == prisma.EnumBlock {
			continue
		}
		models++
		for _, w := range append(words, whole) {
			if (prefix{names: []string{w}}).carriedBy(t.block.Name.Value) {
				counts[w]++
			}
		}
	}
	sort.Slice(words, func(i, j int) bool { return counts[words[i]] > counts[words[j]] })
	for _, w := range words {
		if counts[w]*2 > models && counts[w] > counts[whole] && ownerOf(w, taken) == nil {
			return w
		}
	}
	return whole
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// schemaOfPrefix returns the schema whose prefix a model's name has, or "". known reports whether the prefix is given
// rather than derived.
func (r *run) schemaOfPrefix(name string) (schema string, known bool) {
	prefixes := r.prefixes()
	if p := ownerOf(name, prefixes); p != nil {
		return p.schema, true
	}
	for _, n := range r.schema.schemas {
		if p, ok := prefixes[n.Value]; ok && p.carriedBy(name) {
			return n.Value, false
		}
	}
	return "", false
}
