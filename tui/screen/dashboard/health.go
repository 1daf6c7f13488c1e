package dashboard

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/backend"
	"github.com/livepeer/naap-dev/internal/migrate"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/seeding"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
)

func (d *Screen) drawHealth(a draw.Area) {
	in := a.Box(d.frame(healthPane, "Health", fmt.Sprintf("every %g s", d.Every().Seconds())))
	lines := d.healthLines(in.W)
	if in.H < 10 && d.Focus != healthPane {
		lines = lines[:min(len(lines), in.H)]
	}
	d.Health.Size(len(lines))
	if d.Focus != healthPane {
		d.Health.At = 0
	}
	d.Health.Draw(in, d.Focus == healthPane, draw.Unmarked, func(i, y int) { lines[i].Draw(in, 0, y) })
}

// healthLines is the server's and its engine's account of themselves.
func (d *Screen) healthLines(w int) []draw.Line {
	l := d.Live()
	if l.Snap == nil {
		return []draw.Line{{draw.Text(" nothing known yet", draw.Dim)}}
	}
	h := &l.Snap.Health
	out := []draw.Line{d.aliveLine(h), d.latencyLine(h, w)}
	out = append(out, d.engineLines(w)...)
	out = append(out, d.sessionLines(h, w)...)
	out = append(out, d.lockLines(h)...)
	out = append(out, d.trafficLines(h, w)...)
	return append(out, d.shapeLines(w)...)
}

func labelled(label string, parts ...draw.Part) draw.Line {
	return append(draw.Line{draw.Text(" "+draw.Pad(label, 10)+" ", draw.Dim)}, parts...)
}

func (d *Screen) aliveLine(h *postgres.Health) draw.Line {
	g := d.Look().Glyphs
	if d.Live().Lost != nil {
		line := labelled("database", draw.Text(g.Dot+" "+d.Live().Lost.Error(), draw.Bad))
		if d.Live().Identity.Lacks.Stop == "" {
			line = append(line, draw.Text("  "+d.Label(keymap.Start)+" starts it", draw.Dim))
		}
		return line
	}
	if d.Live().Slow {
		return labelled("database", draw.Text(g.Dot+" slow: an answer is overdue", draw.Warn))
	}
	s := d.Live().Snap.Server
	state := draw.Text(g.Dot+" accepting connections", draw.Good)
	if s.ReadOnly || s.InRecovery {
		state = draw.Text(g.Dot+" read-only", draw.Warn)
	}
	line := labelled("database", state)
	if up := s.Uptime(); up > 0 {
		line = append(line, draw.Text("  up "+say.Age(up), draw.Dim))
	}
	return append(line, draw.Text("  "+s.Version.String(), draw.Dim))
}

func (d *Screen) latencyLine(h *postgres.Health, w int) draw.Line {
	t := &d.Live().Trace
	most := 2 * percentile(t.Latency, 0.5)
	for _, v := range t.Latency {
		most = max(most, v)
	}
	line := d.Look().Glyphs.Spark(t.Latency, min(20, max(0, w-44)), most)
	return labelled("latency", draw.Text(line+" ", draw.Info), draw.Text(say.Took(h.Latency), draw.Plain),
		draw.Text(fmt.Sprintf("  p50 %.1f p99 %.1f ms", percentile(t.Latency, 0.5), percentile(t.Latency, 0.99)), draw.Dim))
}

func (d *Screen) engineLines(w int) []draw.Line {
	e := d.Live().Engine
	if e == nil {
		return nil
	}
	g := d.Look().Glyphs
	role := draw.Plain
	if e.Status != "running" || e.Health == "unhealthy" {
		role = draw.Bad
	}
	what, name := "container", e.Name+" "+e.Image
	if e.Process {
		what, name = "server", e.Image
	}
	state := labelled(what, draw.Text(g.Box+" "+e.Status, role))
	if up := screen.UpFor(e, d.Now()); up != "" {
		state = append(state, draw.Text("  up "+up, draw.Dim))
	}
	if e.Restarts > 0 {
		state = append(state, draw.Text("  "+say.Count(e.Restarts, "restart"), draw.Warn))
	}
	state = append(state, draw.Text("  "+name, draw.Dim))
	memory := screen.Size(e.Memory)
	mrole := draw.Plain
	if e.MemoryLimit > 0 {
		memory += " of " + screen.Size(e.MemoryLimit)
		if e.Memory*10 > e.MemoryLimit*9 {
			mrole = draw.Bad
		}
	}
	cpu := labelled("cpu, mem", draw.Text(g.Spark(d.Live().Trace.CPU, min(12, max(0, w-40)), 1)+" ", draw.Info),
		draw.Text(percent(e.CPU)+"  ", draw.Plain), draw.Text(memory, mrole))
	return []draw.Line{state, cpu}
}

