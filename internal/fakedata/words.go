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
	"adjective": func(f *gofakeit.Faker) string { return plain(f.AdjectiveDescriptive()) },
	"noun":      func(f *gofakeit.Faker) string { return plain(f.NounCommon()) },
	"hacker":    func(f *gofakeit.Faker) string { return plain(f.HackerNoun()) },
	"verb":      func(f *gofakeit.Faker) string { return plain(f.HackerVerb()) },
	"buzz":      func(f *gofakeit.Faker) string { return f.BuzzWord() },
	"phrase":    func(f *gofakeit.Faker) string { return f.HackerPhrase() },
	"sentence":  func(f *gofakeit.Faker) string { return f.ProductDescription() },
	"comment":   func(f *gofakeit.Faker) string { return f.Comment() },
	"language":  func(f *gofakeit.Faker) string { return f.LanguageAbbreviation() },
	"currency":  func(f *gofakeit.Faker) string { return f.CurrencyShort() },
	"timezone":  func(f *gofakeit.Faker) string { return f.TimeZoneRegion() },
	"agent":     func(f *gofakeit.Faker) string { return f.UserAgent() },
	"color":     func(f *gofakeit.Faker) string { return strings.ToLower(f.HexColor()) },
	"mime":      func(f *gofakeit.Faker) string { return f.FileMimeType() },
	"extension": func(f *gofakeit.Faker) string { return f.FileExtension() },
	"emoji":     func(f *gofakeit.Faker) string { return f.Emoji() },
	"error":     func(f *gofakeit.Faker) string { return f.ErrorHTTP().Error() },
	"gender":    func(f *gofakeit.Faker) string { return f.Gender() },
}

// plain keeps the letters of a word, in lower case.
func plain(word string) string {
	return strings.Map(func(r rune) rune {
		if r < unicode.MaxASCII && unicode.IsLetter(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, word)
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
