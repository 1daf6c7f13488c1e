package engine

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/server"
	"github.com/livepeer/naap-dev/internal/workspace"
)

func TestTheSettingsTakeTheEnginesThatAreThere(t *testing.T) {
	accepted := func(name string) bool {
		_, err := workspace.Find(t.Context(), t.TempDir(), workspace.Options{Env: []string{"HOME=" + t.TempDir(), "NAAP_ENGINE=" + name}})
		return err == nil
	}
	for _, k := range kinds {
		if want := k != &externalKind; accepted(k.Name) != want { // that one is known by its URL
			t.Errorf("engine %s is accepted: %v, want %v", k.Name, !want, want)
		}
		if Named(k.Name) != k || k.open == nil || k.needs == nil {
			t.Errorf("the kind %q is not whole", k.Name)
		}
	}
	for name := range strings.SplitSeq(Choices(), "|") {
		if !accepted(name) {
			t.Errorf("--engine offers %s, which the settings do not take", name)
		}
	}
	if accepted("another") || !accepted("auto") || Named("auto") != nil {
		t.Error("the settings take another engine, or not auto")
	}
}

func TestWhatAnExternalServerIsNotAskedForIsRefusedWithItsReason(t *testing.T) {
	c := config(t, nil, "NAAP_DATABASE_URL=postgresql://u:s3cret@db.example/x")
	eng, reason, err := Choose(t.Context(), c)
	if err != nil || Settled(c) != eng.Kind() || !strings.Contains(reason, "NAAP_DATABASE_URL") {
		t.Fatalf("%v, %q, %v", eng, reason, err)
	}
	lacks := eng.Kind().Lacks
	if lacks.Stop.Err() == nil {
		t.Error("it may be stopped")
	}
	_, stats := eng.Stats(t.Context())
	_, data := eng.Deletable(t.Context())
	_, exec := eng.Exec(t.Context(), server.Command{Args: []string{"psql"}})
	for what, err := range map[string]error{
		"log": eng.Logs(t.Context(), io.Discard, server.LogOptions{}), "events": eng.Events(t.Context(), func(server.Event) bool { return true }),
		"stats": stats, "data": data, "exec": exec,
	} {
		if _, ok := remedy.Of(err); !ok || strings.Contains(remedy.Text(err), "s3cret") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if lacks.Events.Err().Error() != eng.Events(t.Context(), nil).Error() || stats.Error() != string(lacks.Stats) {
		t.Error("the refusal gives another reason than the kind")
	}
}

func TestTheEngineIsThatOfTheLastStartBeforeTheSettings(t *testing.T) {
	for _, c := range []struct {
		env, last, want string
		asked           string // another one, which the settings ask for
	}{
		{"NAAP_ENGINE=docker", "embedded", "embedded", "docker"},
		{"NAAP_ENGINE=embedded", "docker", "docker", "embedded"},
		{"NAAP_ENGINE=docker", "docker", "docker", ""},
		{"NAAP_ENGINE=docker", "", "docker", ""},
		{"NAAP_ENGINE=docker", "of a later naap", "docker", ""},
		{"NAAP_ENGINE=auto", "embedded", "embedded", ""},
		{"NAAP_ENGINE=auto", "", "", ""},
		{"NAAP_ENGINE=auto", "of a later naap", "", ""},
		{"NAAP_DATABASE_URL=postgresql://localhost/x", "docker", "external", ""},
	} {
		conf := config(t, nil, c.env)
		conf.Last.Engine = c.last
		kind := Settled(conf)
		if got := kind != nil && kind.Name == c.want; got != (c.want != "") || kind == nil != (c.want == "") {
			t.Errorf("%s, last on %q: %v, want %q", c.env, c.last, kind, c.want)
		}
		if asked := Asked(conf); (asked != nil) != (c.asked != "") || asked != nil && asked.Name != c.asked {
			t.Errorf("%s, last on %q: %v is asked for, want %q", c.env, c.last, asked, c.asked)
		}
	}
}

func TestAnEmbeddedServerThatIsNotThereSaysWhatBecameOfIt(t *testing.T) {
	eng, err := embeddedKind.Open(context.Background(), config(t, nil))
	if err != nil {
		t.Skip(err)
	}
	server, err := eng.Look(t.Context())
	if err != nil || server.State != Absent || remedy.Code(server.Gone) != "server.removed" {
		t.Errorf("%+v, %v", server, err)
	}
	stats, err := eng.Stats(t.Context())
	if err != nil || stats.Status != "stopped" || stats.CPU >= 0 {
		t.Errorf("%+v, %v", stats, err)
	}
}
