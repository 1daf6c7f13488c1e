package tui

import (
	"slices"
	"time"

	"github.com/livepeer/naap-dev/internal/devenv"
)

// trace is how the server did over the last minutes, a value each refresh.
type trace struct {
	latency []float64 // milliseconds
	tps     []float64
	cpu     []float64 // share of a core
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

func (t *trace) health(h, before *devenv.Health) {
	t.latency = push(t.latency, float64(h.Latency)/float64(time.Millisecond))
	if before == nil {
		return
	}
	if r, ok := h.RatesSince(*before); ok {
		t.tps = push(t.tps, r.Transactions)
	}
}

func (t *trace) engine(e *devenv.EngineStats) {
	if e.CPU >= 0 {
		t.cpu = push(t.cpu, e.CPU)
	}
	t.memory = push(t.memory, float64(e.Memory))
}

// percentile is the value that a share of the values does not exceed; 0 without values.
func percentile(values []float64, share float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[min(len(sorted)-1, int(share*float64(len(sorted))))]
}

func last(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	return values[len(values)-1]
}
