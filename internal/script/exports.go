package script

import "slices"

// Exports reports whether the code exports its own name local under the name exported: export { local as exported },
// export const exported = local, module.exports.exported = local, module.exports = { exported: local }.
func (s *Source) Exports(local, exported string) bool {
	for i := range s.Tokens {
		if s.Is(i, "exports") && s.exportsByAssignment(i, local, exported) {
			return true
		}
		if !s.Is(i, "export") {
			continue
		}
		if s.Is(i+1, "{") {
			names, next := s.names(i + 1)
			if next < 0 || s.Is(next, "from") {
				continue
			}
			if slices.Contains(names, Name{Imported: local, Local: exported}) {
				return true
			}
		}
		if (s.Is(i+1, "const") || s.Is(i+1, "let") || s.Is(i+1, "var")) && s.Is(i+2, exported) {
			j := i + 3
			for j < len(s.Tokens) && !s.Is(j, "=") && !s.Is(j, ";") && j < i+12 { // there may be a type in between
				j++
			}
			if s.Is(j, "=") && s.Is(j+1, local) {
				return true
			}
		}
	}
	return false
}

func (s *Source) exportsByAssignment(i int, local, exported string) bool {
	if s.Is(i+1, ".") && s.Is(i+2, exported) {
		return s.Is(i+3, "=") && s.Is(i+4, local)
	}
	if !s.Is(i+1, "=") || !s.Is(i+2, "{") {
		return false
	}
	for j := i + 3; j < len(s.Tokens) && !s.Is(j, "}"); j++ {
		if s.Is(j, exported) && (exported == local && !s.Is(j+1, ":") || s.Is(j+1, ":") && s.Is(j+2, local)) {
			return true
		}
	}
	return false
}
