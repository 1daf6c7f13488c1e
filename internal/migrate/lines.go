package migrate

import "slices"

// lines are the offsets at which the lines of a text begin. A script may be long and have many statements: it is searched for its
// lines once, and not for each of them.
type lines []int

func linesOf(text string) lines {
	list := lines{0}
	for i := range len(text) {
		if text[i] == '\n' {
			list = append(list, i+1)
		}
	}
	return list
}

// at returns the line of an offset, counted from 1, and where it begins.
func (l lines) at(offset int) (line, start int) {
	line, _ = slices.BinarySearch(l, offset+1)
	return line, l[line-1]
}
