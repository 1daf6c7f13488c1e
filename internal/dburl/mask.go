package dburl

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/livepeer/naap-dev/internal/lazy"
)

const maskedPassword = "***"

// secretParams are the parameters with secret values, besides the password itself, in current libpq.
var secretParams = []string{"sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key"}

// isSecret reports whether a parameter's value must not be shown. No reader knows password in other case, but whoever
// wrote it meant one.
func isSecret(name string) bool {
	name = strings.ToLower(name)
	return name == "password" || slices.Contains(secretParams, name)
}

// HasSecretParam reports whether a parameter of the target must not be shown.
func (t Target) HasSecretParam() bool {
	for name := range t.Params {
		if isSecret(name) {
			return true
		}
	}
	return false
}

// WithoutSecrets returns the target without its password and anything else secret: for a command line, which other
// users of the machine can read.
func (t Target) WithoutSecrets() Target {
	params := url.Values{}
	for name, values := range t.Params {
		if !isSecret(name) {
			params[name] = values
		}
	}
	t.Password, t.Params = "", params
	return t
}

// Masked returns the URL without the password and without the parameters, to be shown.
func (t Target) Masked() string {
	if t.Password != "" {
		t.Password = maskedPassword
	}
	t.Params = nil
	return strings.ReplaceAll(t.URL(), escape(maskedPassword), maskedPassword)
}

// MaskURL returns a connection URL or keyword string, well-formed or not, without its passwords, to be shown. Where it
// cannot be parsed, nothing of it is shown: an unescaped password with an @ or a / in it may end anywhere.
func MaskURL(raw string) string {
	if t, err := ParseTarget(raw); err == nil && !misplacedAt(raw) {
		return t.Masked()
	}
	if scheme, rest, ok := strings.Cut(raw, "://"); ok && schemeName.Get().MatchString(scheme) {
		return scheme + "://" + maskLoose(rest)
	}
	return maskKeywords(raw)
}

var (
	schemeName = lazy.Regexp{Text: `^[A-Za-z][A-Za-z0-9+.:-]*$`}
	urlInText  = lazy.Regexp{Text: `[A-Za-z][A-Za-z0-9+.:-]*://[^\s"'` + "`" + `<>]+`}
	// What follows in quotes after a word that ends in password, as in SQL and JSON, and what is assigned to such a
	// word.
	quotedInText   = lazy.Regexp{Text: `(?i)(\w*password["']?\s*:?\s*)('(?:\\.|[^'\\])*'?|"(?:\\.|[^"\\])*"?)`}
	assignedInText = lazy.Regexp{Text: `(?i)(\w*password\s*=\s*)('(?:\\.|[^'\\])*'?|"(?:\\.|[^"\\])*"?|[^\s&"';]+)`}
)

// MaskText returns a text with the passwords masked: those of URLs in it, and what is assigned to a word such as
// password or follows it in quotes. A URL ends at a blank or a quote. The rest is unchanged.
func MaskText(text string) string {
	text = urlInText.Get().ReplaceAllStringFunc(text, maskInPlace)
	text = assignedInText.Get().ReplaceAllString(text, "${1}"+maskedPassword)
	return quotedInText.Get().ReplaceAllString(text, "${1}"+maskedPassword)
}

// maskInPlace hides the password of a URL in a text. One that can be parsed in several ways is shown as MaskURL does.
func maskInPlace(raw string) string {
	scheme, rest, _ := strings.Cut(raw, "://")
	_, query, _ := strings.Cut(rest, "?")
	if strings.Contains(query, "%") { // a parameter's name may be written with escapes
		return MaskURL(raw)
	}
	at := strings.LastIndexByte(rest, '@')
	if at < 0 {
		return raw
	}
	user, secret, has := strings.Cut(rest[:at], ":")
	switch {
	case !has && looseUser.Get().MatchString(user):
		return raw
	case !has || !looseUser.Get().MatchString(user) || strings.ContainsAny(secret, "=&"):
		return MaskURL(raw)
	}
	return scheme + "://" + user + ":" + maskedPassword + rest[at:]
}

