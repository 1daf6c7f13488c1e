// Package rules checks a workspace against the mandatory rules of the NaaP database architecture: one schema file, one
// database, one client. Each rule is a file of its own; what they find are Findings with the place, the reason and,
// where one can be made, the fix.
//
// The rules depend on nothing but the Options they are given and the files below Options.Root.
package rules

import (
	"slices"
	"strings"
)

// All lists the rules in their order.
func All() []*Rule {
	return []*Rule{
		ruleOneSchema, ruleOwnClient, ruleOneContainer, ruleModelSchema, ruleOneURL,
		rulePackage, rulePrefix, ruleClientFile, ruleLists, ruleCrossSchema, ruleExceptions, ruleReadable,
	}
}

// checks are what looks for breaches, in the rules' order.
var checks = []func(*run){
	checkOneSchema, checkOwnClient, checkOneContainer, checkModelSchema, checkOneURL,
	checkPackage, checkPrefix, checkClientFile, checkLists, checkCrossSchema, checkUnread,
}

// byName finds a rule by its ID, its slug, its number or the words of its slug: "naap/2-own-client", "2-own-client",
// "2", "own-client". It returns nil where there is none.
func byName(name string) *Rule {
	i := slices.IndexFunc(All(), func(r *Rule) bool {
		slug := r.Slug()
		number, words, _ := strings.Cut(slug, "-")
		return name == r.ID || name == slug || name == number || name == words
	})
	if i < 0 {
		return nil
	}
	return All()[i]
}
