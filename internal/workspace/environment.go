package workspace

import (
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/trust"
	"github.com/livepeer/naap-dev/internal/visible"
)

// environment holds variables by name.
type environment map[string]string

// environmentFrom parses KEY=VALUE pairs as os.Environ returns them; the last of several wins, as in a process.
func environmentFrom(pairs []string) environment {
	env := environment{}
	for _, pair := range pairs {
		if key, value, ok := strings.Cut(pair, "="); ok && key != "" {
			env[key] = value
		}
	}
	return env
}

// unknownVariables warns of each NAAP_* variable that no setting reads: a misspelt one would be ignored silently.
func unknownVariables(env environment) []string {
	known := append(say.Each(keys, key.env), trust.Variable)
	var warnings []string
	for name := range env {
		if !strings.HasPrefix(name, "NAAP_") || strings.HasPrefix(name, "NAAP_TEST_") || name == "NAAP_SHARED" ||
			name == "NAAP_AGENT" || slices.Contains(known, name) {
			continue
		}
		warning := "environment: " + visible.String(name) + " is not a setting of naap, and is ignored"
		if near := say.Nearest(name, known); near != "" {
			warning += "; did you mean " + near + "?"
		}
		warnings = append(warnings, warning)
	}
	slices.Sort(warnings)
	return warnings
}
