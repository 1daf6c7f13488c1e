package tui

import (
	"slices"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/tui/fake"
	"github.com/livepeer/naap-dev/tui/screen"
)

// frames draws the same frame again and again, with the cursor moving.
func frames(b *testing.B, d *driver, key string) {
	b.ReportAllocs()
	for b.Loop() {
		d.app.Update(keyMsg(key))
		if len(d.app.View()) == 0 {
			b.Fatal("no frame")
		}
	}
}

// BenchmarkFrame160x45 is one frame of the dashboard with rows, at 160×45: the aim is 1 ms.
func BenchmarkFrame160x45(b *testing.B) {
	d := drive(b, fake.New(), 160, 45)
	b.ReportAllocs()
	for b.Loop() {
		if len(d.app.View()) == 0 {
			b.Fatal("no frame")
		}
	}
}

// BenchmarkFrameOfRows is one frame of a page of rows.
func BenchmarkFrameOfRows(b *testing.B) {
	d := drive(b, fake.New(), 160, 45)
	d.press("G", "2", "j", "j", "enter", "4")
	frames(b, d, "down")
}

// keysIn presses keys again and again, each with its frame, and reports how long all but one in a hundred take at most.
func keysIn(b *testing.B, d *driver, keys ...string) {
	b.ReportAllocs()
	var each []time.Duration
	for b.Loop() {
		for _, k := range keys {
			began := time.Now()
			d.app.Update(keyMsg(k))
			if len(d.app.View()) == 0 {
				b.Fatal("no frame")
			}
			each = append(each, time.Since(began))
		}
	}
	slices.Sort(each)
	b.ReportMetric(float64(each[len(each)*99/100])/1e6, "p99-ms/key")
}

// BenchmarkKeyIn5000Tables is a key and its frame with 5,000 tables in 50 schemas: the aim is 16 ms, and 33 ms for all but
// one key in a hundred.
func BenchmarkKeyIn5000Tables(b *testing.B) {
	d := drive(b, fake.Large(50, 100), 160, 45)
	d.press("2")
	keysIn(b, d, "down")
}

// BenchmarkFilterIn5000Tables is two letters of a filter with 5,000 tables in one schema.
func BenchmarkFilterIn5000Tables(b *testing.B) {
	d := drive(b, fake.Large(1, 5000), 160, 45)
	d.press("2", "/")
	keysIn(b, d, "a", "backspace")
}

// BenchmarkRefreshOf5000Tables is a snapshot that arrives with 5,000 tables in 50 schemas, and its frame.
func BenchmarkRefreshOf5000Tables(b *testing.B) {
	d := drive(b, fake.Large(50, 100), 160, 45)
	b.ReportAllocs()
	for b.Loop() {
		d.app.Tell(screen.SnapshotNews{})
		if len(d.app.View()) == 0 {
			b.Fatal("no frame")
		}
	}
}

// BenchmarkPaletteIn5000Tables is letters in the palette.
func BenchmarkPaletteIn5000Tables(b *testing.B) {
	d := drive(b, fake.Large(50, 100), 160, 45)
	d.press(":")
	keysIn(b, d, "a", "backspace", "b", "ctrl+u")
}

// BenchmarkCompletionIn5000Tables is letters of a statement that names three of 5,000 tables, with the words that fit: the
// aim is 33 ms for all but one key in a hundred.
func BenchmarkCompletionIn5000Tables(b *testing.B) {
	d := drive(b, fake.Large(50, 100), 160, 45)
	d.press("i", `type:SELECT * FROM tenant_001."User000" u JOIN tenant_002."Role000" r ON r.id = u.id JOIN tenant_003."Team000" t ON `)
	keysIn(b, d, "a", "d", "d", "backspace", "backspace", "backspace", "t", "e", "n", "backspace", "backspace", "backspace", "u", ".", "backspace", "backspace")
}

// BenchmarkEditedRows is a key and its frame in a page of rows with changes pending.
func BenchmarkEditedRows(b *testing.B) {
	d := drive(b, fake.New(), 160, 45)
	d.press(somePending...)
	keysIn(b, d, "down", "down", "up")
}
