package fakedata

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/livepeer/naap-dev/internal/lazy"
)

// words are made by gofakeit, up to 600 of each kind: a table of ten million rows needs no more variety, and choosing
// from them costs a few nanoseconds. Only the tests link the library itself, with all its lists.
//
//go:generate go test -run TestTheWordsAreGofakeits -update
//go:embed words.txt
var words string

// stocks are the lists of words by their kinds.
var stocks = sync.OnceValue(func() map[string][]string {
	of := map[string][]string{}
	kind := ""
	for line := range strings.Lines(words) {
		line = line[:len(line)-1]
		if name, ok := strings.CutPrefix(line, "# "); ok {
			kind = name
		} else if kind != "" {
			of[kind] = append(of[kind], line)
		}
	}
	for kind, list := range ownStocks {
		of[kind] = strings.Fields(list)
	}
	return of
})

// stock returns the list of a kind.
func stock(kind string) []string {
	list, ok := stocks()[kind]
	if !ok {
		panic("no stock of " + kind)
	}
	return list
}

// ownStocks are the words that names of things and sentences are made of: neutral ones, since names such as "Disturbed
// government" draw the eye.
var ownStocks = map[string]string{
	"adjective": "amber autumn bold brave bright brisk broad calm clear clever cobalt cool copper coral crimson crisp curious deep distant eager early " +
		"east emerald even fair fast fine firm fleet fresh gentle giant gold golden grand green happy high hidden honest humble indigo ivory jade keen " +
		"kind large late light little lively long lucky lunar mellow mighty misty modern narrow neat new nimble noble north olive open orange pale patient " +
		"plain polar prime proud pure quick quiet rapid rare ready red round royal ruby scarlet sharp shiny silent silver simple sleek slow small smart smooth " +
		"snowy solar solid south spring steady still strong summer sunny sure swift tall teal tidy tiny true urban velvet vivid warm west white wide wild " +
		"winter wise young",
	"noun": "acorn anchor arch arrow atlas aurora badge bay beacon birch bird bloom board breeze bridge brook canal canvas canyon cape castle cedar chart " +
		"circle cliff cloud coast comet compass coral cove crane creek crest crown delta desert dock dune eagle echo ember falcon feather fern field fjord " +
		"flame forest forge fountain fox galaxy garden gate glacier glade grove harbor hawk hill horizon island ivy jetty key lagoon lake lantern leaf ledge " +
		"lens light lighthouse lily lion loom maple market marsh meadow mill mirror moon moss mountain nest north oak oasis ocean orbit orchard otter owl palm " +
		"panda path peak pearl pebble pier pine planet plaza pond prairie prism quarry rain raven reef ridge river road robin rocket root sail sand shell shore " +
		"signal sky slope snow spark spire spring star stone stream summit sun temple thistle tide tiger tower trail tree tulip tundra valley vault village " +
		"violet walnut wave willow wind wing wolf wood",
}

func of(list []string, d *dice) string {
	if len(list) == 0 {
		return ""
	}
	return list[d.below(int64(len(list)))]
}

// says reports whether one of a name's words is in the set.
func says(name string, set *lazy.Words) bool {
	return slices.ContainsFunc(nameWords(name), set.Has)
}

// nameWords splits a name into its words: createdAt, created_at and CREATED-AT are created, at.
func nameWords(name string) []string {
	var out []string
	var word []rune
	flush := func() {
		if len(word) > 0 {
			out = append(out, strings.ToLower(string(word)))
			word = nil
		}
	}
	runes := []rune(name)
	for i, r := range runes {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			flush()
			continue
		case unicode.IsUpper(r) && i > 0 && (unicode.IsLower(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])):
			flush()
		}
		word = append(word, r)
	}
	flush()
	return out
}
