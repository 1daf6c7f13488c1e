package workspace

import (
	"cmp"
	"maps"
	"slices"

	"github.com/livepeer/naap-dev/internal/dburl"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// layers are the values that were given, by setting, from the strongest layer only.
type layers map[string]rawValue

// gather lays flags over the environment over naap.toml. Relative paths in flags and variables are relative to dir.
func gather(dir string, flags map[string]string, env environment, file *settingsFile) (layers, error) {
	l := layers{}
	if file != nil {
		maps.Copy(l, file.values)
	}
	for _, k := range keys {
		if text, ok := env[k.env()]; ok && text != "" {
			l[k.Name] = rawValue{text, dir, Origin{FromEnvironment, k.env()}}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(flags)) {
		k, ok := keyNamed(name)
		if !ok {
			return nil, remedy.New("settings.flag", remedy.ExitUsage, "there is no setting %q", visible.String(name))
		}
		l[name] = rawValue{flags[name], dir, Origin{FromFlag, cmp.Or(k.Flag, name)}}
	}
	return l, nil
}

// apply sets the named settings, or all of them, in s.
func (l layers) apply(s *Settings, names ...string) error {
	for _, k := range keys {
		raw, ok := l[k.Name]
		if !ok || (len(names) > 0 && !slices.Contains(names, k.Name)) {
			continue
		}
		if err := k.set(s, raw.text, raw.base); err != nil {
			e := remedy.New("settings.value", remedy.ExitUsage, "%s %v", k.Name, err)
			if !k.Secret {
				return e.WithSeen(raw.origin.String() + " says " + visible.String(raw.text))
			}
			return e.WithSeen("set by " + raw.origin.String())
		}
		s.origins[k.Name] = raw.origin
	}
	return nil
}

// resolve returns the settings in effect. compose may be nil.
func resolve(l layers, file *settingsFile, compose *Compose) (Settings, error) {
	s := defaults()
	if err := l.apply(&s, "instance"); err != nil {
		return s, err
	}
	if err := checkInstance(s.Instance, s.origins["instance"]); err != nil {
		return s, err
	}
	s.Container, s.Volume = containerName(s.Instance), volumeName(s.Instance)
	if s.Instance != DefaultInstance {
		s.origins["container"] = s.origins["instance"]
		s.origins["volume"] = s.origins["instance"]
	}
	if compose != nil {
		compose.settle(&s)
	}
	plain := s.Password
	if err := l.apply(&s); err != nil {
		return s, err
	}
	// A command line that names an engine means a server of naap's own, whatever a file or the environment attaches to.
	if from := s.Origin("database-url"); from.Layer < FromFlag && s.Origin("engine").Layer == FromFlag && s.Engine != defaults().Engine {
		s.DatabaseURL = ""
	}
	if err := isDatabase(s.Database); err != nil && !s.IsExternal() {
		return s, remedy.New("settings.value", remedy.ExitUsage, "database %v", err).
			WithSeen(s.Origin("database").String() + " says " + dburl.MaskText(visible.String(s.Database)))
	}
	s.knowRandom(plain)
	if file != nil {
		s.Check, s.Owners, s.Fake, s.TUI.Keys = file.free.Check, file.free.Owners, file.free.Fake, file.free.TUI.Keys
		s.Seed.Commands, s.Push = file.free.Seed.Commands, file.free.Push
	}
	return s, nil
}
