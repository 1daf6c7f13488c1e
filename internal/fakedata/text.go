package fakedata

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// writer appends one believable text.
type writer func(dst []byte, d *dice) []byte

// textKind is a kind of text: how it is written, and what stands before the mark that makes one unlike all others.
// Kinds that are random enough need no mark.
type textKind struct {
	write  writer
	joint  string // "" where two are never the same
	inside byte   // the mark stands before this character, where the text has it
	wide   int    // characters that the text needs; shorter columns get something else
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

// hexText is a prefix and random digits, 16 to a throw.
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

func fullName() writer {
	first, last := stock("first"), stock("last")
	return func(dst []byte, d *dice) []byte {
		return append(append(append(dst, of(first, d)...), ' '), of(last, d)...)
	}
}

func handle() writer {
	first, last := stock("first"), stock("last")
	return func(dst []byte, d *dice) []byte {
		dst = append(appendLower(dst, of(first, d)), '.')
		return appendLower(dst, of(last, d))
	}
}

func email() writer {
	user := handle()
	hosts := []string{"example.com", "example.org", "example.net", "mail.example.com", "post.example.org"}
	return func(dst []byte, d *dice) []byte {
		return append(append(user(dst, d), '@'), hosts[d.skewed(5)]...)
	}
}

func appendLower(dst []byte, s string) []byte {
	for _, r := range []byte(s) {
		switch {
		case r >= 'A' && r <= 'Z':
			dst = append(dst, r+32)
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			dst = append(dst, r)
		}
	}
	return dst
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

func sentences(most int64) writer {
	list := append(slices.Clone(stock("sentence")), stock("comment")...)
	return func(dst []byte, d *dice) []byte {
		for n := d.below(most); ; n-- {
			dst = append(dst, of(list, d)...)
			if n <= 0 {
				return dst
			}
			dst = append(dst, ' ')
		}
	}
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

func password() writer {
	return func(dst []byte, d *dice) []byte {
		var raw [39]byte
		for i := range raw {
			raw[i] = byte(d.next())
		}
		dst = append(dst, "$2b$10$"...)
		return base64.RawStdEncoding.AppendEncode(dst, raw[:])[:len(dst)+52]
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

// textKindOf is what a column's name, the Prisma file's default and its length suggest.
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
	has := func(list ...string) bool {
		return slices.ContainsFunc(list, func(w string) bool { return slices.Contains(words, w) })
	}
	last := ""
	if len(words) > 0 {
		last = words[len(words)-1]
	}
	if last == "id" || last == "by" || has("uuid", "guid") {
		return hinted["cuid"]()
	}
	if last == "address" && (c.alone() || len(words) == 1 && c.table.onChain()) { // people share a house, never a wallet
		return walletAddress()
	}
	for _, rule := range textRules {
		if has(rule.words...) && (rule.also == nil || has(rule.also...)) {
			return rule.kind()
		}
	}
	if has("name") {
		return nameOf(nameWords(c.table.ref.Name))
	}
	if has("at", "date", "time") {
		return textKind{write: timeText(), joint: " ", wide: 24}
	}
	return textKind{write: title(), joint: " "}
}

// onChain tells whether a table is about what lives on a blockchain, where an address is no street.
func (t *table) onChain() bool {
	about := func(name string, of ...string) bool {
		return slices.ContainsFunc(nameWords(name), func(w string) bool { return slices.Contains(of, w) })
	}
	return about(t.ref.Name, "wallet", "wallets", "orchestrator", "orchestrators", "delegator", "delegators", "transcoder", "transcoders", "validator", "validators") ||
		slices.ContainsFunc(t.columns, func(c *column) bool { return about(c.name, "chain") })
}

// nameOf is what the name of a thing of the table is: a person's, a company's, any.
func nameOf(table []string) textKind {
	for _, w := range table {
		switch strings.TrimSuffix(w, "s") {
		case "user", "person", "people", "author", "customer", "profile", "member", "contact", "employee", "student", "patient", "owner", "account", "participant":
			return textKind{write: fullName(), joint: " "}
		case "company", "companie", "organization", "organisation", "org", "tenant", "vendor", "publisher", "customergroup":
			return textKind{write: word("company"), joint: " "}
		case "product", "item", "asset":
			return textKind{write: word("product"), joint: " "}
		case "city", "citie":
			return textKind{write: word("city"), joint: " "}
		case "country", "countrie":
			return textKind{write: word("country"), joint: " "}
		}
	}
	return textKind{write: title(), joint: " "}
}

var textRules = []struct {
	words, also []string
	kind        func() textKind
}{
	{[]string{"email", "mail", "gmail"}, nil, func() textKind { return textKind{email(), ".", '@', 12} }},
	{[]string{"phone", "mobile", "tel", "fax"}, nil, func() textKind { return textKind{write: digits("+1555#######"), joint: " x"} }},
	{[]string{"tx", "transaction"}, []string{"hash", "tx", "id"}, func() textKind { return textKind{write: hexText("0x", 64), wide: 66} }},
	{[]string{"address", "addr"}, []string{"eth", "wallet", "contract", "token", "delegator", "delegate", "orchestrator", "recipient", "sender", "from", "to", "gateway", "transcoder", "owner", "payout", "signer", "chain"}, walletAddress},
	{[]string{"wallet", "orchestrator", "delegator"}, nil, walletAddress},
	{[]string{"price", "amount", "balance", "total", "fee", "wei", "stake", "value"}, nil, func() textKind { return textKind{write: digits("#####"), joint: "."} }},
	{[]string{"ip"}, nil, func() textKind { return textKind{write: digits("10.1#.2#.1#"), joint: "."} }},
	{[]string{"mac"}, nil, func() textKind { return textKind{write: hexText("", 12), joint: "-", wide: 12} }},
	{[]string{"password", "passwd", "pass"}, nil, func() textKind { return textKind{write: password(), wide: 59} }},
	{[]string{"hash", "digest", "checksum", "sha", "sha256", "fingerprint"}, nil, func() textKind { return textKind{write: hexText("", 64), wide: 64} }},
	{[]string{"signature"}, nil, func() textKind { return textKind{write: hexText("0x", 130), wide: 132} }},
	{[]string{"prefix"}, nil, func() textKind { return textKind{write: from("", base36, 8), joint: "-"} }},
	{[]string{"token", "secret", "nonce", "apikey", "challenge", "credential", "session"}, nil, func() textKind { return textKind{write: from("", base62, 40), wide: 40} }},
	{[]string{"url", "uri", "link", "website", "homepage", "href", "webhook", "callback", "endpoint", "origin"}, nil, func() textKind { return textKind{webAddress("/"), "n", 0, 48} }},
	{[]string{"avatar", "image", "logo", "icon", "picture", "photo", "thumbnail", "banner", "cover"}, nil, func() textKind { return textKind{webAddress("/image.png"), "?v=", 0, 60} }},
	{[]string{"domain", "host", "hostname", "subdomain"}, nil, func() textKind { return textKind{webHost(), "-", '.', 30} }},
	{[]string{"slug", "handle", "alias", "permalink", "path", "key", "code", "identifier", "ref", "reference", "topic"}, nil, func() textKind { return textKind{write: slug(), joint: "-"} }},
	{[]string{"username", "login", "nickname", "nick", "handle", "screen"}, nil, func() textKind { return textKind{write: handle(), joint: "_"} }},
	{[]string{"first", "given", "firstname"}, nil, func() textKind { return textKind{write: word("first"), joint: " "} }},
	{[]string{"last", "family", "surname", "lastname"}, []string{"name", "surname", "lastname", "family"}, func() textKind { return textKind{write: word("last"), joint: " "} }},
	{[]string{"full", "display", "contact", "author", "person", "owner", "customer", "user", "participant"}, []string{"name", "author"}, func() textKind { return textKind{write: fullName(), joint: " "} }},
	{[]string{"agent"}, []string{"user"}, func() textKind { return textKind{write: word("agent"), joint: " "} }},
	{[]string{"company", "organization", "organisation", "employer", "vendor", "publisher", "provider"}, nil, func() textKind { return textKind{write: word("company"), joint: " "} }},
	{[]string{"timezone", "tz"}, nil, func() textKind { return textKind{write: word("timezone"), joint: "/"} }},
	{[]string{"zone"}, []string{"time"}, func() textKind { return textKind{write: word("timezone"), joint: "/"} }},
	{[]string{"locale", "lang", "language"}, nil, func() textKind {
		return textKind{write: oneOf("en", "de", "fr", "es", "pt", "ja", "zh", "ar"), joint: "-"}
	}},
	{[]string{"currency"}, nil, func() textKind { return textKind{write: oneOf("USD", "EUR", "ETH", "LPT", "GBP"), joint: "-"} }},
	{[]string{"country"}, []string{"code", "iso"}, func() textKind { return textKind{write: word("countries"), joint: "-"} }},
	{[]string{"country"}, nil, func() textKind { return textKind{write: word("country"), joint: " "} }},
	{[]string{"city", "town"}, nil, func() textKind { return textKind{write: word("city"), joint: " "} }},
	{[]string{"region", "state", "province"}, []string{"region", "province"}, func() textKind { return textKind{write: word("state"), joint: " "} }},
	{[]string{"zip", "postal", "postcode"}, nil, func() textKind { return textKind{write: digits("#####"), joint: "-"} }},
	{[]string{"street", "address", "addr", "line1", "line2"}, nil, func() textKind { return textKind{write: street(), joint: " "} }},
	{[]string{"color", "colour"}, nil, func() textKind { return textKind{write: word("color"), joint: "-"} }},
	{[]string{"mime", "mimetype"}, nil, func() textKind { return textKind{write: word("mime"), joint: "-"} }},
	{[]string{"file", "filename"}, nil, func() textKind { return textKind{write: fileName(), joint: "-"} }},
	{[]string{"version"}, nil, func() textKind { return textKind{write: digits("1.#.#"), joint: "-"} }},
	{[]string{"status", "state"}, nil, func() textKind {
		return textKind{write: oneOf("active", "pending", "completed", "failed", "archived"), joint: "-"}
	}},
	{[]string{"role"}, nil, func() textKind {
		return textKind{write: oneOf("member", "viewer", "editor", "admin", "owner"), joint: "-"}
	}},
	{[]string{"network", "chain"}, nil, func() textKind { return textKind{write: oneOf("arbitrum", "ethereum", "base", "optimism"), joint: "-"} }},
	{[]string{"method"}, nil, func() textKind { return textKind{write: oneOf("GET", "POST", "PUT", "DELETE", "PATCH"), joint: "-"} }},
	{[]string{"type", "kind", "category", "event", "action", "scope", "source", "tag", "label", "resource", "provider", "mode", "model", "group"}, nil, func() textKind { return textKind{write: word("noun"), joint: "-"} }},
	{[]string{"severity"}, nil, func() textKind { return textKind{write: oneOf("info", "warning", "error", "critical"), joint: "-"} }},
	{[]string{"operator"}, nil, func() textKind { return textKind{write: oneOf("gt", "lt", "eq", "gte", "lte"), joint: "-"} }},
	{[]string{"metric", "unit"}, nil, func() textKind { return textKind{write: slug(), joint: "-"} }},
	{[]string{"scopes", "tags", "capabilities", "permissions", "labels", "keywords", "features"}, nil, func() textKind { return textKind{write: word("noun"), joint: "-"} }},
	{[]string{"gender"}, nil, func() textKind { return textKind{write: word("gender"), joint: "-"} }},
	{[]string{"job", "occupation", "profession"}, nil, func() textKind { return textKind{write: word("job"), joint: " "} }},
	{[]string{"error"}, nil, func() textKind { return textKind{write: word("error"), joint: " "} }},
	{[]string{"metadata", "settings", "config", "json", "payload"}, nil, func() textKind {
		return textKind{write: func(dst []byte, d *dice) []byte { return appendObject(dst, d, 2) }, wide: 80}
	}},
	{[]string{"title", "subject", "headline"}, nil, func() textKind { return textKind{write: word("phrase"), joint: " "} }},
	{[]string{"description", "summary", "bio", "about", "body", "content", "text", "message", "comment", "note", "notes", "reason", "details", "detail", "readme", "prompt", "instructions", "excerpt"}, nil, func() textKind { return textKind{write: sentences(3), joint: " "} }},
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

// cutAt is where the first n characters of a text end.
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
