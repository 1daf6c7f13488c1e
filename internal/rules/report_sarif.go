package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/livepeer/naap-dev/internal/lazy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

// The parts of SARIF 2.1.0 that the report uses. Source: OASIS, Static Analysis Results Interchange Format 2.1.0.
type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool        sarifTool         `json:"tool"`
	ColumnKind  string            `json:"columnKind"`
	Results     []sarifResult     `json:"results"`
	Invocations []sarifInvocation `json:"invocations"`
}

// sarifInvocation says, about the run itself, what was not read and which exceptions there are.
type sarifInvocation struct {
	Successful    bool                `json:"executionSuccessful"`
	Notifications []sarifNotification `json:"toolExecutionNotifications,omitempty"`
}

type sarifNotification struct {
	Level     string          `json:"level"`
	Message   sarifMessage    `json:"message"`
	Locations []sarifLocation `json:"locations"`
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name            string      `json:"name"`
	SemanticVersion string      `json:"semanticVersion,omitempty"`
	Rules           []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID               string       `json:"id"`
	Name             string       `json:"name"`
	ShortDescription sarifMessage `json:"shortDescription"`
	FullDescription  sarifMessage `json:"fullDescription"`
	Help             sarifMessage `json:"help"`
}

type sarifMessage struct {
	Text string `json:"text"`
}

type sarifResult struct {
	RuleID           string             `json:"ruleId"`
	RuleIndex        int                `json:"ruleIndex"`
	Level            string             `json:"level"`
	Message          sarifMessage       `json:"message"`
	Locations        []sarifLocation    `json:"locations"`
	RelatedLocations []sarifLocation    `json:"relatedLocations,omitempty"`
	Fingerprints     map[string]string  `json:"partialFingerprints"`
	Fixes            []sarifFix         `json:"fixes,omitempty"`
	Suppressions     []sarifSuppression `json:"suppressions,omitempty"`
}

