package rules

import (
	"context"
	"errors"
	"strings"

	"github.com/livepeer/naap-dev/internal/program"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// gitLines runs git in a folder and returns its NUL-separated output.
func gitLines(ctx context.Context, dir string, args ...string) ([]string, error) {
	out, err := git(ctx, dir, args...)
	if err != nil {
		return nil, err
	}
	return strings.FieldsFunc(out, func(r rune) bool { return r == 0 }), nil
}

// git runs git in a folder. Its error contains git's message, or is the context's.
func git(ctx context.Context, dir string, args ...string) (string, error) {
	out, err := program.Here(dir).Git(ctx, dir, args...)
	if err != nil {
		return "", gitFailed(ctx, dir, args[0], err)
	}
	return string(out), nil
}

func gitFailed(ctx context.Context, dir, command string, err error) error {
	if ctx.Err() != nil {
		return err
	}
	seen := err.Error()
	if said := new(program.GitError); errors.As(err, &said) && said.Said != "" {
		seen = said.Said
	}
	return remedy.New("check.git", remedy.ExitFailed, "git %s failed in %s", command, dir).WithSeen(seen).Wrap(err)
}

// changedFiles asks git for the files that differ from base, including untracked ones. They are relative to dir. An
// empty base is the commit where the branch left its upstream, or the default branch; without either it is HEAD.
func changedFiles(ctx context.Context, dir, base string) (map[string]bool, error) {
	if _, err := git(ctx, dir, "rev-parse", "--git-dir"); err != nil {
		if ctx.Err() != nil {
			return nil, err
		}
		return nil, remedy.New("check.no-git", remedy.ExitUsage, "--changed asks git, and %s is not in a git repository", dir).
			WithHelp(remedy.Naap("check")).Wrap(err)
	}
	if base == "" {
		base = mergeBase(ctx, dir)
	} else if _, err := git(ctx, dir, "rev-parse", "--verify", "--quiet", "--end-of-options", base+"^{commit}"); err != nil {
		if ctx.Err() != nil {
			return nil, err
		}
		return nil, remedy.New("check.base", remedy.ExitUsage, "git knows no commit %q", base).Wrap(err)
	}
	// In a repository without a commit everything is new.
	asked := [][]string{{"ls-files", "-z"}, {"ls-files", "-z", "--others", "--exclude-standard"}}
	if base != "" {
		asked[0] = []string{"diff", "--name-only", "--relative", "--no-renames", "-z", base, "--"}
	}
	changed := map[string]bool{}
	for _, args := range asked {
		names, err := gitLines(ctx, dir, args...)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			changed[name] = true
		}
	}
	return changed, nil
}

func mergeBase(ctx context.Context, dir string) string {
	for _, ref := range []string{"@{upstream}", "origin/HEAD", "origin/main", "main", "master"} {
		if out, err := git(ctx, dir, "merge-base", "HEAD", ref); err == nil {
			return strings.TrimSpace(out)
		}
	}
	if out, err := git(ctx, dir, "rev-parse", "--verify", "--quiet", "HEAD"); err == nil {
		return strings.TrimSpace(out)
	}
	return ""
}
