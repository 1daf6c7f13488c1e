package command

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/dburl"
)

// publicPasswords are passwords that hide nothing, and appear in many lines as words.
var publicPasswords = []string{"postgres", "password"}

// withoutPassword returns a function that masks the URL's password in each line that a command prints: in URLs, and by
// itself, as it is or escaped. A short word by itself is left, since it may be any word.
func withoutPassword(url string) func(line string) string {
	t, err := dburl.ParseTarget(url)
	if err != nil || t.Password == "" {
		return dburl.MaskText
	}
	secret := anyEscape(t.Password)
	inURL, alone := regexp.MustCompile(":"+secret+"@"), regexp.MustCompile(secret)
	isWord := len(t.Password) < 6 || slices.Contains(publicPasswords, t.Password)
	return func(line string) string {
		line = inURL.ReplaceAllString(line, ":***@")
		if !isWord {
			line = alone.ReplaceAllString(line, "***")
		}
		return dburl.MaskText(line)
	}
}

// anyEscape returns a pattern for a text in which any character may be written as the %XX of its bytes.
func anyEscape(text string) string {
	var b strings.Builder
	for _, r := range text {
		fmt.Fprintf(&b, "(?:%s|(?i:", regexp.QuoteMeta(string(r)))
		for _, c := range []byte(string(r)) {
			fmt.Fprintf(&b, "%%%02X", c)
		}
		b.WriteString("))")
	}
	return b.String()
}
