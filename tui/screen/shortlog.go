package screen

import "github.com/livepeer/naap-dev/internal/lazy"

// stamp is what the server puts before each line: its time, and its process.
var stamp = lazy.Regexp{Text: `^\d{4}-\d\d-\d\d (\d\d:\d\d:\d\d)(\.\d+)? \S+ (\[\d+\] )?`}

// ShortLog is a line with nothing but the clock of what the server puts before it.
func ShortLog(line string) string { return stamp.Get().ReplaceAllString(line, "$1 ") }
