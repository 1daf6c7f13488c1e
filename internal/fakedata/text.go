package fakedata

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// writer appends one believable text.
type writer func(dst []byte, d *dice) []byte

// textKind is a kind of text: how it is written, and what separates it from the mark that makes it unique. Kinds that
// are random enough need no mark.
type textKind struct {
	write  writer
	joint  string // "" where no two are ever the same
	inside byte   // the mark goes before this character, where the text has it
	wide   int    // characters that the text needs; shorter columns get another kind
	vague  bool   // nothing suggests it
	shared bool   // it names the row, and is written with the dice that such columns share
}

func word(kind string) writer {
	list := stock(kind)
	return func(dst []byte, d *dice) []byte { return append(dst, of(list, d)...) }
}

func oneOf(list ...string) writer {
	return func(dst []byte, d *dice) []byte { return append(dst, list[d.skewed(int64(len(list)))]...) }
}

func from(prefix, alphabet string, length int) writer {
	return func(dst []byte, d *dice) []byte {
		dst = append(dst, prefix...)
		n := int64(len(alphabet))
		for range length {
			dst = append(dst, alphabet[d.below(n)])
		}
		return dst
	}
}

const (
	lowerHex = "0123456789abcdef"
	base36   = "0123456789abcdefghijklmnopqrstuvwxyz"
	base62   = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

// hexText returns a writer of a prefix and random digits, 16 from each roll.
func hexText(prefix string, length int) writer {
	return func(dst []byte, d *dice) []byte {
		dst = append(dst, prefix...)
		for n := length; n > 0; {
			x := d.next()
			for k := 0; k < 16 && n > 0; k, n = k+1, n-1 {
				dst = append(dst, lowerHex[x&15])
				x >>= 4
			}
		}
		return dst
	}
}

func slug() writer {
	a, b := stock("adjective"), stock("noun")
	return func(dst []byte, d *dice) []byte { return append(append(append(dst, of(a, d)...), '-'), of(b, d)...) }
}

func title() writer {
	a, b := stock("adjective"), stock("noun")
	return func(dst []byte, d *dice) []byte {
		at := len(dst)
		dst = append(append(append(dst, of(a, d)...), ' '), of(b, d)...)
		if len(dst) > at && dst[at] >= 'a' && dst[at] <= 'z' {
			dst[at] -= 32
		}
		return dst
	}
}

func webAddress(path string) writer {
	s := slug()
	return func(dst []byte, d *dice) []byte {
		dst = append(dst, "https://"...)
		dst = append(s(dst, d), ".example.com"...)
		return append(dst, path...)
	}
}

func street() writer {
	streets := stock("street")
	return func(dst []byte, d *dice) []byte {
		return append(append(strconv.AppendInt(dst, d.between(1, 300), 10), ' '), of(streets, d)...)
	}
}

// sentenceForms are the forms of sentences: # stands for an adjective, * for a noun.
var sentenceForms = []string{
	"The # * is ready for review.", "Moved to the # * after a short test.", "Nothing to add here, the * looks fine.", "We keep the * simple on purpose.",
	"The # * has room to grow.", "See the notes on the # * for details.", "This replaces the old *.", "Works well together with the *.",
	"The team uses it every day.", "Please check the # * before the next release.", "First version, more to come.", "Made for people who like the # *.",
	"The * was slow at first, and is # now.", "It took two tries to get the * right.", "Thanks, that helped with the *.", "How does the # * behave under load?",
	"Updated after feedback on the *.", "The # one is the default.", "Waiting for an answer about the *.", "Set up last week, no problems so far.",
	"Has everything that the # * needs.", "Can we try the # * instead?", "Kept for the records.", "Short, # and to the point.",
}

func sentences(most int64) writer {
	a, b := stock("adjective"), stock("noun")
	return func(dst []byte, d *dice) []byte {
		last := int64(-1)
		for n := d.below(most); ; n-- {
			k := d.below(int64(len(sentenceForms)))
			if k == last {
				k = (k + 1) % int64(len(sentenceForms))
			}
			last = k
			for _, r := range []byte(sentenceForms[k]) {
				switch r {
				case '#':
					dst = append(dst, of(a, d)...)
				case '*':
					dst = append(dst, of(b, d)...)
				default:
					dst = append(dst, r)
				}
			}
			if n <= 0 {
				return dst
			}
			dst = append(dst, ' ')
		}
	}
}

// wholeNumber returns a writer of integers of up to five digits.
func wholeNumber() writer {
	return func(dst []byte, d *dice) []byte { return strconv.AppendInt(dst, 1+d.skewed(99999), 10) }
}

func digits(pattern string) writer {
	return func(dst []byte, d *dice) []byte {
		for _, r := range []byte(pattern) {
			if r == '#' {
				r = byte('0' + d.below(10))
			}
			dst = append(dst, r)
		}
		return dst
	}
}

func timeText() writer {
	return func(dst []byte, d *dice) []byte {
		dst = append(appendDate(dst, now.UnixMicro()-d.below(lifetime)), 'T')
		return append(appendClock(dst, d.below(day), 3), 'Z')
	}
}

func uuidText() writer { return func(dst []byte, d *dice) []byte { return appendUUID(dst, d) } }

func appendUUID(dst []byte, d *dice) []byte {
	hi, lo := d.next()&^0xf000|0x4000, d.next()&^(3<<62)|2<<62
	for k := 60; k >= 0; k -= 4 {
		dst = append(dst, lowerHex[hi>>k&15])
		if k == 32 || k == 16 {
			dst = append(dst, '-')
		}
	}
	dst = append(dst, '-')
	for k := 60; k >= 0; k -= 4 {
		dst = append(dst, lowerHex[lo>>k&15])
		if k == 48 {
			dst = append(dst, '-')
		}
	}
	return dst
}

// textKindOf returns the kind that a column's name, the Prisma file's default and its length suggest.
func (c *column) textKindOf(longest int) textKind {
	k := c.kindByName()
	if h, ok := hinted[c.hint]; ok {
		k = h()
	}
	if longest > 0 && k.wide > longest {
		k = textKind{write: from("", base36, min(longest, 24))}
		if longest < 13 {
			k.joint = "-"
		}
	}
	return k
}

var hinted = map[string]func() textKind{
	"cuid":   func() textKind { return textKind{write: from("c", base36, 24), wide: 25} },
	"uuid":   func() textKind { return textKind{write: uuidText(), wide: 36} },
	"nanoid": func() textKind { return textKind{write: from("", base62, 21), wide: 21} },
	"ulid":   func() textKind { return textKind{write: from("01H", "0123456789ABCDEFGHJKMNPQRSTVWXYZ", 23), wide: 26} },
}

func (c *column) kindByName() textKind {
	words := nameWords(c.name)
	single := singulars(words)
	has := func(list ...string) bool { return anyOf(words, list...) || anyOf(single, list...) }
	last := ""
	if len(words) > 0 {
		last = words[len(words)-1]
	}
	if last == "id" || last == "ids" || last == "by" && byPerson(words[:len(words)-1]) || has("uuid", "guid") {
		return hinted["cuid"]()
	}
	if last == "" {
		return textKind{write: title(), joint: " ", vague: true}
	}
	if kind, ok := c.personal(words); ok {
		return kind
	}
	if kind, ok := c.hashed(words); ok {
		return kind
	}
	switch {
	case slices.Contains([]string{"slug", "permalink", "alias"}, last):
		return c.slugKind()
	case strings.HasSuffix(c.name, "IPs"):
		return textKind{write: digits("10.1#.2#.1#"), joint: "."}
	case last == "type" && has("token"):
		return textKind{write: oneOf("bearer"), joint: "-"}
	case last == "region" && !c.table.hasAddress():
		return textKind{write: oneOf("us-east-1", "eu-west-1", "us-west-2", "eu-central-1", "ap-southeast-1"), joint: "-"}
	}
	if has("key") && has("api", "access", "secret") && last == "key" {
		return textKind{write: from("sk_", base62, 32), wide: 35}
	}
	if (last == "to" || last == "from" || last == "by") && c.table.onChain() {
		return walletAddress()
	}
	if last == "address" && (c.alone() || len(words) == 1 && c.table.onChain()) { // people share a house, never a wallet
		return walletAddress()
	}
	if last == "name" && !has("file", "host", "domain", "database", "schema", "table", "bucket", "event", "metric", "queue", "service", "time", "zone") {
		return nameOf(cmp.Or(subjectOf(c.name), strings.Join(nameWords(c.table.ref.Name), " ")))
	}
	for _, rule := range textRules {
		if has(rule.words...) && (rule.also == nil || has(rule.also...)) {
			return rule.kind()
		}
	}
	if has("at", "date", "time") {
		return textKind{write: timeText(), joint: " ", wide: 24}
	}
	if given := c.defaults(); len(given) == 1 && isNumber(given[0]) {
		return textKind{write: wholeNumber(), joint: "."}
	}
	return textKind{write: title(), joint: " ", vague: true}
}

// hasAddress reports whether the table has parts of a postal address.
func (t *table) hasAddress() bool {
	return slices.ContainsFunc(t.columns, func(c *column) bool {
		return anyOf(nameWords(c.name), "city", "country", "street", "zip", "postal", "postcode", "town")
	})
}

// anyOf reports whether one of the words is in a list.
func anyOf(words []string, list ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(list, w) })
}

