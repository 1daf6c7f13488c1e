package ledger

import "testing"

// atHand returns a workspace whose first commit git knows, and which may have had another Prisma file or not.
func atHand(w Workspace, first string, had bool) Here {
	return Here{Workspace: w, FirstCommit: func() string { return first }, Had: func(string) bool { return had }}
}

func TestAWorkspaceIsKnownByItsRepositoryAndPrismaFile(t *testing.T) {
	noted := Workspace{Schema: "db/schema.prisma", Remotes: []string{"github.com/livepeer/naap"}, Commit: "c1", Root: "/a", Machine: "m"}
	with := func(change func(*Workspace)) Workspace {
		w := noted
		w.Commit = ""
		change(&w)
		return w
	}
	for _, c := range []struct {
		what  string
		here  Workspace
		first string
		had   bool
		want  bool
	}{
		{"the same checkout", with(func(w *Workspace) {}), "c1", false, true},
		{"another checkout", with(func(w *Workspace) { w.Root = "/b" }), "c1", false, true},
		{"on another machine", with(func(w *Workspace) { w.Root, w.Machine = "/b", "n" }), "", false, true},
		{"a second remote", with(func(w *Workspace) {
			w.Root, w.Remotes = "/b", []string{"github.com/me/naap", "github.com/livepeer/naap"}
		}), "", false, true},
		{"a clone of a folder", with(func(w *Workspace) { w.Root, w.Remotes = "/b", nil }), "c1", false, true},
		{"what grew out of it", with(func(w *Workspace) { w.Root, w.Remotes = "/b", []string{"github.com/me/other"} }), "c1", false, false},
		{"a remote that got another name", with(func(w *Workspace) { w.Remotes = []string{"github.com/new/naap"} }), "c1", false, true},
		{"another repository in its place", with(func(w *Workspace) { w.Remotes = []string{"github.com/me/other"} }), "c2", false, false},
		{"another repository without a remote in its place", with(func(w *Workspace) { w.Remotes = nil }), "c2", false, false},
		{"no repository any more in its place", with(func(w *Workspace) { w.Remotes = nil }), "", false, true},
		{"no repository elsewhere", with(func(w *Workspace) { w.Root, w.Remotes = "/b", nil }), "", false, false},
		{"another Prisma file beside it", with(func(w *Workspace) { w.Schema = "db/second.prisma" }), "c1", false, false},
		{"another Prisma file of the repository", with(func(w *Workspace) { w.Schema = "apps/db/schema.prisma" }), "c1", false, false},
		{"its folder read as a whole", with(func(w *Workspace) { w.Schema = "db" }), "c1", false, true},
		{"the Prisma file was moved", with(func(w *Workspace) { w.Schema = "prisma/schema.prisma" }), "c1", true, true},
		{"the built-in workspace", Workspace{Builtin: true}, "", false, false},
	} {
		if got := atHand(c.here, c.first, c.had).Is(noted); got != c.want {
			t.Errorf("%s: the same is %v, want %v", c.what, got, c.want)
		}
	}
}

func TestTheBuiltInWorkspaceIsTheSameEverywhere(t *testing.T) {
	if !atHand(Workspace{Builtin: true, Machine: "n"}, "", false).Is(Workspace{Builtin: true, Machine: "m"}) {
		t.Error("on another machine it is another")
	}
}

func TestAFolderWithoutARepositoryIsKnownByItsPlace(t *testing.T) {
	noted := Workspace{Schema: "schema.prisma", Root: "/a", Machine: "m"}
	for _, c := range []struct {
		root, machine, first string
		want                 bool
	}{{"/a", "m", "", true}, {"/a", "m", "c1", true}, {"/a", "n", "", false}, {"/b", "m", "", false}} {
		here := atHand(Workspace{Schema: "schema.prisma", Root: c.root, Machine: c.machine}, c.first, false)
		if got := here.Is(noted); got != c.want {
			t.Errorf("%+v: the same is %v", c, got)
		}
	}
}

func TestMergingKeepsWhatOnlyTheEntryKnows(t *testing.T) {
	noted := Workspace{Remotes: []string{"a", "c"}, Commit: "c1", Root: "/old"}
	got := atHand(Workspace{Remotes: []string{"b", "a"}, Root: "/new"}, "", false).Merged(noted)
	if want := (Workspace{Remotes: []string{"a", "b", "c"}, Commit: "c1", Root: "/new"}); !got.Equal(want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
