package migrate

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/schemaplan"
)

// all has each of the players do a step, and compares their verdicts.
func (h *history) all(verb, name string) {
	verdicts := map[string]string{}
	for _, p := range h.players {
		with, code := "Prisma", ""
		switch {
		case p.naap():
			with, code = "naap", p.does(verb, name)
		case name == "":
			code = p.ask(verb).code
		default:
			code = p.ask(verb, name).code
		}
		verdicts[p.name] = code
		h.tell("%s: %s %s with %s: %q", p.name, verb, name, with, code)
		h.steps.add(code)
	}
	if h.settle(verb, verdicts) {
		return
	}
	if verdicts["naap"] != verdicts["Prisma"] || verdicts["both"] != verdicts["Prisma"] {
		h.t.Errorf("%s %s: %v", verb, name, verdicts)
	}
}

// settle reports whether verdicts differ as they are meant to, after which the databases do, too.
func (h *history) settle(verb string, verdicts map[string]string) bool {
	switch {
	case verb == "mrolledback" && verdicts["naap"] == "P3012" && verdicts["Prisma"] == "":
		// An attempt that was given up before: Prisma says yes, and records nothing.
	case verb == "mdeploy" && verdicts["naap"] == "P3015":
		// A folder without a script: Prisma runs what comes before it first, and naap nothing.
		if verdicts["Prisma"] == "P3015" && h.differences() == "" {
			return false
		}
	case verb == "mdeploy" && verdicts["naap"] == "migrate.alone" && verdicts["Prisma"] == "P3018":
		// A statement that the server would refuse in the middle of a script is refused before anything is run.
	default:
		return false
	}
	h.steps.add("deliberate: " + verdicts["naap"])
	h.over = true
	return true
}

func (p *player) does(verb, name string) string {
	err := error(nil)
	if verb == "mdeploy" {
		err = p.deploy()
	} else {
		err = p.resolve(name, verb == "mapplied")
	}
	return verdictOf(err)
}

// verdictOf returns Prisma's code that an error names, or else naap's.
func verdictOf(err error) string {
	if err == nil {
		return ""
	}
	if code := prismaCode.FindString(remedy.Text(err)); code != "" {
		return code
	}
	return remedy.Code(err)
}

// status compares what the tools say about the database that both of them have changed.
func (h *history) status() {
	p := h.players[2]
	asked := p.ask("mstatus")
	if asked.code != "" {
		if _, err := p.look().PlanDeploy(p.target()); verdictOf(err) != asked.code {
			h.t.Errorf("status: Prisma says %s, and naap's deploy %v", asked.text, err)
		}
		return
	}
	var theirs struct {
		EditedMigrationNames, FailedMigrationNames []string
		HasMigrationsTable                         bool
		History                                    *struct {
			Diagnostic                                         string
			UnappliedMigrationNames, UnpersistedMigrationNames []string
		}
	}
	must(h.t, json.Unmarshal([]byte(asked.text), &theirs))
	ours := p.look()
	h.tell("status: %s; naap: %s", strings.Join(strings.Fields(asked.text), " "), p.states())
	if ours.Table != theirs.HasMigrationsTable {
		h.t.Errorf("the table is there: naap says %v", ours.Table)
	}
	var unapplied, unpersisted []string
	if theirs.History != nil {
		unapplied, unpersisted = theirs.History.UnappliedMigrationNames, theirs.History.UnpersistedMigrationNames
	}
	for _, e := range ours.Entries {
		if attempts := len(ours.attempts(e.Name)); attempts > 1 {
			h.steps.add("several attempts")
		}
		if problem := agree(e, len(ours.attempts(e.Name)), slices.Contains(theirs.FailedMigrationNames, e.Name), slices.Contains(unapplied, e.Name),
			slices.Contains(unpersisted, e.Name), slices.Contains(theirs.EditedMigrationNames, e.Name)); problem != "" {
			h.t.Errorf("%s: %s (%s)", e.Name, problem, asked.text)
		}
	}
}

// agree says where naap's entry is not what Prisma says of the migration. Two differences are deliberate: an attempt that
// was rolled back is pending for naap, as it is for both tools' deploy, and an edit is judged by the attempt that counts,
// and not by the first one.
func agree(e Entry, attempts int, failed, unapplied, unpersisted, edited bool) string {
	want := Applied
	switch {
	case failed:
		want = Failed
	case unpersisted:
		want = Missing
	case unapplied:
		want = Pending
	}
	if e.State != want && !(want == Applied && e.State == Pending && e.RolledBack > 0) {
		return fmt.Sprintf("naap says %s, and Prisma %s", e.State, want)
	}
	if one := attempts == 1 && e.State == Applied; one && e.Edited != edited && e.Problem == "" {
		return fmt.Sprintf("naap says that it is edited: %v, and Prisma: %v", e.Edited, edited)
	}
	return ""
}

