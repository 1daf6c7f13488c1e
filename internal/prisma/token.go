package prisma

// tokenKind is the kind of a token.
type tokenKind uint8

const (
	badToken tokenKind = iota + 1 // already reported
	endToken
	newlineToken
	wordToken
	numberToken
	stringToken
	commentToken      // // or ///, without the line's end
	blockCommentToken // /* */
	atToken
	doubleAtToken
	braceOpenToken
	braceCloseToken
	parenOpenToken
	parenCloseToken
	bracketOpenToken
	bracketCloseToken
	commaToken
	colonToken
	equalToken
	dotToken
	questionToken
	bangToken
)

// token is part of a file, which is under 2 GiB. Lines and columns count from 1; endCol is exclusive.
type token struct {
	kind            tokenKind
	off, end        int32
	line, col       int32
	endLine, endCol int32
}

// punctuation maps a byte to its token's kind, or 0.
var punctuation = [256]tokenKind{
	'{': braceOpenToken, '}': braceCloseToken, '(': parenOpenToken, ')': parenCloseToken,
	'[': bracketOpenToken, ']': bracketCloseToken, ',': commaToken, ':': colonToken, '=': equalToken,
	'.': dotToken, '?': questionToken, '!': bangToken,
}

// describe describes a token for an error message.
func (t token) describe(src string) string {
	switch t.kind {
	case endToken:
		return "the end of the file"
	case newlineToken:
		return "the end of the line"
	case commentToken, blockCommentToken:
		return "a comment"
	case stringToken:
		return "a string"
	}
	return "`" + src[t.off:t.end] + "`"
}
