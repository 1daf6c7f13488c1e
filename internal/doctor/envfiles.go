package doctor

import (
	"context"
	"fmt"
	"strings"

	"github.com/livepeer/naap-dev/internal/envfile"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
)

// envCheck compares what the .env files say with the instance, as naap dev env does.
var envCheck = check{nothing, func(ctx context.Context, l *look) {
	report, err := l.EnvFiles(ctx)
	switch {
	case remedy.Code(err) == "schema.provider":
		l.failed("schema.provider", "The Prisma schema is for another database", err)
		return
	case err != nil:
		l.failed("env", "The .env files can't be compared", err)
		return
	}
	right := 0
	for _, f := range report.Files {
		faults := f.Faults()
		if n := len(faults); n > 0 {
			l.wrongEnvFile(f, faults)
		}
		for _, x := range f.Lines {
			switch {
			case x.Verdict == envfile.Right:
				right++
			case x.Verdict == envfile.Production && f.Kind != envfile.Deployed:
				l.add("env.production", remedy.Notable, fmt.Sprintf("%s:%d names a database on another machine, with its password", f.Path, x.Number), []string{x.Name + ": " + x.Shown})
			case x.Verdict == envfile.Shadow && len(x.Why) > 0:
				l.add("env.shadow", remedy.Warning, fmt.Sprintf("%s:%d lets Prisma empty this database", f.Path, x.Number), []string{x.Name + ": " + x.Shown},
					remedy.Words(fmt.Sprintf(`%s=""    (in %s)`, x.Name, f.Path)))
			}
		}
	}
	if report.Wrong() == 0 && right > 0 {
		l.fine("env", say.Count(right, "line")+" of .env files "+say.Form(right, "names", "name")+" this database")
	}
}}

func (l *look) wrongEnvFile(f envfile.File, faults []envfile.Line) {
	seen := say.Each(faults, func(x envfile.Line) string {
		if x.Verdict == envfile.Missing {
			return x.Name + " is missing"
		}
		return fmt.Sprintf("line %d: %s: %s", x.Number, x.Name, strings.Join(x.Why, "; "))
	})
	fix := remedy.Naap("dev env", "--write")
	if f.Refused != "" {
		seen, fix = append(seen, "naap does not write it: "+f.Refused), remedy.Line("change it by hand; what is right: ", remedy.Naap("dev url", "--format", "env"))
	}
	l.add("env", remedy.Warning, f.Path+" does not name this database", seen, fix)
}
