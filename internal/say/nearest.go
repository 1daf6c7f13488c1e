package say

import "strings"

// Nearest returns the candidate that a misspelt name most likely means, or "". A difference in case costs little;
// otherwise a name of two characters or more may have one edit, and one more for every three characters.
func Nearest(name string, candidates []string) string {
	best, bestCost := "", 2*((len(name)+1)/3)+2
	for _, c := range candidates {
		if c == name {
			continue
		}
		if d := len(c) - len(name); d > bestCost || -d > bestCost {
			continue
		}
		if cost := distance(name, c); cost < bestCost {
			best, bestCost = c, cost
		}
	}
	return best
}

// maxSuggested bounds the length of names that are compared: a longer one is not a slip of the finger.
const maxSuggested = 64

// distance returns twice the number of edits between two names: an edit costs 2, a letter's case 1. Swapping two
// neighbours is one edit.
func distance(a, b string) int {
	if len(a) > maxSuggested || len(b) > maxSuggested {
		return 1 << 20
	}
	la, lb := strings.ToLower(a), strings.ToLower(b)
	var rows [3][maxSuggested*3 + 1]int
	for j := 0; j <= len(lb); j++ {
		rows[0][j] = 2 * j
	}
	for i := 1; i <= len(la); i++ {
		row, up, upup := &rows[i%3], &rows[(i+2)%3], &rows[(i+1)%3]
		row[0] = 2 * i
		for j := 1; j <= len(lb); j++ {
			same := 2
			if la[i-1] == lb[j-1] {
				same = 0
			}
			row[j] = min(up[j]+2, row[j-1]+2, up[j-1]+same)
			if i > 1 && j > 1 && la[i-1] == lb[j-2] && la[i-2] == lb[j-1] {
				row[j] = min(row[j], upup[j-2]+2)
			}
		}
	}
	cost := rows[len(la)%3][len(lb)]
	if cost == 0 && a != b {
		cost = 1
	}
	return cost
}
