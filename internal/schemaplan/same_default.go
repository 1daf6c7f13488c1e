package schemaplan

import (
	"encoding/json"
	"math/big"
	"reflect"
	"strings"

	"github.com/livepeer/naap-dev/internal/sqltext"
)

// verdict says whether two defaults are the same.
type verdict int

const (
	different verdict = iota
	same
	unknown // the text alone does not decide: the server has to be asked for its own form of the desired one
)

// compareDefaults compares a default that was found, as the server prints it, with the desired one. What is certain is
// decided here, so that a push that changes nothing asks the server nothing more.
func compareDefaults(have, want *columnDefault) verdict {
	if have == nil || want == nil {
		if have == nil && want == nil {
			return same
		}
		return different
	}
	switch want.kind {
	case expression:
		if have.SQL == want.SQL {
			return same
		}
	case now:
		if have.SQL == want.SQL || have.SQL == "now()" {
			return same
		}
	case stringLiteral:
		if text, ok := literalText(have.SQL); ok && text == want.text {
			return same
		}
	case jsonLiteral:
		if text, ok := literalText(have.SQL); ok && sameJSON(text, want.text) {
			return same
		}
	case numberLiteral:
		if text, ok := numberText(have.SQL); ok {
			return sameNumber(text, want.text)
		}
	case booleanLiteral:
		if have.SQL == want.SQL {
			return same
		}
		return different // the server prints true and false, and only an expression can otherwise mean them
	case listLiteral:
		if want.size == 0 && emptyList(have.SQL) {
			return same
		}
	}
	return unknown
}

// literalText returns the value of an expression that is only a quoted literal, cast or not: 'it”s'::text.
func literalText(sql string) (string, bool) {
	l := sqltext.Lexer{Text: sql}
	if t, ok := l.Next(); !ok || t.Kind != sqltext.String || sql[0] != '\'' {
		return "", false
	}
	rest := sql[l.At:]
	return sqltext.Unquote(sql[:l.At]), rest == "" || isCast(rest)
}

// isCast reports whether the text is exactly one cast: ::character varying, ::"s"."E", ::numeric(10,2).
func isCast(s string) bool {
	s, found := strings.CutPrefix(s, "::")
	if !found || s == "" {
		return false
	}
	inQuotes := false
	for _, r := range s {
		switch {
		case r == '"':
			inQuotes = !inQuotes
		case inQuotes:
		case strings.ContainsRune(`+-*/|&<>=~!@#%^?:'`, r):
			return false
		}
	}
	return true
}

// numberText returns the number that an expression represents: 1, '-42'::integer, (1.5)::double precision.
func numberText(sql string) (string, bool) {
	if text, ok := literalText(sql); ok {
		sql = text
	} else if rest, found := strings.CutPrefix(sql, "("); found {
		number, cast, closed := strings.Cut(rest, ")")
		if !closed || cast != "" && !isCast(cast) {
			return "", false
		}
		sql = number
	} else if number, cast, found := strings.Cut(sql, "::"); found {
		if !isCast("::" + cast) {
			return "", false
		}
		sql = number
	}
	if _, ok := new(big.Rat).SetString(sql); !ok {
		return "", false
	}
	return sql, true
}

func sameNumber(have, want string) verdict {
	h, ok1 := new(big.Rat).SetString(have)
	w, ok2 := new(big.Rat).SetString(want)
	if ok1 && ok2 && h.Cmp(w) == 0 {
		return same
	}
	return different
}

func sameJSON(have, want string) bool {
	if have == want {
		return true
	}
	parse := func(s string) (v any, err error) {
		d := json.NewDecoder(strings.NewReader(s))
		d.UseNumber()
		err = d.Decode(&v)
		return v, err
	}
	h, err1 := parse(have)
	w, err2 := parse(want)
	return err1 == nil && err2 == nil && reflect.DeepEqual(h, w)
}

func emptyList(sql string) bool {
	if strings.HasPrefix(sql, "ARRAY[]::") {
		return true
	}
	text, ok := literalText(sql)
	return ok && text == "{}"
}