// percent writes a share, "?" where it isn't known.
func percent(share float64) string {
	if share < 0 {
		return "?"
	}
	return strconv.FormatFloat(100*share, 'f', 1, 64) + "%"
}

func (d *Screen) sessionLines(h *postgres.Health, w int) []draw.Line {
	role := draw.Plain
	if h.Max > 0 && h.Used*10 > h.Max*8 {
		role = draw.Bad
	}
	out := []draw.Line{labelled("sessions", draw.Text(fmt.Sprintf("%d of %d", h.Used, h.Max), role),
		draw.Text(fmt.Sprintf("  %d active %d idle ", h.Active, h.Idle), draw.Dim),
		draw.Text(fmt.Sprintf("%d idle in tx", h.IdleInTx), map[bool]draw.Role{true: draw.Warn, false: draw.Dim}[h.IdleInTx > 0]))}
	var apps []string
	for _, s := range h.Sessions {
		name := s.Application
		if name == "" {
			name = "(unnamed)"
		}
		if s.Ours {
			name += " (this)"
		}
		apps = append(apps, fmt.Sprintf("%s %s %d", name, s.State, s.Sessions))
	}
	for _, line := range draw.Wrap(strings.Join(apps, ", "), max(10, w-13)) {
		out = append(out, labelled("", draw.Text(line, draw.Dim)))
	}
	return out
}

func (d *Screen) lockLines(h *postgres.Health) []draw.Line {
	waiting := draw.Text("none waiting", draw.Good)
	if n := len(h.Waiting); n > 0 {
		waiting = draw.Text(say.Count(n, "session")+" waiting", draw.Bad)
	}
	out := []draw.Line{labelled("locks", waiting, draw.Text("  longest query "+lasting(h.LongestQuery)+", tx "+lasting(h.LongestTx), draw.Dim))}
	for _, w := range h.Waiting {
		out = append(out, labelled("", draw.Text(fmt.Sprintf("%d %s waits %s for %s on %s", w.Blocked.PID, w.Blocked.Application, say.Took(w.Waits), w.Mode, w.Target), draw.Warn)))
		for _, b := range w.Blockers {
			out = append(out, labelled("", draw.Text(fmt.Sprintf("  held by %d %s (%s, in tx %s): %s", b.PID, b.Application, b.State, say.Age(b.InTx), b.Query), draw.Warn)))
		}
	}
	for _, r := range h.LongRunning {
		out = append(out, labelled("", draw.Text(fmt.Sprintf("%d %s in tx for %s: %s", r.PID, r.Application, say.Age(r.InTx), r.Query), draw.Warn)))
	}
	return out
}

// lasting writes how long something has run, if it has.
func lasting(d time.Duration) string {
	if d < 50*time.Millisecond {
		return "none"
	}
	return say.Took(d.Round(100 * time.Millisecond))
}

func (d *Screen) trafficLines(h *postgres.Health, w int) []draw.Line {
	t := &d.Live().Trace
	hit := "no reads yet"
	if h.CacheHit >= 0 {
		hit = percent(h.CacheHit)
	}
	out := []draw.Line{labelled("tx/s", draw.Text(d.Look().Glyphs.Spark(t.Tps, min(16, max(0, w-42)), 0)+" ", draw.Info),
		draw.Text(strconv.FormatFloat(last(t.Tps), 'f', 1, 64), draw.Plain), draw.Text("  cache hit ", draw.Dim), draw.Text(hit, draw.Plain))}
	if h.Deadlocks > 0 || h.TempBytes > 0 {
		out = append(out, labelled("", draw.Text(fmt.Sprintf("deadlocks %d, temporary files %s", h.Deadlocks, screen.Size(h.TempBytes)), draw.Dim)))
	}
	disk := labelled("disk", draw.Text("db "+screen.Size(h.DatabaseBytes), draw.Plain), draw.Text("  wal "+screen.Size(h.WALBytes), draw.Dim))
	if e := d.Live().Engine; e != nil {
		if e.HostFree >= 0 {
			role := draw.Dim
			if e.HostFree < 2<<30 {
				role = draw.Bad
			}
			disk = append(disk, draw.Text("  free "+screen.Size(e.HostFree), role))
		}
	}
	return append(out, disk)
}