// onChain reports whether a table is about a blockchain, where an address is not a street.
func (t *table) onChain() bool {
	return anyOf(nameWords(t.ref.Name), "wallet", "wallets", "orchestrator", "orchestrators", "delegator", "delegators", "transcoder", "transcoders", "validator", "validators") ||
		slices.ContainsFunc(t.columns, func(c *column) bool { return anyOf(nameWords(c.name), "chain") })
}

// nameOf returns the kind of text that names a thing: a company, a city, anything.
func nameOf(thing string) textKind {
	kind := textKind{write: title(), joint: " ", shared: true}
	for _, w := range singulars(strings.Fields(thing)) {
		switch w {
		case "company", "organization", "tenant", "vendor", "publisher", "customergroup", "employer":
			kind.write = word("company")
		case "product", "item", "asset":
			kind.write = word("product")
		case "city":
			kind.write = word("city")
		case "country":
			kind.write = word("country")
		}
	}
	return kind
}

// choice returns a kind of text that is one of a list.
func choice(list ...string) func() textKind {
	return func() textKind { return textKind{write: oneOf(list...), joint: "-"} }
}

// stocked returns a kind of text that is one of a stock.
func stocked(kind, joint string) func() textKind {
	return func() textKind { return textKind{write: word(kind), joint: joint} }
}

