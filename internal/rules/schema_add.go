package rules

import (
	"context"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/lazy"
	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// AddPlan is what adding a schema writes: every place that must know the schema and does not yet.
type AddPlan struct {
	Schema string
	Prefix string // what its models' names begin with
	Owner  string // the plugin's folder, relative to the root, or "" if none is named like the schema
	Steps  []AddStep
	root   string
	read   map[string][]byte
}

// AddStep is one place.
type AddStep struct {
	Title string // "init-schemas.sql creates it"
	Edit  Edit
	Diff  string
}

// Empty reports whether everything knows the schema already.
func (p *AddPlan) Empty() bool { return len(p.Steps) == 0 }

// Diff returns all of the plan as one diff.
func (p *AddPlan) Diff() string {
	var b strings.Builder
	names, edits := p.edits()
	for _, name := range names {
		data, existed := p.read[name]
		b.WriteString(unified(name, data, existed, applyEdits(data, edits[name])))
	}
	return b.String()
}

// edits returns the edits of each file, and the files in the order in which the plan comes to them.
func (p *AddPlan) edits() (names []string, edits map[string][]Edit) {
	edits = map[string][]Edit{}
	for _, s := range p.Steps {
		if !slices.Contains(names, s.Edit.Path) {
			names = append(names, s.Edit.Path)
		}
		edits[s.Edit.Path] = append(edits[s.Edit.Path], s.Edit)
	}
	return names, edits
}

var schemaName = lazy.Regexp{Text: `^plugin_[a-z][a-z0-9_]*$`}

// longestName is PostgreSQL's limit for identifiers, in bytes.
const longestName = 63

// PlanSchemaAdd decides what has to be written for a new schema. name may omit "plugin_", and may be written with
// hyphens, as a plugin's folder is. An empty prefix is derived from the name. Once a plan has been carried out, another
// one for the same schema is empty.
func PlanSchemaAdd(ctx context.Context, options Options, name, prefixName string) (*AddPlan, error) {
	schema, err := checkName(name)
	if err != nil {
		return nil, err
	}
	if prefixName != "" && !regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`).MatchString(prefixName) {
		return nil, remedy.New("schema.prefix", remedy.ExitUsage, "%q cannot begin a model's name", prefixName).
			WithHelp(remedy.Again("dev schema add", schema, "--prefix", capital(strings.TrimPrefix(schema, "plugin_"))))
	}
	o := options.withDefaults()
	r, err := begin(ctx, o)
	if err != nil {
		return nil, err
	}
	for _, u := range r.unread {
		if r.isMeasure(u.path) { // what it lists is not known, and it cannot be added to
			return nil, remedy.New("schema.unread", remedy.ExitFailed, "%s cannot be added to", visible.String(u.path)).WithSeen(u.why).
				WithHelp(remedy.Naap("check"))
		}
	}
	if r.schema.list == nil {
		return nil, remedy.New("schema.no-list", remedy.ExitFailed, "%s has no list of schemas", o.SchemaFile).
			WithSeen("its datasource has no line  schemas = [\"public\", …]").
			WithFix("add  schemas = [\"public\"]  to the datasource, and @@schema(\"public\") to every model")
	}
	p := &AddPlan{Schema: schema, Owner: r.namedFolder(schema), root: o.Root, read: map[string][]byte{}}
	if p.Prefix, err = r.newPrefix(schema, prefixName); err != nil {
		return nil, err
	}
	if err := r.findLists(ctx); err != nil {
		return nil, err
	}
	lists := r.lists()
	known := knownSchemas(lists[:1])
	for _, l := range lists {
		if !l.has(schema) && !l.isPart(known) {
			r.step(p, l.label+" lists it", l.add(schema)...)
		}
	}
	for _, g := range r.grantLists(known) {
		if slices.ContainsFunc(g.kinds, func(k *grantKind) bool { return !k.has(schema) }) {
			r.step(p, "the same rights for "+g.roles, g.add(schema)...)
		}
	}
	if f := r.files[o.InitSQL]; !r.createsSchemas() && (f == nil && !r.has(o.InitSQL) || f != nil && isClosed(f.data)) {
		r.step(p, path.Base(o.InitSQL)+" makes it", r.initEdits(r.missingFromInit(schema))...)
	}
	r.firstModel(p)
	r.clientFile(p)
	if err := r.prefixSetting(ctx, p, prefixName); err != nil {
		return p, err
	}
	names, _ := p.edits()
	return p, mayWrite(p.root, slices.Sorted(slices.Values(names)))
}

// missingFromInit returns the schemas that an init script without any must create.
func (r *run) missingFromInit(schema string) []string {
	var names []string
	for _, n := range r.schema.schemas {
		if n.Value != coreSchema && n.Value != schema {
			names = append(names, n.Value)
		}
	}
	return append(names, schema)
}

func checkName(name string) (string, error) {
	schema := strings.ReplaceAll(name, "-", "_")
	if !strings.HasPrefix(schema, "plugin_") {
		schema = "plugin_" + schema
	}
	if !schemaName.Get().MatchString(schema) || len(schema) > longestName {
		return "", remedy.New("schema.name", remedy.ExitUsage, "%q cannot be a plugin's schema", name).
			WithSeen(fmt.Sprintf("a name is plugin_ and small letters, digits or underscores, at most %d bytes", longestName)).
			WithHelp(remedy.Naap("dev schema add", "plugin_my_plugin"))
	}
	return schema, nil
}

// newPrefix returns the prefix asked for, or the one that the schema has or would have by its name. One that another
// plugin has is refused: their models could not be told apart.
func (r *run) newPrefix(schema, asked string) (string, error) {
	all := r.prefixes()
	prefixName := asked
	if own, ok := all[schema]; ok {
		if asked == "" {
			return own.names[0], nil
		}
		if model := r.modelOf(schema, asked); model != "" {
			return "", remedy.New("schema.prefix-differs", remedy.ExitUsage, "%s has models that do not begin with %s", schema, asked).
				WithSeen("one of them is "+visible.String(model)).WithHelp(remedy.Naap("dev schema add", schema), remedy.Again("dev schema add", schema, "--prefix", own.names[0]))
		}
	}
	if prefixName == "" {
		if known := knownPrefixes[schema]; known != nil {
			return known[0], nil
		}
		prefixName = r.learn(schema, all)
	}
	for _, p := range all {
		if p.schema != schema && slices.Contains(p.names, prefixName) {
			return "", remedy.New("schema.prefix-taken", remedy.ExitUsage, "%s is the prefix of %s", prefixName, p.schema).
				WithHelp(remedy.Again("dev schema add", schema, "--prefix", "My"+prefixName))
		}
	}
	return prefixName, nil
}

// modelOf returns the first model of a schema that does not have a prefix, or "".
func (r *run) modelOf(schema, prefixName string) string {
	for _, t := range r.schema.types {
		name := t.block.Name.Value
		if t.schema.Value == schema && t.block.Kind == prisma.ModelBlock && !(prefix{names: []string{prefixName}}).carriedBy(name) {
			return name
		}
	}
	return ""
}

func (r *run) step(p *AddPlan, title string, edits ...Edit) {
	for _, e := range edits {
		data, existed := r.content(e.Path)
		if existed {
			p.read[e.Path] = data
		}
		p.Steps = append(p.Steps, AddStep{title, e, unified(e.Path, data, existed, applyEdits(data, []Edit{e}))})
	}
}

// ownerFolder returns the plugin's folder: the one named like the schema, or like it with something before or after,
// unless that is another schema's.
func (r *run) ownerFolder(schema string) string {
	if own := r.namedFolder(schema); own != "" {
		return own
	}
	base := folderName(schema)
	for _, fits := range []func(string) bool{
		func(s string) bool { return s == "my-"+base },
		func(s string) bool { return strings.HasPrefix(s, base+"-") },
	} {
		for _, folder := range r.pluginFolders() {
			if name := path.Base(folder); fits(name) && !slices.ContainsFunc(r.schema.schemas, func(n prisma.Name) bool { return folderName(n.Value) == name }) {
				return folder
			}
		}
	}
	return ""
}

// namedFolder returns the plugin's folder that is named exactly like the schema, or "": no other is certain to be its
// own.
func (r *run) namedFolder(schema string) string {
	for _, folder := range r.pluginFolders() {
		if path.Base(folder) == folderName(schema) {
			return folder
		}
	}
	return ""
}

func folderName(schema string) string {
	return strings.ReplaceAll(strings.TrimPrefix(schema, "plugin_"), "_", "-")
}

// pluginFolders returns the plugins' folders, sorted.
func (r *run) pluginFolders() []string {
	var folders []string
	for _, name := range r.order {
		parts := strings.Split(name, "/")
		if len(parts) > 2 && (parts[0] == "plugins" || parts[0] == "examples") {
			folders = append(folders, parts[0]+"/"+parts[1])
		}
	}
	return slices.Compact(folders)
}

// firstModel appends a model to start with, as a comment, unless something in the schema file names the schema already.
func (r *run) firstModel(p *AddPlan) {
	f := r.schema.listIn
	mark := `@@schema("` + p.Schema + `")`
	for _, s := range r.schema.files {
		if strings.Contains(string(s.data), mark) {
			return
		}
	}
	if other := r.lastModelFile(); other != nil {
		f = other
	}
	nl := newline(f.data)
	text := strings.Join([]string{
		"// " + p.Schema + ": the first model. Take the marks off, and begin every model's name with " + p.Prefix + ".",
		"//",
		"// model " + p.Prefix + "Item {",
		"//   id        String   @id @default(cuid())",
		"//   name      String",
		"//   createdAt DateTime @default(now())",
		"//   updatedAt DateTime @updatedAt",
		"//",
		"//   " + mark,
		"// }",
	}, nl)
	end := len(f.data)
	before, after := nl, nl
	switch {
	case !strings.HasSuffix(string(f.data), "\n"):
		before, after = nl+nl, ""
	case strings.HasSuffix(string(f.data), "\n"+nl):
		before = ""
	}
	r.step(p, "a first model to begin with, as a comment", Edit{f.path, end, end, before + text + after})
}

// lastModelFile returns the file with the last model, if the schema is a folder of files.
func (r *run) lastModelFile() *file {
	for i := len(r.schema.types) - 1; i >= 0; i-- {
		if r.schema.types[i].block.Kind == prisma.ModelBlock {
			return r.schema.types[i].file
		}
	}
	return nil
}

// clientFile adds the standard client file for a plugin that has a backend, and its dependency on the package that the
// file takes the client from.
func (r *run) clientFile(p *AddPlan) {
	if p.Owner == "" {
		return
	}
	backend := p.Owner + "/backend"
	client := path.Join(backend, clientFileName)
	hasBackend := slices.ContainsFunc(r.order, func(name string) bool { return inFolder(backend, name) })
	if hasBackend && !r.hasClientFile(backend) {
		r.step(p, "the standard client file", Edit{client, 0, 0, clientFileText("\n")})
	}
	f := r.files[backend+"/package.json"]
	if f == nil || f.pkg == nil {
		return
	}
	if m, _ := f.pkg.Depends(databasePackage); m == nil {
		r.step(p, "its package depends on "+databasePackage, r.dependencyFix(f).Edits...)
	}
}

// Apply writes the plan's files, each whole, and only if they still are what the plan was made for.
func (p *AddPlan) Apply(ctx context.Context) error {
	_, edits := p.edits()
	for _, name := range slices.Sorted(maps.Keys(edits)) {
		if err := writeEdited(ctx, p.root, name, p.read[name], edits[name]); err != nil {
			return err
		}
	}
	return nil
}
