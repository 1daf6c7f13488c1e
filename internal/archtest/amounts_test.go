package archtest

import (
	"regexp"
	"strconv"
	"testing"
)

// These match a count or a number of bytes that a format writes itself. "3 of 7 tables" needs no singular.
var (
	amount = regexp.MustCompile(`%d (rows?|tables?|schemas?|entr(y|ies)|steps?|statements?|values?|seeds?|databases?|snapshots?|sessions?)\b|%[.\d]*[dfg] ?[kMGT]i?B\b`)
	ofAll  = regexp.MustCompile(`\bof (all )?%d|^only %d|more than %d`)
)

// Where texts count by themselves, one says "1 rows", another "2 entrys", and a third an amount that PostgreSQL does
// not.
func TestAmountsArePutIntoWordsBySay(t *testing.T) {
	looked := 0
	for _, s := range house(t) {
		if s.test || s.room == "internal/say" || s.room == "internal/bench" {
			continue
		}
		for _, lit := range texts(s.tree) {
			looked++
			if text, err := strconv.Unquote(lit.Value); err == nil && amount.MatchString(text) && !ofAll.MatchString(text) {
				t.Errorf("%s:%d: %s is for internal/say to put into words", s.path, s.files.Position(lit.Pos()).Line, lit.Value)
			}
		}
	}
	if looked < 1000 {
		t.Errorf("only %d texts were looked at", looked)
	}
}
