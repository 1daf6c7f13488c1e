//go:build unix

package workspace

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/trust"
	"github.com/livepeer/naap-dev/internal/usertest"
)

// giveAway gives files and folders to another account.
func giveAway(t *testing.T, to *usertest.Account, paths ...string) {
	t.Helper()
	for _, path := range paths {
		if err := os.Lchown(path, to.UID, to.GID); err != nil {
			t.Fatal(err)
		}
	}
}

const someSchema = "datasource db {\n  provider = \"postgresql\"\n  url = \"\"\n}\n"

func findIn(t *testing.T, dir, home string, env ...string) (*Workspace, error) {
	t.Helper()
	return Find(context.Background(), dir, Options{Env: append([]string{"HOME=" + home}, env...)})
}

func TestAnotherUsersWorkspaceIsNotRead(t *testing.T) {
	other := usertest.Other(t)
	files := map[string]string{
		"naap.toml": "port = 5999\n", "docker-compose.yml": "services: {}\n", "docker-compose.override.yml": "services: {}\n", ".env": "A=b\n",
		"package.json": "{}", "packages/database/package.json": "{}", "packages/database/prisma/schema.prisma": someSchema,
		"docker/init-schemas.sql": "SELECT 1;\n", "seeds/public.sql": "SELECT 1;\n", "prisma.config.ts": "",
	}
	for _, theirs := range []string{
		".", "naap.toml", "docker-compose.yml", "docker-compose.override.yml", ".env", "package.json", "packages/database/package.json",
		"packages/database/prisma/schema.prisma", "docker/init-schemas.sql", "seeds", "prisma.config.ts",
	} {
		t.Run(theirs, func(t *testing.T) {
			root, home := inFolder(t, files), t.TempDir()
			giveAway(t, other, filepath.Join(root, theirs))
			_, err := findIn(t, root, home)
			var foreign *Foreign
			if remedy.Code(err) != "workspace.owner" || remedy.Exit(err) != remedy.ExitRefused || !errors.As(err, &foreign) {
				t.Fatalf("it is read: %v", err)
			}
			if text := remedy.Text(err); !strings.Contains(text, " belongs to "+other.Name) || !strings.Contains(text, "naap dev trust folder") {
				t.Errorf("it says %s", text)
			}
			if foreign.Root != root {
				t.Errorf("it is about %s", foreign.Root)
			}
			// Allowed by name in the environment, or in the user's own store.
			for _, env := range []string{"NAAP_TRUST=folder", "NAAP_TRUST=" + root, "NAAP_TRUST=" + filepath.Dir(root), "NAAP_TRUST=all", "NAAP_TRUST=" + foreign.Item.ShortHash()} {
				if w, err := findIn(t, root, home, env); err != nil || w.Settings.Port != 5999 {
					t.Errorf("%s: %v", env, err)
				}
			}
			if _, err := findIn(t, root, home, "NAAP_TRUST=seed-command,"+root+"x"); err == nil {
				t.Error("what was allowed for another folder lets it be read")
			}
			folders, _ := PersonalFolders([]string{"HOME=" + home})
			if err := trust.In(folders.State).Allow(t.Context(), foreign.Root, foreign.Item); err != nil {
				t.Fatal(err)
			}
			if _, err := findIn(t, root, home); err != nil {
				t.Errorf("allowed, and not read: %v", err)
			}
		})
	}
}

