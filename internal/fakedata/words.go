package fakedata

import (
	"strings"
	"sync"
	"unicode"

	"github.com/brianvoe/gofakeit/v7"
)

// Words come from gofakeit, a stock of each kind made once: choosing from it costs a few nanoseconds, and a table of ten
// million rows wants no more variety.

var stocks struct {
	sync.Mutex
	of map[string][]string
}

// source makes a stock be the same in every process.
type source struct{ dice }

func (s *source) Uint64() uint64 { return s.next() }

// stock is the list of a kind.
func stock(kind string) []string {
	stocks.Lock()
	defer stocks.Unlock()
	if list, ok := stocks.of[kind]; ok {
		return list
	}
	if stocks.of == nil {
		stocks.of = map[string][]string{}
	}
	list := makeStock(kind)
	stocks.of[kind] = list
	return list
}

func makeStock(kind string) []string {
	if list, ok := ownStocks[kind]; ok {
		return strings.Fields(list)
	}
	f := gofakeit.NewFaker(&source{dice(hashOf("stock", kind))}, false)
	make, ok := stockMakers[kind]
	if !ok {
		panic("no stock of " + kind)
	}
	list := []string{}
	seen := map[string]bool{}
	for tries := 0; len(list) < 600 && tries < 2400; tries++ {
		word := strings.ToValidUTF8(strings.TrimSpace(make(f)), "")
		if word != "" && !seen[word] {
			seen[word] = true
			list = append(list, word)
		}
	}
	return list
}

var stockMakers = map[string]func(*gofakeit.Faker) string{
	"first":     func(f *gofakeit.Faker) string { return f.FirstName() },
	"last":      func(f *gofakeit.Faker) string { return f.LastName() },
	"city":      func(f *gofakeit.Faker) string { return f.City() },
	"country":   func(f *gofakeit.Faker) string { return f.Country() },
	"countries": func(f *gofakeit.Faker) string { return f.CountryAbr() },
	"state":     func(f *gofakeit.Faker) string { return f.State() },
	"street":    func(f *gofakeit.Faker) string { return f.StreetName() },
	"company":   func(f *gofakeit.Faker) string { return f.Company() },
	"job":       func(f *gofakeit.Faker) string { return f.JobTitle() },
	"product":   func(f *gofakeit.Faker) string { return f.ProductName() },
	"phrase":    func(f *gofakeit.Faker) string { return f.HackerPhrase() },
	"timezone":  func(f *gofakeit.Faker) string { return f.TimeZoneRegion() },
	"agent":     func(f *gofakeit.Faker) string { return f.UserAgent() },
	"color":     func(f *gofakeit.Faker) string { return strings.ToLower(f.HexColor()) },
	"mime":      func(f *gofakeit.Faker) string { return f.FileMimeType() },
	"extension": func(f *gofakeit.Faker) string { return f.FileExtension() },
	"error":     func(f *gofakeit.Faker) string { return f.ErrorHTTP().Error() },
	"gender":    func(f *gofakeit.Faker) string { return f.Gender() },
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

// nameWords cuts a name at its joints: createdAt, created_at and CREATED-AT are created, at.
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
