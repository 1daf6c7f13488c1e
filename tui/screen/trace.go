package screen

import (
	"slices"
	"time"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/server"
)

// Trace is how the server did over the last minutes, a value each refresh.
type Trace struct {
	Latency []float64 // milliseconds
	Tps     []float64
	CPU     []float64 // share of a core
	memory  []float64 // bytes
}

const traceKept = 300

func push(values []float64, v float64) []float64 {
	values = append(values, v)
	if len(values) > traceKept {
		values = slices.Delete(values, 0, len(values)-traceKept)
	}
	return values
}

// Health adds a look at the server, and its rates since the look before.
func (t *Trace) Health(h, before *postgres.Health) {
	t.Latency = push(t.Latency, float64(h.Latency)/float64(time.Millisecond))
	if before == nil {
		return
	}
	if r, ok := h.RatesSince(*before); ok {
		t.Tps = push(t.Tps, r.Transactions)
	}
}

// Engine adds a measurement of the engine.
func (t *Trace) Engine(e *server.Stats) {
	if e.CPU >= 0 {
		t.CPU = push(t.CPU, e.CPU)
	}
	t.memory = push(t.memory, float64(e.Memory))
}
