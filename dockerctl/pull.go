package dockerctl

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"

	"github.com/docker/cli/cli/config/configfile"
	"github.com/docker/cli/cli/config/types"
	helpers "github.com/docker/docker-credential-helpers/client"
	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/api/types/registry"

	"github.com/livepeer/naap-dev/internal/program"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// dockerHub is the registry of a reference that names none, and indexServer the name its credentials are kept under.
const (
	indexServer = "https://index.docker.io/v1/"
)

// pull fetches an image that is not there, for a platform where one is asked for, and reports the bytes of its layers.
func (e *Engine) pull(ctx context.Context, ref, platform string, report progress.Report) error {
	step := progress.Step{Name: "image", Title: "Pull " + visible.String(ref), Status: progress.Running, Unit: "bytes"}
	report(step)
	body, err := e.cli.ImagePull(ctx, ref, image.PullOptions{RegistryAuth: e.registryAuth(ref), Platform: platform})
	if err == nil {
		defer body.Close()
		err = followPull(body, func(done, total int64) {
			step.Done, step.Total = done, total
			report(step)
		})
	}
	if err != nil {
		step.Status, step.Detail = progress.Failed, visible.String(err.Error())
		report(step)
		if gone := e.lost(ctx, "pull the image", err); remedy.Code(gone) == "docker.unreachable" {
			return gone
		}
		return imageError(ref, err, e.localImages(ctx))
	}
	step.Status, step.Done = progress.Done, step.Total
	report(step)
	return nil
}

// registryAuth returns the X-Registry-Auth header for a reference's registry, from the docker config and its credential
// helpers; empty where there is nothing, as most images are public.
func (e *Engine) registryAuth(ref string) string {
	cfg, err := loadConfig(e.find)
	if err != nil {
		return ""
	}
	key := registryOf(ref)
	if key == dockerHub {
		key = indexServer
	}
	auth, err := e.credentials(cfg, key)
	if err != nil || (auth.Username == "" && auth.Password == "" && auth.IdentityToken == "" && auth.RegistryToken == "" && auth.Auth == "") {
		return ""
	}
	header, err := registry.EncodeAuthConfig(registry.AuthConfig(auth))
	if err != nil {
		return ""
	}
	return header
}

// credentials returns those of a registry. The helper that the user's docker config names for it is started here: the
// library would look for it along the whole PATH.
func (e *Engine) credentials(cfg *configfile.ConfigFile, key string) (types.AuthConfig, error) {
	helper := cmp.Or(cfg.CredentialHelpers[key], cfg.CredentialsStore)
	cfg.CredentialHelpers, cfg.CredentialsStore = nil, ""
	auth, err := cfg.GetAuthConfig(key)
	if err != nil || helper == "" || auth.Username != "" || auth.IdentityToken != "" || auth.RegistryToken != "" {
		return auth, err
	}
	cmd, err := e.find.Programs.Command(context.Background(), program.CredentialHelper(helper), "get")
	if err != nil {
		return auth, err
	}
	kept, err := helpers.Get(func(...string) helpers.Program { return credentialHelper{cmd} }, key)
	if err != nil {
		return auth, err
	}
	auth.Username, auth.Password = kept.Username, kept.Secret
	if kept.Username == "<token>" {
		auth.Username, auth.Password, auth.IdentityToken = "", "", kept.Secret
	}
	return auth, nil
}

// credentialHelper is a helper as its protocol's package runs it.
type credentialHelper struct{ *exec.Cmd }

func (h credentialHelper) Input(in io.Reader) { h.Stdin = in }

// pullMessage is one line of the engine's report of a pull.
type pullMessage struct {
	ID       string `json:"id"`
	Status   string `json:"status"`
	Error    string `json:"error"`
	Progress *struct {
		Current, Total int64
	} `json:"progressDetail"`
}

// followPull reads a pull's report to its end and tells the sum over the layers. Layers that are there already count
// nothing; a layer counts as done when its download is, as unpacking reports the same bytes again.
func followPull(r io.Reader, tell func(done, total int64)) error {
	type layer struct{ done, total int64 }
	layers := map[string]*layer{}
	decoder := json.NewDecoder(r)
	for {
		var m pullMessage
		err := decoder.Decode(&m)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the pull's progress: %w", err)
		}
		if m.Error != "" {
			return errors.New(m.Error)
		}
		l := layers[m.ID]
		switch {
		case m.Status == "Downloading" && m.Progress != nil && m.Progress.Total > 0:
			if l == nil {
				l = &layer{}
				layers[m.ID] = l
			}
			l.done, l.total = m.Progress.Current, m.Progress.Total
		case (m.Status == "Download complete" || m.Status == "Pull complete") && l != nil && l.done != l.total:
			l.done = l.total
		default:
			continue
		}
		var done, total int64
		for _, l := range layers {
			done, total = done+l.done, total+l.total
		}
		tell(done, total)
	}
}