var textRules = []struct {
	words, also []string
	kind        func() textKind
}{
	{[]string{"phone", "mobile", "tel", "fax"}, nil, func() textKind { return textKind{write: digits("+1555#######"), joint: " x"} }},
	{[]string{"address", "addr"}, []string{"eth", "wallet", "contract", "token", "delegator", "delegate", "orchestrator", "recipient", "sender", "from", "to", "gateway", "transcoder", "owner", "payout", "signer", "chain"}, walletAddress},
	{[]string{"wallet", "orchestrator", "delegator"}, nil, walletAddress},
	{[]string{"price", "amount", "balance", "total", "fee", "fees", "wei", "stake", "value", "deposit", "reserve", "reward", "rewards", "payout", "earnings",
		"cost", "volume", "budget", "gas", "round", "block"}, nil, func() textKind { return textKind{write: wholeNumber(), joint: "."} }},
	{[]string{"ip"}, nil, func() textKind { return textKind{write: digits("10.1#.2#.1#"), joint: "."} }},
	{[]string{"mac"}, nil, func() textKind { return textKind{write: hexText("", 12), joint: "-", wide: 12} }},
	{[]string{"signature"}, nil, func() textKind { return textKind{write: hexText("0x", 130), wide: 132} }},
	{[]string{"prefix"}, nil, func() textKind { return textKind{write: from("", base36, 8), joint: "-"} }},
	{[]string{"token", "secret", "nonce", "apikey", "challenge", "credential", "session"}, nil, func() textKind { return textKind{write: from("", base62, 40), wide: 40} }},
	{[]string{"avatar", "image", "logo", "icon", "picture", "photo", "thumbnail", "banner", "cover"}, nil, func() textKind { return textKind{write: webAddress("/image.png"), joint: "?v=", wide: 60} }},
	{[]string{"url", "uri", "link", "website", "homepage", "href", "webhook", "callback", "endpoint", "repository"}, nil, func() textKind { return textKind{write: webAddress("/"), joint: "n", wide: 48} }},
	{[]string{"domain", "host", "hostname", "subdomain"}, nil, func() textKind { return textKind{write: webHost(), joint: "-", inside: '.', wide: 30} }},
	{[]string{"path", "pathname", "route"}, nil, func() textKind {
		s := slug()
		return textKind{write: func(dst []byte, d *dice) []byte { return s(append(dst, '/'), d) }, joint: "-"}
	}},
	{[]string{"key", "code", "identifier", "ref", "reference", "topic", "service", "queue", "bucket"}, nil, func() textKind { return textKind{write: slug(), joint: "-"} }},
	{[]string{"agent"}, []string{"user"}, stocked("agent", " ")},
	{[]string{"company", "organization", "organisation", "employer", "vendor", "publisher"}, nil, stocked("company", " ")},
	{[]string{"timezone", "tz"}, nil, stocked("timezone", "/")},
	{[]string{"zone"}, []string{"time"}, stocked("timezone", "/")},
	{[]string{"locale", "lang", "language"}, nil, choice("en", "de", "fr", "es", "pt", "ja", "zh", "ar")},
	{[]string{"currency"}, nil, choice("USD", "EUR", "ETH", "LPT", "GBP")},
	{[]string{"country"}, []string{"code", "iso"}, stocked("countries", "-")},
	{[]string{"country"}, nil, stocked("country", " ")},
	{[]string{"city", "town"}, nil, stocked("city", " ")},
	{[]string{"region", "state", "province"}, []string{"region", "province"}, stocked("state", " ")},
	{[]string{"zip", "postal", "postcode"}, nil, func() textKind { return textKind{write: digits("#####"), joint: "-"} }},
	{[]string{"street", "address", "addr", "line1", "line2"}, nil, func() textKind { return textKind{write: street(), joint: " "} }},
	{[]string{"color", "colour"}, nil, stocked("color", "-")},
	{[]string{"mime", "mimetype"}, nil, stocked("mime", "-")},
	{[]string{"file", "filename"}, nil, func() textKind { return textKind{write: fileName(), joint: "-"} }},
	{[]string{"version"}, nil, func() textKind { return textKind{write: digits("1.#.#"), joint: "-"} }},
	{[]string{"provider"}, []string{"billing", "payment"}, choice("stripe", "paypal", "adyen")},
	{[]string{"provider"}, nil, choice("google", "github", "microsoft", "discord", "apple")},
	{[]string{"github", "gitlab"}, []string{"user", "username", "login"}, handle},
	{[]string{"github", "gitlab"}, nil, func() textKind { return textKind{write: slug(), joint: "-"} }},
	{[]string{"database", "schema", "table"}, nil, stocked("noun", "_")},
	{[]string{"health"}, nil, choice("healthy", "degraded", "unhealthy")},
	{[]string{"status", "state"}, nil, choice("active", "pending", "completed", "failed", "archived")},
	{[]string{"role"}, nil, choice("member", "viewer", "editor", "admin", "owner")},
	{[]string{"network", "chain"}, nil, choice("arbitrum", "ethereum", "base", "optimism")},
	{[]string{"method"}, nil, choice("GET", "POST", "PUT", "DELETE", "PATCH")},
	{[]string{"resource", "entity", "object", "target"}, []string{"resource", "entity", "type", "kind"}, choice("user", "project", "team", "invoice", "report")},
	{[]string{"format"}, nil, choice("json", "csv", "pdf", "xml")},
	{[]string{"frequency", "period", "interval", "cadence"}, nil, choice("daily", "hourly", "weekly", "monthly")},
	{[]string{"emoji", "reaction"}, nil, choice("👍", "🎉", "❤️", "🚀", "👀", "😄", "🙏", "✅")},
	{[]string{"type", "kind", "mode", "group", "class", "plan", "tier"}, nil, choice("standard", "basic", "custom", "internal", "external")},
	{[]string{"event"}, nil, choice("created", "updated", "deleted", "started", "completed")},
	{[]string{"action"}, nil, choice("create", "update", "delete", "view", "export")},
	{[]string{"scope", "scopes", "permissions", "permission"}, nil, choice("read", "write", "admin", "billing", "usage", "members")},
	{[]string{"source", "origin"}, nil, choice(sources...)},
	{[]string{"visibility"}, nil, choice("private", "team", "public")},
	{[]string{"license", "licence"}, nil, choice("MIT", "Apache-2.0", "BSD-3-Clause", "GPL-3.0")},
	{[]string{"encrypted", "cipher", "ciphertext", "enc", "iv", "salt"}, nil, func() textKind { return textKind{write: from("", base62, 32), wide: 32} }},
	{[]string{"revision", "etag", "build"}, nil, func() textKind { return textKind{write: hexText("", 12), wide: 12} }},
	{[]string{"month"}, nil, func() textKind {
		return textKind{write: func(dst []byte, d *dice) []byte {
			return appendDate(dst, now.UnixMicro()-d.below(lifetime))[:len(dst)+7]
		}, wide: 7, joint: "-"}
	}},
	{[]string{"category", "tag", "label", "model", "topic"}, nil, stocked("noun", "-")},
	{[]string{"level", "severity"}, nil, choice("info", "warning", "error", "critical")},
	{[]string{"operator"}, nil, choice("gt", "lt", "eq", "gte", "lte")},
	{[]string{"metric"}, nil, choice("requests", "error_rate", "latency_p99", "cpu_usage", "memory_usage")},
	{[]string{"unit", "units"}, nil, choice("count", "ms", "bytes", "percent")},
	{[]string{"tags", "capabilities", "labels", "keywords", "features"}, nil, stocked("noun", "-")},
	{[]string{"gender"}, nil, stocked("gender", "-")},
	{[]string{"job", "occupation", "profession"}, nil, stocked("job", " ")},
	{[]string{"error"}, nil, stocked("error", " ")},
	{[]string{"metadata", "settings", "config", "json", "payload"}, nil, func() textKind {
		return textKind{write: func(dst []byte, d *dice) []byte { return appendObject(dst, d) }, wide: 80}
	}},
	{[]string{"title", "subject", "headline"}, nil, func() textKind { return textKind{write: word("phrase"), joint: " ", shared: true} }},
	{[]string{"description", "summary", "bio", "about", "body", "content", "text", "message", "comment", "note", "notes", "reason", "details", "detail", "readme", "prompt",
		"instructions", "excerpt", "log", "msg", "explanation", "feedback", "answer", "question"}, nil, func() textKind { return textKind{write: sentences(3), joint: " "} }},
}

func walletAddress() textKind { return textKind{write: hexText("0x", 40), wide: 42} }

func webHost() writer {
	s := slug()
	return func(dst []byte, d *dice) []byte { return append(s(dst, d), ".example.com"...) }
}

func fileName() writer {
	s, ends := slug(), stock("extension")
	return func(dst []byte, d *dice) []byte { return append(append(s(dst, d), '.'), of(ends, d)...) }
}

// cutAt returns where the first n characters of a text end.
func cutAt(text []byte, n int) int {
	at := 0
	for range n {
		if at >= len(text) {
			break
		}
		_, size := utf8.DecodeRune(text[at:])
		at += size
	}
	return at
}