// misplacedAt reports whether there is an @ among the parameters of a URL where none is needed: then what looks like
// host and port may be the beginning of a password with a ? in it.
func misplacedAt(raw string) bool {
	_, rest, _ := strings.Cut(raw, "://")
	rest, query, _ := strings.Cut(rest, "?")
	for part := range strings.SplitSeq(query, "&") {
		if name, _, _ := strings.Cut(part, "="); strings.Contains(name, "@") || strings.Contains(part, "@") && !strings.Contains(rest, "@") {
			return true
		}
	}
	return false
}

var (
	looseUser = lazy.Regexp{Text: `^[^/?#=&\s]*$`}
	looseHost = lazy.Regexp{Text: `^[\w.,:\[\]-]*(?:/[^/?#&@:\s]*)?`}
	hostPorts = lazy.Regexp{Text: `^(?:[A-Za-z_.-][\w.-]*|\d+\.\d+\.\d+\.\d+|\[[0-9a-fA-F:.]+\])?(?::\d{1,5})?$`}
)

// maskLoose returns what may be shown of the rest of a URL that cannot be parsed, or that can be parsed in two ways.
func maskLoose(rest string) string {
	at := strings.LastIndexByte(rest, '@')
	if at < 0 {
		authority := rest
		if i := strings.IndexAny(rest, "/?#"); i >= 0 {
			authority = rest[:i]
		}
		for host := range strings.SplitSeq(authority, ",") {
			if !hostPorts.Get().MatchString(host) {
				return maskedPassword // user:password, with the @ missing
			}
		}
		return looseHost.Get().FindString(rest)
	}
	user, secret, has := strings.Cut(rest[:at], ":")
	if !has || !looseUser.Get().MatchString(user) || strings.ContainsAny(secret, "=&") {
		return maskedPassword // the @ may be in a parameter
	}
	return user + ":" + maskedPassword + "@" + looseHost.Get().FindString(rest[at+1:])
}

// shownKeywords are the keywords whose values are shown.
var shownKeywords = []string{"host", "hostaddr", "port", "user", "dbname", "sslmode"}

func maskKeywords(raw string) string {
	pairs, err := Keywords(raw)
	var shown []string
	for _, p := range pairs {
		switch {
		case slices.Contains(shownKeywords, p.Name):
			shown = append(shown, p.Name+"="+quoteKeyword(p.Value))
		case isSecret(p.Name):
			shown = append(shown, p.Name+"="+maskedPassword)
		}
	}
	if err != nil || len(shown) == 0 {
		shown = append(shown, maskedPassword)
	}
	return strings.Join(shown, " ")
}

// Keyword is a keyword and its value of a connection string.
type Keyword struct{ Name, Value string }

// Keywords parses a keyword string as libpq does (conninfo_parse): it returns the pairs before the first mistake. The
// error does not contain the text.
func Keywords(s string) ([]Keyword, error) {
	const blank = " \t\n\r\v\f"
	var pairs []Keyword
	for {
		s = strings.TrimLeft(s, blank)
		if s == "" {
			return pairs, nil
		}
		name, rest, ok := strings.Cut(s, "=")
		name = strings.TrimRight(name, blank)
		if !ok || name == "" || strings.ContainsAny(name, blank) {
			return pairs, malformed("a keyword has no value; write a value with blanks in it as 'a value'")
		}
		rest = strings.TrimLeft(rest, blank)
		value, rest, ok := keywordValue(rest, blank)
		if !ok {
			return pairs, malformed("a value's closing quote is missing")
		}
		pairs, s = append(pairs, Keyword{name, value}), rest
	}
}

// keywordValue splits off one value; a backslash takes what follows it literally.
func keywordValue(s, blank string) (value, rest string, ok bool) {
	quoted := strings.HasPrefix(s, "'")
	var b strings.Builder
	i := 0
	if quoted {
		i = 1
	}
	for ; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
		case s[i] == '\\':
			continue
		case quoted && s[i] == '\'':
			return b.String(), s[i+1:], true
		case !quoted && strings.IndexByte(blank, s[i]) >= 0:
			return b.String(), s[i:], true
		}
		b.WriteByte(s[i])
	}
	return b.String(), "", !quoted
}

// quoteKeyword returns a value as it is written in a keyword string.
func quoteKeyword(s string) string {
	if plain := strings.IndexFunc(s, func(r rune) bool { return !strconv.IsPrint(r) || strings.ContainsRune(` '\`, r) }) < 0; plain && s != "" {
		return s
	}
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}