// diagnose compares what the tools find in the way of a new migration.
func (h *history) diagnose() {
	p := h.players[2]
	asked := p.ask("mdev")
	found := h.inTheWay(p)
	h.tell("dev diagnosis: %s; naap: %v", strings.Join(strings.Fields(asked.text), " "), found)
	if problem := h.judgeDev(p, asked, found); problem != "" {
		h.t.Errorf("%s: naap finds %v, and Prisma says %s", problem, found, asked.text)
	}
}

// inTheWay returns what naap finds in the way of a new migration, as `migrate dev` does.
func (h *history) inTheWay(p *player) (found []string) {
	if err := p.folder().Ready(); err != nil {
		return []string{verdictOf(err)}
	}
	s := h.shadow()
	ours := p.look()
	end, err := s.End(p.t.Context(), p.folder().Migrations)
	if err != nil {
		return []string{verdictOf(err)}
	}
	end.Close()
	for _, e := range ours.Entries {
		switch {
		case e.State == Failed:
			found = append(found, "failed "+e.Name)
		case e.State == Missing && e.RolledBack < len(ours.attempts(e.Name)):
			found = append(found, "missing "+e.Name)
		case e.Edited:
			found = append(found, "edited "+e.Name)
		}
	}
	end, err = s.End(p.t.Context(), ours.AppliedScripts())
	if err != nil {
		return append(found, verdictOf(err))
	}
	defer end.Close()
	drift, err := schemaplan.Drift(p.t.Context(), p.db, end, h.desired())
	p.must(err)
	for _, d := range drift {
		found = append(found, "drift: "+d.Line("the migrations"))
	}
	return found
}

// judgeDev says where what naap finds is not what Prisma says. Deliberate: Prisma judges an edit by the first attempt, even
// one that failed, and counts what was rolled back as applied.
func (h *history) judgeDev(p *player, asked answer, found []string) string {
	has := func(word string) bool {
		return slices.ContainsFunc(found, func(f string) bool { return strings.HasPrefix(f, word) })
	}
	if asked.code != "" {
		h.steps.add(asked.code)
		if !has(asked.code) && !(asked.code == "P3006" && has("migrate.alone")) {
			return "another refusal"
		}
		return ""
	}
	var said struct{ Action struct{ Tag, Reason string } }
	must(h.t, json.Unmarshal([]byte(asked.text), &said))
	if said.Action.Tag == "reset" {
		h.steps.add("reset")
	}
	again := slices.ContainsFunc(p.look().Entries, func(e Entry) bool { return e.RolledBack > 0 })
	switch reason := said.Action.Reason; {
	case said.Action.Tag != "reset" && len(found) > 0:
		return "naap is stricter"
	case said.Action.Tag != "reset" || again && !has("drift"):
		return ""
	case len(found) == 0:
		return "naap finds nothing"
	case strings.Contains(reason, "modified after") && !has("edited") && !has("failed") && !again, strings.Contains(reason, "Drift detected") && !has("drift"):
		return "another reason"
	}
	return ""
}

const walkDatasource = "datasource db {\n  provider = \"postgresql\"\n  url = env(\"DATABASE_URL\")\n}\n"

// writeModels writes the Prisma file.
func (h *history) writeModels() {
	must(h.t, os.WriteFile(h.schema, []byte(h.file()), 0o644))
}

func (h *history) file() string {
	text := walkDatasource
	for _, name := range slices.Sorted(maps.Keys(h.models)) {
		text += "\n" + h.models[name]
	}
	return text
}

func (h *history) desired() *schemaplan.Database {
	schema, err := prisma.Parse(prisma.Source{Name: "schema.prisma", Text: h.file()})
	must(h.t, err)
	want, err := schemaplan.Desired(schema, schemaplan.External{})
	must(h.t, err)
	return want
}

