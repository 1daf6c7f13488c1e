// Package fakehints reads from the Prisma file and the seed files what made-up rows should look like.
package fakehints

import (
	"strings"

	"github.com/livepeer/naap-dev/internal/fakedata"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/seedfile"
)

// Of returns what the files say: the defaults that the client fills in, the comments, the relations without a foreign
// key, and the texts that columns are given. schema is nil where the Prisma file cannot be read.
func Of(schema *prisma.Schema, seeds []*seedfile.File) fakedata.Hints {
	h := fakedata.Hints{Seen: textsSeen(seeds)}
	if schema == nil {
		return h
	}
	h.Defaults, h.Comments = map[fakedata.Column]string{}, map[fakedata.Column]string{}
	texts := map[string]string{}
	for _, s := range schema.Sources {
		texts[s.Name] = s.Text
	}
	for _, m := range schema.Models {
		for _, f := range m.Fields {
			if said := commentOf(f, texts[f.Span.Start.File()]); said != "" && f.HasColumn() {
				h.Comments[fakedata.Column{Table: tableOf(m), Name: f.DBName}] = said
			}
			if f.Default != nil && f.HasColumn() {
				switch fn := f.Default.Function; fn {
				case "cuid", "uuid", "ulid", "nanoid":
					h.Defaults[fakedata.Column{Table: tableOf(m), Name: f.DBName}] = fn
				}
			}
			if f.Relation != nil && f.Relation.Holds() {
				h.Relations = append(h.Relations, relationOf(m, f))
			}
		}
	}
	return h
}

// How much of the seed files is read: it is enough to see which values, such as those of a status, a column has.
const (
	longestSeed   = 4 << 20 // bytes of a file
	mostSeedTexts = 500     // texts of a column
)

// textsSeen returns the texts that seed files give to columns.
func textsSeen(files []*seedfile.File) map[fakedata.Column][]string {
	seen := map[fakedata.Column][]string{}
	for _, f := range files {
		if len(f.Text) > longestSeed {
			continue
		}
		f.Texts(func(table seedfile.Table, column, text string) bool {
			at := fakedata.Column{Table: postgres.TableRef{Schema: table.Schema, Name: table.Name}, Name: column}
			if len(seen[at]) < mostSeedTexts {
				seen[at] = append(seen[at], text)
			}
			return true
		})
	}
	return seen
}

// commentOf returns the comments after a field and right above it, of either kind, without their marks.
func commentOf(f *prisma.Field, text string) string {
	at := min(f.Span.Start.Offset(), len(text))
	rest, _, _ := strings.Cut(text[at:], "\n")
	var said []string
	if _, behind, ok := strings.Cut(rest[min(f.Span.End.Offset()-at, len(rest)):], "//"); ok {
		said = append(said, strings.Trim(behind, "/ \t\r"))
	}
	// Only the lines above are looked at: all of a large file, for each of its fields, would be too much.
	above := text[:strings.LastIndexByte(text[:at], '\n')+1]
	for above != "" {
		from := strings.LastIndexByte(above[:len(above)-1], '\n') + 1
		line := above[from : len(above)-1]
		if !strings.HasPrefix(strings.TrimSpace(line), "//") {
			break
		}
		said, above = append(said, strings.Trim(line, "/ \t\r")), above[:from]
	}
	return strings.Join(said, "\n")
}

func tableOf(m *prisma.Model) postgres.TableRef {
	ref := postgres.TableRef{Schema: m.Schema, Name: m.DBName}
	if ref.Schema == "" {
		ref.Schema = "public"
	}
	return ref
}

func relationOf(m *prisma.Model, f *prisma.Field) fakedata.Relation {
	r := fakedata.Relation{Name: m.Name + "." + f.Name, From: tableOf(m), To: tableOf(f.Relation.To)}
	for i := range f.Relation.Fields {
		r.Columns = append(r.Columns, f.Relation.Fields[i].DBName)
		r.Referenced = append(r.Referenced, f.Relation.References[i].DBName)
	}
	return r
}
