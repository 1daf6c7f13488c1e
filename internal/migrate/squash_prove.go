package migrate

import (
	"context"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/remedy"
)

// prover compares the end of a new script with that of the ones that it stands for.
type prover struct {
	shadow                  *Shadow
	before, replaced, after []Migration

	ends  []endState  // right after them, and after all
	twins []*endState // the same, made again; nil until they are needed
}

// rest returns what runs after the squashed ones, in each of the comparisons.
func (x *prover) rest() [][]Migration {
	if len(x.after) == 0 {
		return [][]Migration{nil}
	}
	return [][]Migration{nil, x.after}
}

func (x *prover) begin(ctx context.Context) error {
	for _, rest := range x.rest() {
		s, err := x.read(ctx, "", slices.Concat(x.before, x.replaced, rest))
		if err != nil {
			return err
		}
		x.ends = append(x.ends, s)
	}
	x.twins = make([]*endState, len(x.ends))
	return nil
}

func (x *prover) read(ctx context.Context, run string, list []Migration) (endState, error) {
	db, err := x.shadow.end(ctx, run, list)
	if err != nil {
		return endState{}, err
	}
	defer db.Close()
	return readEndState(ctx, db)
}

// tries returns why a script is not the same as those that it would stand for; nothing where it is.
func (x *prover) tries(ctx context.Context, m Migration) ([]string, error) {
	for i, rest := range x.rest() {
		is, err := x.read(ctx, "", slices.Concat(x.before, []Migration{m}, rest))
		if r, failed := remedy.Of(err); failed && slices.Contains([]string{"migrate.shadow", "migrate.alone"}, r.Code) {
			return []string{strings.Join(append([]string{r.Message}, r.Seen[:min(len(r.Seen), 1)]...), ": ")}, nil
		}
		if err != nil {
			return nil, err
		}
		if x.ends[i].rowsDiffer(is) && x.twins[i] == nil { // do they also differ from themselves?
			twin, err := x.read(ctx, "again", slices.Concat(x.before, x.replaced, rest))
			if err != nil {
				return nil, err
			}
			x.twins[i] = &twin
		}
		if why := x.ends[i].unlike(is, x.twins[i]); len(why) > 0 {
			return why, nil
		}
	}
	return nil, nil
}
