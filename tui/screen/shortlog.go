package screen

import "regexp"

// stamp is what the server puts before each line: its time, and its process.
var stamp = regexp.MustCompile(`^\d{4}-\d\d-\d\d (\d\d:\d\d:\d\d)(\.\d+)? \S+ (\[\d+\] )?`)

// ShortLog is a line with nothing but the clock of what the server puts before it.
func ShortLog(line string) string { return stamp.ReplaceAllString(line, "$1 ") }