// A naap.toml that a stranger left in /tmp is skipped with a warning; so is a workspace around one of the user's own
// folders.
func TestWhatAStrangerLeftAboveIsPassedOver(t *testing.T) {
	others := usertest.Others(t, 2)
	root := inFolder(t, map[string]string{"naap.toml": "port = 5999\n[seed]\ncommand = \"touch /tmp/stolen\"\n", "mine/work/x": "", "theirs/x": ""})
	giveAway(t, others[0], filepath.Join(root, "naap.toml"))
	w, err := findIn(t, filepath.Join(root, "mine", "work"), t.TempDir())
	if err != nil || w.Kind != Builtin || w.Settings.Port == 5999 || len(w.SeedCommands) > 0 || w.Root != "" {
		t.Fatalf("%v, %+v", err, w)
	}
	if len(w.Warnings) != 1 || !strings.Contains(w.Warnings[0], filepath.Join(root, "naap.toml")+" is not read: ") ||
		!strings.Contains(w.Warnings[0], " belongs to "+others[0].Name) {
		t.Errorf("it warns %q", w.Warnings)
	}
	// Within another user's folder, the workspace above counts, and is refused.
	giveAway(t, others[1], filepath.Join(root, "theirs"))
	if _, err := findIn(t, filepath.Join(root, "theirs"), t.TempDir()); remedy.Code(err) != "workspace.owner" {
		t.Errorf("in another's folder: %v", err)
	}
	// One of the user's own further up is found.
	outer := inFolder(t, map[string]string{"naap.toml": "port = 5888\n", "between/naap.toml": "port = 5999\n", "between/mine/x": ""})
	giveAway(t, others[0], filepath.Join(outer, "between"))
	if w, err := findIn(t, filepath.Join(outer, "between", "mine"), t.TempDir()); err != nil || w.Settings.Port != 5888 {
		t.Errorf("the one above is not found: %v", err)
	}
}

func TestALinkToAnothersSettingsIsNotRead(t *testing.T) {
	other := usertest.Other(t)
	elsewhere := inFolder(t, map[string]string{"naap.toml": "port = 5999\n"})
	giveAway(t, other, filepath.Join(elsewhere, "naap.toml"))
	root := t.TempDir()
	if err := os.Symlink(filepath.Join(elsewhere, "naap.toml"), filepath.Join(root, "naap.toml")); err != nil {
		t.Fatal(err)
	}
	if _, err := findIn(t, root, t.TempDir()); remedy.Code(err) != "workspace.owner" {
		t.Errorf("it is read: %v", err)
	}
}

func TestRootThroughSudoReadsTheirWorkspace(t *testing.T) {
	other := usertest.Other(t)
	root := inFolder(t, map[string]string{"naap.toml": "port = 5999\n"})
	giveAway(t, other, root, filepath.Join(root, "naap.toml"))
	t.Setenv("SUDO_UID", "1")
	if other.UID != 1 {
		if _, err := findIn(t, root, t.TempDir()); remedy.Code(err) != "workspace.owner" {
			t.Errorf("another's sudo lets it be read: %v", err)
		}
	}
	t.Setenv("SUDO_UID", strconv.Itoa(other.UID))
	if w, err := findIn(t, root, t.TempDir()); err != nil || w.Settings.Port != 5999 {
		t.Errorf("their own workspace is not read: %v", err)
	}
}

// Anyone may create a .git in a shared folder above: that does not make the folder the workspace's tree.
func TestTheRepositoryOfAStrangerAboveIsNotTheTree(t *testing.T) {
	stranger := usertest.Other(t)
	shared := t.TempDir()
	root := filepath.Join(shared, "shop")
	for _, dir := range []string{root, filepath.Join(shared, ".git")} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if got := treeOf(root); got != shared {
		t.Errorf("of one's own repository it is %s", got)
	}
	stranger.Own(filepath.Join(shared, ".git"))
	if got := treeOf(root); got != root {
		t.Errorf("of a stranger's repository it is %s", got)
	}
}

// A password in a shared folder could be one that someone else put there, who would then be sent it.
func TestAPasswordThatAnotherUserCouldExchangeIsNotRead(t *testing.T) {
	dir := t.TempDir()
	f := Folders{State: filepath.Join(dir, "state")}
	if err := f.WritePassword("x", KeptPassword{Password: "kept"}); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	k, err := f.ReadPassword(t.Context(), "x")
	if text := remedy.Text(err); k != (KeptPassword{}) || remedy.Code(err) != "settings.kept" || !strings.Contains(text, "export XDG_STATE_HOME=") || strings.Contains(text, "remove it") {
		t.Errorf("it is read: %+v\n%s", k, text)
	}
	if err := f.WritePassword("x", KeptPassword{Password: "another"}); remedy.Code(err) != "file.owner" {
		t.Errorf("it is written: %v", err)
	}
}
