package visible

import (
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

// JSON returns a JSON document of the same value in which characters that are not drawn are escaped as \uXXXX: DEL, the
// C1 control characters, bidirectional overrides and other invisible format characters. C0 control characters are
// escaped in any JSON text. A document without such characters is returned as it is, without a copy.
func JSON(doc []byte) []byte {
	var out []byte
	from := 0
	for i := 0; i < len(doc); {
		r, n := rune(doc[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRune(doc[i:])
		}
		if r >= 0x7f && !(r == utf8.RuneError && n == 1) && !shown(r) {
			out = append(out, doc[from:i]...)
			for _, unit := range utf16.AppendRune(nil, r) {
				out = fmt.Appendf(out, `\u%04x`, unit)
			}
			from = i + n
		}
		i += n
	}
	if from == 0 {
		return doc
	}
	return append(out, doc[from:]...)
}
