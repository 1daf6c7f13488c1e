// Package say writes what all texts for the user write in the same way: numbers and counts, amounts of bytes,
// durations, ages and times, lists, and the name that a misspelt one most likely means.
package say

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

type integer interface{ ~int | ~int64 }

// Number returns n with its thousands separated: 1,234,567.
func Number[N integer](n N) string {
	s := strconv.FormatInt(int64(n), 10)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// Count returns a number of things, which are named in the singular: "1 row", "2 entries", "1,234 indexes".
func Count[N integer](n N, thing string) string {
	return Number(n) + " " + Form(n, thing, plural(thing))
}

// Form returns the word that fits the number: Form(n, "is", "are").
func Form[N integer](n N, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// Size returns an amount of data as a setting of PostgreSQL's has it, in the greatest unit that leaves a whole number: 5GB.
func Size(n int64) string {
	units := []string{"B", "kB", "MB", "GB", "TB"}
	for n > 0 && n%1024 == 0 && len(units) > 1 {
		n, units = n/1024, units[1:]
	}
	if n <= 0 {
		return "0"
	}
	return strconv.FormatInt(n, 10) + units[0]
}

// plural returns the plural of a regular English noun; naap counts nothing that has an irregular one.
func plural(thing string) string {
	last := len(thing) - 1
	switch {
	case thing[last] == 'y' && !strings.ContainsRune("aeou", rune(thing[last-1])):
		return thing[:last] + "ies"
	case strings.ContainsRune("sx", rune(thing[last])):
		return thing + "es"
	}
	return thing + "s"
}

// Bytes returns an amount of data as PostgreSQL's pg_size_pretty writes it: 8192 bytes, 176 kB, 12 GB. Each unit is
// 1,024 times the one before it, and is used for up to 10,240 of its own.
func Bytes(n int64) string {
	if -10<<10 < n && n < 10<<10 {
		return strconv.FormatInt(n, 10) + " bytes"
	}
	// To round, PostgreSQL divides by 512 first and halves what it prints.
	halves, units := n/512, "kMGTP"
	for len(units) > 1 && (halves <= 1-20<<10 || halves >= 20<<10-1) {
		halves, units = halves/1024, units[1:]
	}
	if halves < 0 {
		halves--
	} else {
		halves++
	}
	return fmt.Sprintf("%d %cB", halves/2, units[0])
}

// Took returns how long something took: 0.6 ms, 12 ms, 1.4 s, 2m5s.
func Took(d time.Duration) string {
	switch {
	case d < 9950*time.Microsecond:
		return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 59950*time.Millisecond:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return d.Round(time.Second).String()
}

// Age returns how old something is, or how long it has lasted so far, in its largest unit: 5s, 12m, 3h, 2d.
func Age(d time.Duration) string {
	switch {
	case d < 0:
		return "0s"
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh", int(d.Hours()))
	}
	return fmt.Sprintf("%dd", int(d.Hours()/24))
}

// Moment returns a time to the second, in the user's zone: 2025-03-14 12:02:07.
func Moment(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05") }

// And returns a list as it is written in a sentence: "a, b and c".
func And(list []string) string { return sentence(list, " and ") }

// Or returns a list to choose from: "a, b or c".
func Or(list []string) string { return sentence(list, " or ") }

// Each returns what of makes of each thing of a list, such as its text.
func Each[T, U any](list []T, of func(T) U) []U {
	all := make([]U, len(list))
	for i, thing := range list {
		all[i] = of(thing)
	}
	return all
}

// Join returns the texts of the things of a list with a separator between them.
func Join[T any](list []T, separator string, text func(T) string) string {
	return strings.Join(Each(list, text), separator)
}

func sentence(list []string, last string) string {
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:len(list)-1], ", ") + last + list[len(list)-1]
}

// First returns the first of many lines, most at most: where there are more, the last of these says how many are left out.
func First(lines []string, most int) []string {
	if len(lines) <= most {
		return lines
	}
	return append(slices.Clone(lines[:most-1]), "… and "+Number(len(lines)-most+1)+" more")
}

// Some returns the first few of a list, and how many more there are: "a, b, c and 4 more".
func Some(list []string, most int) string {
	if len(list) <= most {
		return strings.Join(list, ", ")
	}
	return strings.Join(list[:most], ", ") + " and " + Number(len(list)-most) + " more"
}
