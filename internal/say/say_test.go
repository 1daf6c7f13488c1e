package say_test

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/say"
)

// The amounts are those around every power of two and of ten, where units change and where rounding does, and some at
// random.
func TestBytesAreWrittenAsPostgreSQLWritesThem(t *testing.T) {
	var amounts []int64
	for bits := range 63 {
		for _, factor := range []int64{1, 10, 20} {
			for off := int64(-2); off <= 2; off++ {
				for _, half := range []int64{0, 1 << bits >> 1} {
					n := factor<<bits + half + off
					amounts = append(amounts, n, -n)
				}
			}
		}
		amounts = append(amounts, rand.Int64N(1<<bits), -rand.Int64N(1<<bits))
	}
	for n := int64(1); n < math.MaxInt64/10; n *= 10 {
		amounts = append(amounts, n-1, n, n+1)
	}
	amounts = append(amounts, math.MaxInt64, math.MinInt64, 180224)

	db, err := postgres.Open(context.Background(), pgtest.NewDatabase(t), postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	rows, err := db.Pool.Query(context.Background(), "SELECT n, pg_size_pretty(n) FROM unnest($1::bigint[]) AS n", amounts)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	asked := 0
	for rows.Next() {
		var n int64
		var want string
		if err := rows.Scan(&n, &want); err != nil {
			t.Fatal(err)
		}
		if got := say.Bytes(n); got != want {
			t.Errorf("%d: %s, and PostgreSQL says %s", n, got, want)
		}
		asked++
	}
	if err := rows.Err(); err != nil || asked != len(amounts) {
		t.Errorf("asked %d of %d: %v", asked, len(amounts), err)
	}
}

func TestCountsHaveThePluralOfTheirNoun(t *testing.T) {
	for want, got := range map[string]string{
		"0 rows": say.Count(0, "row"), "1 row": say.Count(1, "row"), "2 undo entries": say.Count(2, "undo entry"), "1 entry": say.Count(1, "entry"),
		"2 keys": say.Count(2, "key"), "3 indexes": say.Count(3, "index"), "1,234 queries": say.Count(int64(1234), "query"), "2 aliases": say.Count(2, "alias"),
		"-1,234,567": say.Number(-1_234_567), "123,456": say.Number(123_456), "999": say.Number(999), "-999": say.Number(-999), "1,000": say.Number(1000),
		"-9,223,372,036,854,775,808": say.Number(int64(math.MinInt64)),
		"is":                         say.Form(1, "is", "are"), "are": say.Form(0, "is", "are"),
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestTimesAreWrittenShort(t *testing.T) {
	for d, want := range map[time.Duration]string{
		600 * time.Microsecond: "0.6 ms", 9960 * time.Microsecond: "9 ms", 12 * time.Millisecond: "12 ms", 1440 * time.Millisecond: "1.4 s",
		59960 * time.Millisecond: "1m0s", 125 * time.Second: "2m5s", time.Hour + time.Minute: "1h1m0s",
	} {
		if got := say.Took(d); got != want {
			t.Errorf("Took(%s) = %s, want %s", d, got, want)
		}
	}
	for d, want := range map[time.Duration]string{
		-time.Second: "0s", 5900 * time.Millisecond: "5s", 12 * time.Minute: "12m", 47 * time.Hour: "47h", 48 * time.Hour: "2d",
	} {
		if got := say.Age(d); got != want {
			t.Errorf("Age(%s) = %s, want %s", d, got, want)
		}
	}
}

func TestListsAreSentences(t *testing.T) {
	names := strings.Split("a b c d e", " ")
	for want, got := range map[string]string{
		"": say.And(nil), "a": say.Or(names[:1]), "a and b": say.And(names[:2]), "a, b or c": say.Or(names[:3]),
		"a, b, c": say.Some(names[:3], 3), "a, b, c and 2 more": say.Some(names, 3),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestAListOfThingsIsWrittenAsItsTexts(t *testing.T) {
	if got := say.Join([]int{1, 2, 1234}, "; ", say.Number[int]); got != "1; 2; 1,234" {
		t.Errorf("three numbers are written %q", got)
	}
	if got := say.Join(nil, "; ", say.Number[int]); got != "" {
		t.Errorf("no number is written %q", got)
	}
}

func TestAnAmountIsWrittenAsASettingIs(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 1: "1B", 1023: "1023B", 1 << 10: "1kB", 512 << 20: "512MB", 5 << 30: "5GB", 5<<30 + 1<<20: "5121MB", 2048 << 40: "2048TB"} {
		if got := say.Size(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

func TestOfManyLinesTheFirstAreKept(t *testing.T) {
	lines := []string{"a", "b", "c"}
	if got := say.First(lines, 3); !slices.Equal(got, lines) {
		t.Errorf("all fit: %q", got)
	}
	if got := say.First(append(lines, "d"), 3); !slices.Equal(got, []string{"a", "b", "… and 2 more"}) {
		t.Errorf("one too many: %q", got)
	}
}
