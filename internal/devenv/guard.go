package devenv

import (
	"context"
	"time"

	"github.com/livepeer/naap-dev/internal/dburl"
	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
)

// How often the server is checked while a verb works with it, and how long it may not accept sessions before the verb
// is given up. An engine that says that the server is paused is believed at once.
const (
	guardEvery = 5 * time.Second
	guardGives = time.Minute
)

// Guard watches the server while a verb works with it, until the Env is closed: a statement may take as long as it
// needs, and on a server that is paused or cut off that would be for ever. end is called with the reason, once.
func (e *Env) Guard(ctx context.Context, end func(error)) {
	ctx, cancel := context.WithCancel(ctx)
	e.mu.Lock()
	e.unguard = cancel
	e.mu.Unlock()
	go e.guard(ctx, end)
}

func (e *Env) guard(ctx context.Context, end func(error)) {
	ticks := time.NewTicker(guardEvery)
	defer ticks.Stop()
	var silentSince time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
		url := e.reachedURL()
		if url == "" || e.answers(ctx, url) {
			silentSince = time.Time{}
			continue
		}
		if silentSince.IsZero() {
			silentSince = time.Now().Add(-guardEvery)
		}
		if why := e.whySilent(ctx, time.Since(silentSince)); why != nil && ctx.Err() == nil {
			end(why)
			return
		}
	}
}

// answers reports whether a server answers anything at all. Refusing the session is an answer; so is a closed port,
// which the verb's own connections have seen too.
//
// It asks from another database, because a snapshot or a restore needs the instance's own without sessions.
func (e *Env) answers(ctx context.Context, url string) bool {
	t, err := dburl.ParseTarget(url)
	if err != nil {
		return true
	}
	if t.Database != "postgres" {
		t.Database = "postgres"
	} else {
		t.Database = "template1"
	}
	conn, err := postgres.Connect(ctx, t.URL(), postgres.Options{Application: "naap guard"})
	if err == nil {
		defer postgres.Close(conn)
	}
	_, said := postgres.AsServerError(err)
	return err == nil || said || !postgres.IsTimeout(err)
}

// whySilent returns why a verb is to be given up on a server that is silent; nil while it may still recover.
func (e *Env) whySilent(ctx context.Context, silent time.Duration) error {
	if !e.IsExternal() {
		asking, cancel := context.WithTimeout(ctx, guardEvery)
		defer cancel()
		if state, eng, err := e.look(asking); err == nil && state.Paused {
			return engine.Gone(eng, state, postgres.NoAnswer, remedy.Words("the same command again"))
		}
	}
	if silent < guardGives {
		return nil
	}
	r := remedy.New("server.unhealthy", remedy.ExitNoServer, "the database has not answered for %s", say.Age(silent)).
		WithHelp(remedy.Naap("dev doctor"), remedy.Naap("dev logs"))
	if e.IsExternal() {
		_ = engine.Foreign(r)
	}
	return r
}
