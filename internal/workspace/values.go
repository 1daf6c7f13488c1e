package workspace

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/say"
)

// Bytes is an amount of data.
type Bytes int64

var byteUnits = []struct {
	suffix string
	size   Bytes
}{{"TB", 1 << 40}, {"GB", 1 << 30}, {"MB", 1 << 20}, {"kB", 1 << 10}, {"B", 1}}

// String returns the amount as PostgreSQL writes a setting's: 512MB.
func (b Bytes) String() string { return say.Size(int64(b)) }

func parseBytes(text string) (Bytes, error) {
	digits := strings.TrimRight(text, "kKMGTiBb ")
	n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 40)
	unit := strings.ReplaceAll(strings.TrimSpace(strings.ToUpper(text[len(digits):])), "I", "")
	bad := fmt.Errorf("must be a size such as 512MB or 5GB, or 0")
	if err != nil || n < 0 {
		return 0, bad
	}
	for _, u := range byteUnits {
		if name := strings.ToUpper(u.suffix); unit == name || unit+"B" == name {
			if n > int64(1<<62/u.size) {
				return 0, bad
			}
			return Bytes(n) * u.size, nil
		}
	}
	return 0, bad
}

// parseDuration is time.ParseDuration with days and weeks, which are 24 and 168 hours here.
func parseDuration(text string) (time.Duration, error) {
	bad := fmt.Errorf("must be a duration such as 5s, 10m, 36h or 14d, or 0")
	for suffix, unit := range map[string]time.Duration{"d": 24 * time.Hour, "w": 168 * time.Hour} {
		if n, ok := strings.CutSuffix(text, suffix); ok {
			count, err := strconv.ParseUint(n, 10, 13)
			if err != nil {
				return 0, bad
			}
			return time.Duration(count) * unit, nil
		}
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, bad
	}
	return d, nil
}

func formatDuration(d time.Duration) string {
	const day = 24 * time.Hour
	if d >= day && d%day == 0 {
		return strconv.FormatInt(int64(d/day), 10) + "d"
	}
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

func parseBool(text string) (bool, error) {
	switch strings.ToLower(text) {
	case "1", "true", "yes", "on":
		return true, nil
	case "", "0", "false", "no", "off":
		return false, nil
	}
	return false, fmt.Errorf("must be true or false")
}

func oneOf(values ...string) func(string) error {
	return func(text string) error {
		if slices.Contains(values, text) {
			return nil
		}
		return fmt.Errorf("must be one of %s", strings.Join(values, ", "))
	}
}

func isPort(text string) error {
	if n, err := strconv.Atoi(text); err != nil || n < 1 || n > 65535 {
		return fmt.Errorf("must be a port, 1 to 65535")
	}
	return nil
}

// isVolume accepts Docker's names of volumes and absolute paths; a relative one would be taken for a name.
func isVolume(text string) error {
	if text == "" || !filepath.IsAbs(text) && strings.ContainsAny(text, `/\`) {
		return fmt.Errorf("must be a volume's name or the absolute path of a folder")
	}
	return nil
}

// isDatabase accepts what PostgreSQL's programs take for a name. With any other text, even a compose file's, psql,
// pg_restore and what the image runs would connect to where the text says, and send the password there.
func isDatabase(text string) error {
	switch {
	case text == "":
		return fmt.Errorf("must not be empty")
	case strings.Contains(text, "="), strings.HasPrefix(text, "postgresql://"), strings.HasPrefix(text, "postgres://"):
		return fmt.Errorf("must be a name, and PostgreSQL's programs take this for where a server is")
	}
	return nil
}

func isNotEmpty(text string) error {
	if text == "" {
		return fmt.Errorf("must not be empty")
	}
	return nil
}