type sarifLocation struct {
	ID       int           `json:"id,omitempty"`
	Physical sarifPhysical `json:"physicalLocation"`
	Message  *sarifMessage `json:"message,omitempty"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   *sarifRegion  `json:"region,omitempty"`
}

type sarifArtifact struct {
	URI    string `json:"uri"`
	BaseID string `json:"uriBaseId,omitempty"`
}

type sarifRegion struct {
	StartLine   int           `json:"startLine,omitempty"`
	StartColumn int           `json:"startColumn,omitempty"`
	EndColumn   int           `json:"endColumn,omitempty"`
	CharOffset  *int          `json:"charOffset,omitempty"`
	CharLength  *int          `json:"charLength,omitempty"`
	Snippet     *sarifMessage `json:"snippet,omitempty"`
}

type sarifFix struct {
	Description sarifMessage  `json:"description"`
	Changes     []sarifChange `json:"artifactChanges"`
}

type sarifChange struct {
	Artifact     sarifArtifact      `json:"artifactLocation"`
	Replacements []sarifReplacement `json:"replacements"`
}

type sarifReplacement struct {
	Deleted  sarifRegion  `json:"deletedRegion"`
	Inserted sarifMessage `json:"insertedContent"`
}

type sarifSuppression struct {
	Kind          string `json:"kind"`
	Justification string `json:"justification"`
}

// SARIF writes the report as a SARIF 2.1.0 log. Accepted findings are in it as suppressed results. version is that of
// the program.
func (r *Report) SARIF(w io.Writer, version string) error {
	driver := sarifDriver{Name: "naap", Rules: say.Each(r.rules(), func(rule *Rule) sarifRule {
		return sarifRule{
			ID: rule.ID, Name: camel(rule.Slug()), ShortDescription: sarifMessage{rule.Title},
			FullDescription: sarifMessage{rule.Title + ". " + rule.Why}, Help: sarifMessage{rule.Why},
		}
	})}
	if v := strings.TrimPrefix(version, "v"); semantic.Get().MatchString(v) { // a build from a checkout has no version
		driver.SemanticVersion = v
	}
	results := say.Each(slices.Concat(r.Findings, r.Notes), r.sarif)
	for _, a := range r.Accepted {
		result := r.sarif(a.Finding)
		kind := "inSource"
		if strings.HasPrefix(a.From, "naap.toml") {
			kind = "external"
		}
		result.Suppressions = []sarifSuppression{{kind, a.Reason}}
		results = append(results, result)
	}
	return encode(w, sarifLog{
		Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0",
		Runs: []sarifRun{{Tool: sarifTool{driver}, ColumnKind: "unicodeCodePoints", Results: results, Invocations: []sarifInvocation{r.invocation()}}},
	})
}

func (r *Report) invocation() sarifInvocation {
	run := sarifInvocation{Successful: true}
	for _, e := range r.Exceptions {
		run.Notifications = append(run.Notifications, sarifNotification{"note", said(e.String()), []sarifLocation{at(e.Place, 0, "")}})
	}
	for _, l := range r.LeftOut {
		where := sarifLocation{Physical: sarifPhysical{Artifact: artifact(l.Path)}}
		run.Notifications = append(run.Notifications, sarifNotification{"note", said("not looked at: " + l.Why), []sarifLocation{where}})
	}
	return run
}

// said returns a message as plain text. SARIF takes [text](target) for a link, in plain messages too (section 3.11.6);
// in what a file says it is not one.
func said(text string) sarifMessage {
	return sarifMessage{strings.ReplaceAll(visible.String(text), "](", `\](`)}
}

var semantic = lazy.Regexp{Text: `^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$`}

// camel makes a rule's name from its slug: "2-own-client" → "OwnClient".
func camel(slug string) string {
	var b strings.Builder
	for _, part := range strings.Split(slug, "-")[1:] {
		b.WriteString(capital(part))
	}
	return b.String()
}

func (r *Report) sarif(f Finding) sarifResult {
	out := sarifResult{
		RuleID: f.Rule.ID, RuleIndex: max(slices.Index(r.rules(), f.Rule), 0), Level: f.Severity.String(), Message: said(withHelp(f)),
		Locations: []sarifLocation{at(f.Place, 0, f.Text)}, Fingerprints: map[string]string{"naap/v1": fingerprint(f)},
	}
	for i, p := range f.Related {
		out.RelatedLocations = append(out.RelatedLocations, at(p, i+1, ""))
	}
	if f.Fix != nil {
		out.Fixes = []sarifFix{{sarifMessage{f.Fix.Title}, say.Each(f.Fix.Edits, r.change)}}
	}
	return out
}

func at(p Place, id int, text string) sarifLocation {
	l := sarifLocation{ID: id, Physical: sarifPhysical{
		Artifact: artifact(p.Path),
		Region:   &sarifRegion{StartLine: p.Line, StartColumn: p.Column, EndColumn: p.EndColumn},
	}}
	if text != "" {
		l.Physical.Region.Snippet = &sarifMessage{text}
	}
	if p.Label != "" {
		label := said(p.Label)
		l.Message = &label
	}
	return l
}

func artifact(path string) sarifArtifact {
	return sarifArtifact{URI: (&url.URL{Path: path}).EscapedPath(), BaseID: "%SRCROOT%"}
}

// withHelp returns a finding's message with what to write instead.
func withHelp(f Finding) string { return strings.Join(append([]string{f.Message}, f.Help...), "\n") }

// change returns an edit with its place in characters, as the log's column kind requires.
func (r *Report) change(e Edit) sarifChange {
	data := r.sources[e.Path]
	start := utf8.RuneCount(data[:min(e.Start, len(data))])
	length := utf8.RuneCount(data[min(e.Start, len(data)):min(e.End, len(data))])
	return sarifChange{Artifact: artifact(e.Path), Replacements: []sarifReplacement{{
		Deleted: sarifRegion{CharOffset: &start, CharLength: &length}, Inserted: sarifMessage{e.New},
	}}}
}

// fingerprint stays the same when lines are added above the finding.
func fingerprint(f Finding) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%s\x00%s", f.Rule.ID, f.Place.Path, strings.TrimSpace(f.Text), f.Message))
	return hex.EncodeToString(sum[:8])
}