// dev changes the Prisma file, and adds the migration that one of the tools writes for it, if both write the same.
func (h *history) dev() {
	h.made++
	name := fmt.Sprintf("m%d", h.made)
	h.models[name] = fmt.Sprintf("model %s {\n  id Int @id\n  name String?\n  size Int @default(%d)\n\n  @@index([name])\n}\n", name, h.made)
	if len(h.tables) > 0 {
		table := h.tables[h.dice.IntN(len(h.tables))]
		h.models[table] = fmt.Sprintf("model %s {\n  id Int @id\n  more%d String?\n}\n", table, h.made)
	}
	h.writeModels()
	h.lock("postgresql")
	theirs := h.players[2].ask("mdiff")
	plan, err := h.nextMigration()
	if theirs.code != "" || err != nil {
		if code := verdictOf(err); code != theirs.code && !(code == "migrate.alone" && theirs.code == "P3006") {
			h.t.Errorf("no migration: naap says %v, and Prisma %s", err, theirs.text)
		}
		h.tell("dev: no migration: %s", theirs.code)
		return
	}
	ours := plan.Script(schemaplan.ScriptOptions{Unqualified: true, Bare: true})
	if strings.TrimSpace(ours) != strings.TrimSpace(theirs.text) {
		h.t.Errorf("naap writes\n%s\nand Prisma\n%s", ours, theirs.text)
	}
	folder := fmt.Sprintf("%d_dev%d", 20240100+10*h.made, h.made)
	text := theirs.text
	if h.dice.IntN(2) == 0 {
		text = plan.Script(schemaplan.ScriptOptions{Unqualified: true})
	}
	h.tell("dev: %s: %q", folder, text)
	h.bench.write(folder, text)
	h.all("mdeploy", "")
}

// shadow opens the shadow of the database that both tools have changed, once.
func (h *history) shadow() *Shadow {
	if h.ends == nil {
		h.ends = h.players[2].shadow()
	}
	return h.ends
}

// nextMigration plans from the folder's end state to the Prisma file.
func (h *history) nextMigration() (*schemaplan.Plan, error) {
	p := h.players[2]
	if err := p.folder().Ready(); err != nil {
		return nil, err
	}
	end, err := h.shadow().End(h.t.Context(), p.folder().Migrations)
	if err != nil {
		return nil, err
	}
	defer end.Close()
	return schemaplan.Compute(h.t.Context(), end, h.desired(), schemaplan.ComputeOptions{OneTransaction: true})
}

// same compares the three databases.
func (h *history) same() {
	if d := h.differences(); d != "" {
		h.t.Errorf("the databases differ:\n%s", d)
	}
}

// differences returns the lines that one database has and another does not.
func (h *history) differences() string {
	var b strings.Builder
	var all [][]string
	for _, p := range h.players {
		all = append(all, p.contents(h.home))
	}
	for i, p := range h.players {
		for j, other := range h.players {
			for _, line := range all[i] {
				if !slices.Contains(all[j], line) {
					fmt.Fprintf(&b, "%s has, and %s has not: %s\n", p.name, other.name, line)
				}
			}
		}
		if b.Len() == 0 && !slices.Equal(all[i], all[0]) {
			fmt.Fprintf(&b, "%s and %s have the same in another order:\n%s\n", p.name, h.players[0].name, strings.Join(all[i], "\n"))
		}
	}
	return b.String()
}

// contents are the catalogue, and the rows of the table of migrations.
func (p *player) contents(home string) []string {
	p.t.Helper()
	lines := prismaCatalogue(p.bench, home)
	if p.has("_prisma_migrations") {
		list, err := postgres.CollectStrings(p.db.Query(p.t.Context(), `SELECT concat_ws(' ', migration_name, checksum, finished_at IS NULL, rolled_back_at IS NULL, applied_steps_count,
	CASE WHEN logs = '' THEN 'empty' WHEN logs IS NULL THEN 'none' ELSE 'logs' END, finished_at >= started_at, rolled_back_at >= started_at)
FROM _prisma_migrations ORDER BY started_at`))
		p.must(err)
		lines = append(lines, list...)
	}
	return lines
}

// prismaCatalogue returns what a database consists of, by the queries that real Prisma's pushes are compared with.
func prismaCatalogue(b *bench, home string) (lines []string) {
	b.t.Helper()
	text, err := os.ReadFile(filepath.Join(home, "catalog.sql"))
	b.must(err)
	sql := strings.Builder{}
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, `\`) { // psql's own
			sql.WriteString(line)
		}
	}
	c, err := b.db.Acquire(b.t.Context())
	b.must(err)
	defer c.Release()
	results, err := c.Conn().PgConn().Exec(b.t.Context(), sql.String()+"; RESET search_path").ReadAll()
	b.must(err)
	for _, r := range results {
		for _, row := range r.Rows {
			var words []string
			for _, v := range row {
				words = append(words, string(v))
			}
			lines = append(lines, strings.Join(words, " | "))
		}
	}
	return lines
}
