package composefile

import (
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/consts"
	"github.com/compose-spec/compose-go/v2/tree"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/go-viper/mapstructure/v2"
)

// decode puts a value of compose files into compose-go's types.
func decode(source, target any) error {
	d, err := mapstructure.NewDecoder(&mapstructure.DecoderConfig{
		DecodeHook: mapstructure.ComposeDecodeHookFunc(nameServices, decodeItself, cast),
		Result:     target,
		TagName:    "yaml",
		Squash:     true,
	})
	if err != nil {
		return err
	}
	return d.Decode(source)
}

// nameServices tells each service and each job its name.
func nameServices(from, to reflect.Value) (any, error) {
	if to.Type() == reflect.TypeFor[types.Services]() || to.Type() == reflect.TypeFor[types.Jobs]() {
		for name, one := range from.Seq2() {
			one.Elem().SetMapIndex(reflect.ValueOf("name"), name)
		}
	}
	return from.Interface(), nil
}

// decodeItself lets those of compose-go's types that know how decode themselves.
func decodeItself(from, to reflect.Value) (any, error) {
	type decoder interface{ DecodeMapstructure(any) error }
	d, ok := to.Interface().(decoder)
	if !ok && to.CanAddr() {
		d, ok = to.Addr().Interface().(decoder)
	}
	if !ok {
		return from.Interface(), nil
	}
	if to.Kind() == reflect.Pointer && to.IsNil() {
		to.Set(reflect.New(to.Type().Elem()))
		d = to.Interface().(decoder)
	}
	err := d.DecodeMapstructure(from.Interface())
	return to.Interface(), err
}

// cast reads numbers and booleans that are written as texts, and writes numbers where a text belongs.
func cast(from, to reflect.Value) (any, error) {
	switch {
	case from.Kind() == reflect.Int && to.Kind() == reflect.String:
		return strconv.FormatInt(from.Int(), 10), nil
	case from.Kind() != reflect.String:
		return from.Interface(), nil
	}
	switch s := from.String(); to.Kind() {
	case reflect.Bool:
		return toBoolean(s)
	case reflect.Int:
		return strconv.Atoi(s)
	case reflect.Int64:
		return strconv.ParseInt(s, 10, 64)
	case reflect.Float32:
		return toFloat32(s)
	case reflect.Float64:
		return strconv.ParseFloat(s, 64)
	}
	return from.Interface(), nil
}

// ownNames are the mappings whose keys users choose. Elsewhere keys that begin with x- are extensions.
var ownNames = []tree.Path{"services", "services.*.depends_on", "volumes", "networks", "secrets", "configs"}

// gatherExtensions puts the extensions of each mapping under the key where compose-go's types have them. It does so too
// in mappings that have none, such as labels, and docker compose with it: the fingerprint of a service depends on it.
func gatherExtensions(value any, at tree.Path) {
	switch v := value.(type) {
	case map[string]any:
		chosen := slices.ContainsFunc(ownNames, at.Matches)
		extensions := map[string]any{}
		for key, one := range v {
			if strings.HasPrefix(key, "x-") && !chosen {
				extensions[key] = one
				delete(v, key)
			} else {
				gatherExtensions(one, at.Next(key))
			}
		}
		if len(extensions) > 0 {
			v[consts.Extensions] = extensions
		}
	case []any:
		for i, one := range v {
			if _, ok := one.(map[string]any); ok {
				gatherExtensions(one, at.Next(strconv.Itoa(i)))
			}
		}
	}
}

// convertWindowsPaths writes C:\a as /c/a, for an engine that runs on Linux.
func convertWindowsPaths(project *types.Project) {
	for _, s := range project.Services {
		for i, v := range s.Volumes {
			if drive := strings.ToLower(filepath.VolumeName(v.Source)); len(drive) == 2 {
				s.Volumes[i].Source = "/" + drive[:1] + strings.ReplaceAll(v.Source[2:], `\`, "/")
			}
		}
	}
}
