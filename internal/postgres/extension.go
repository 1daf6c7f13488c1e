package postgres

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/lazy"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// lacking matches the messages in which a server says that a type, function, operator class or operator does not exist.
var lacking = []*lazy.Regexp{
	{Text: `^type "?([^"]+?)(?:\[\])?"? does not exist`},
	{Text: `^function ([^(]+)\(.*\) does not exist`},
	{Text: `^operator class "([^"]+)" does not exist`},
	{Text: `^extension "([^"]+)" is not available`},
	{Text: `^data type [^"]+ has no default operator class for access method "(gin|gist)"`},
}

// extensionOf maps the objects that an extension creates to the extension. It covers those that a local database is
// likely to use: the extensions that come with PostgreSQL, and those that have an image of their own.
var extensionOf = lazy.Value[map[string]string]{Make: func() map[string]string {
	out := map[string]string{}
	for extension, names := range map[string]string{
		"vector":    "vector halfvec sparsevec vector_l2_ops vector_ip_ops vector_cosine_ops halfvec_l2_ops halfvec_ip_ops halfvec_cosine_ops bit_hamming_ops cosine_distance l2_distance",
		"postgis":   "geometry geography box2d box3d raster st_makepoint st_setsrid st_geomfromtext st_distance st_point",
		"citext":    "citext",
		"hstore":    "hstore gin_hstore_ops gist_hstore_ops",
		"ltree":     "ltree lquery ltxtquery gist_ltree_ops",
		"cube":      "cube gist_cube_ops",
		"isn":       "isbn isbn13 ean13 issn upc",
		"intarray":  "gin__int_ops gist__int_ops",
		"uuid-ossp": "uuid_generate_v1 uuid_generate_v1mc uuid_generate_v3 uuid_generate_v4 uuid_generate_v5 uuid_nil",
		"pgcrypto":  "gen_random_bytes crypt gen_salt digest hmac pgp_sym_encrypt pgp_sym_decrypt encrypt decrypt",
		"pg_trgm":   "gin_trgm_ops gist_trgm_ops similarity word_similarity show_trgm",
		"unaccent":  "unaccent", "fuzzystrmatch": "levenshtein soundex metaphone dmetaphone", "tablefunc": "crosstab normal_rand",
		"earthdistance": "ll_to_earth earth_distance", "btree_gin": "gin", "btree_gist": "gist",
		"timescaledb": "create_hypertable time_bucket",
	} {
		for _, name := range strings.Fields(names) {
			out[name] = extension
		}
	}
	return out
}}

// imageOf maps an extension that does not come with PostgreSQL to an image of PostgreSQL 16 that has it.
var imageOf = map[string]string{
	"vector": "pgvector/pgvector:pg16", "postgis": "postgis/postgis:16-3.4", "timescaledb": "timescale/timescaledb:latest-pg16",
}

// Lacks returns what the server says it does not have, and the extension that provides it. Both are "" for any other
// error; the extension alone is "" if it is not known.
func Lacks(err *ServerError) (thing, extension string) {
	switch err.Code {
	case "42704", "42883", "0A000": // undefined_object, undefined_function, feature_not_supported
	default:
		return "", ""
	}
	for _, form := range lacking {
		if m := form.Get().FindStringSubmatch(err.Message); m != nil {
			name := strings.Trim(m[1], `"`)
			if i := strings.LastIndexByte(name, '.'); i >= 0 {
				name = strings.Trim(name[i+1:], `"`)
			}
			if err.Code == "0A000" {
				return m[1], name
			}
			return m[1], extensionOf.Get()[strings.ToLower(name)]
		}
	}
	return "", ""
}

// LackingWays returns remedies for an error for which Lacks names an extension: what to write where, or which image to
// use, according to the server's own list of extensions. For other errors it returns none. withImage gives the options of
// an up that has the server run from an image; --image alone where it is nil.
func LackingWays(ctx context.Context, q Querier, err *ServerError, withImage func(image string) []string) []remedy.Advice {
	thing, extension := Lacks(err)
	if extension == "" {
		return nil
	}
	var available bool
	var installed string
	asked := q.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_catalog.pg_available_extensions WHERE name = $1),
	coalesce((SELECT n.nspname::text FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = $1), '')`, extension).
		Scan(&available, &installed)
	if asked != nil {
		return nil
	}
	line := CreateExtension(extension)
	switch {
	case installed != "":
		return remedy.Lines(fmt.Sprintf("the extension %s, which makes %s, is in schema %s, and that is not searched: write %s", extension, thing, installed, Ident(installed, bare(thing))))
	case available:
		return []remedy.Advice{
			remedy.Words(fmt.Sprintf("the extension %s makes %s, and this server has it: add to the init script: %s", extension, thing, line)),
			remedy.Line("or once, by hand: ", remedy.Naap("dev sql", "--write", line)),
		}
	}
	image := imageOf[extension]
	if image == "" {
		if !slices.Contains(slices.Collect(maps.Values(extensionOf.Get())), extension) {
			return remedy.Lines(fmt.Sprintf("this server does not have the extension %s: check the name, or install it there; naap knows no image that has it", extension))
		}
		image = "postgres:16"
	}
	options := []string{"--image", image}
	if withImage != nil {
		options = withImage(image)
	}
	makes := ", which makes " + thing
	if thing == extension {
		makes = ""
	}
	ways := []remedy.Advice{
		remedy.Line(fmt.Sprintf("this server does not have the extension %s%s; an image that does: ", extension, makes), remedy.Naap("dev up", options...)),
		remedy.Words("then add to the init script: " + line),
	}
	if thing == extension && err.Code == "0A000" { // a file already says that it is to be created
		return ways[:1]
	}
	return ways
}

// CreateExtension returns the statement that creates an extension where it is missing.
func CreateExtension(name string) string {
	return "CREATE EXTENSION IF NOT EXISTS " + Ident(name) + ";"
}

func bare(thing string) string {
	if i := strings.LastIndexByte(thing, '.'); i >= 0 {
		thing = thing[i+1:]
	}
	return strings.Trim(thing, `"`)
}
