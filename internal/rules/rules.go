// Package rules checks a workspace against the mandatory rules of the NaaP database architecture: one schema file, one
// database, one client. Each rule is a file of its own; what they find are Findings with the place, the reason and, if
// there is one, the fix.
//
// The rules depend only on the given Options and the files below Options.Root.
package rules

import (
	"slices"
	"strings"
)

// All returns the rules in their order.
func All() []*Rule {
	return []*Rule{
		ruleOneSchema, ruleOwnClient, ruleOneContainer, ruleModelSchema, ruleOneURL,
		rulePackage, rulePrefix, ruleClientFile, ruleLists, ruleCrossSchema, ruleExceptions, ruleReadable, ruleMigrations,
	}
}

// checks are the functions that look for breaches, in the rules' order.
var checks = []func(*run){
	checkOneSchema, checkOwnClient, checkOneContainer, checkModelSchema, checkOneURL,
	checkPackage, checkPrefix, checkClientFile, checkLists, checkCrossSchema, checkUnread, checkMigrations,
}

// byName returns the rule with an ID, a slug, a number or the words of a slug: "naap/2-own-client", "2-own-client",
// "2", "own-client". It returns nil if there is none.
func byName(name string) *Rule {
	for _, r := range All() {
		number, words, _ := strings.Cut(r.Slug(), "-")
		if slices.Contains([]string{r.ID, r.Slug(), number, words}, name) {
			return r
		}
	}
	return nil
}