// fitting puts a remark behind a line where there is room, in as many words as fit, and else below it.
func fitting(line draw.Line, remarks []string, w int) []draw.Line {
	if len(remarks) == 0 {
		return []draw.Line{line}
	}
	for _, r := range remarks {
		if draw.Width(line.String())+2+draw.Width(r) <= w {
			return []draw.Line{append(line, draw.Text("  "+r, draw.Dim))}
		}
	}
	return []draw.Line{line, labelled("", draw.Text(remarks[0], draw.Dim))}
}

// asOfDrift names the state of the file that the drift is about, in full and in short.
func asOfDrift(f backend.FileState) []string {
	switch {
	case f.Name == "":
		return nil
	case f.AsOf.IsZero():
		return []string{screen.AsOf(f)}
	}
	return []string{screen.AsOf(f), "as of " + f.AsOf.Format("15:04:05")}
}

// shapeLines say whether the database is what the files say: tables, foreign keys, indexes, drift, seeds.
func (d *Screen) shapeLines(w int) []draw.Line {
	snap, g := d.Live().Snap, d.Look().Glyphs
	bad := 0
	for _, fk := range snap.ForeignKeys {
		if !fk.Valid {
			bad++
		}
	}
	tables, _, _ := snap.Totals()
	shape := labelled("schema", draw.Text(say.Count(tables, "table")+", "+say.Count(len(snap.ForeignKeys), "foreign key"), draw.Plain))
	if bad > 0 {
		shape = append(shape, draw.Text(fmt.Sprintf("  %d not valid", bad), draw.Bad))
	}
	if n := len(snap.Health.InvalidIndexes); n > 0 {
		shape = append(shape, draw.Text(fmt.Sprintf("  %d invalid indexes", n), draw.Bad))
	}
	out := []draw.Line{shape}
	f := d.Live().Facts
	if f == nil {
		return out
	}
	state := draw.Text(g.Check+" none", draw.Good)
	switch {
	case f.DriftErr != nil:
		state = draw.Text(f.DriftErr.Error(), draw.Bad)
	case f.Pending > 0:
		state = draw.Text(fmt.Sprintf("%d to push, %d destroy", f.Pending, f.Destroys), draw.Warn)
	}
	out = append(out, fitting(labelled("drift", state), asOfDrift(f.File), w)...)
	if f.Migrations != nil {
		out = append(out, labelled("migrations", migrationsLine(f.Migrations, g)))
	}
	return append(out, labelled("seeds", seedsLine(f.Seeds)))
}

// migrationsLine says whether a migration is pending or has failed.
func migrationsLine(c *migrate.Counts, g *draw.Glyphs) draw.Part {
	switch {
	case !c.Table:
		return draw.Text(fmt.Sprintf("%d, none recorded here", c.Pending), draw.Dim)
	case c.Failed > 0:
		return draw.Text(fmt.Sprintf("%d failed, %d pending", c.Failed, c.Pending), draw.Bad)
	case c.Pending > 0:
		return draw.Text(fmt.Sprintf("%d pending, %d applied", c.Pending, c.Applied), draw.Warn)
	}
	return draw.Text(fmt.Sprintf("%s %d applied", g.Check, c.Applied), draw.Good)
}

// seedsLine is how many of the seeds are applied. Commands that nothing chose are not among them.
func seedsLine(seeds []seeding.Seed) draw.Part {
	done, all := 0, 0
	for _, s := range seeds {
		if s.State != seeding.Found {
			all++
		}
		if s.State == seeding.Applied {
			done++
		}
	}
	role := draw.Good
	if done < all {
		role = draw.Warn
	}
	return draw.Text(fmt.Sprintf("%d of %d applied", done, all), role)
}

// percentile is the value that a share of the values does not exceed; 0 without values.
func percentile(values []float64, share float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[min(len(sorted)-1, int(share*float64(len(sorted))))]
}

// last is the newest value; 0 without values.
func last(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	return values[len(values)-1]
}
