package dockerctl

import (
	"maps"
	"strconv"
	"strings"

	"github.com/livepeer/naap-dev/internal/workspace"
)

// Labels of what naap makes. A container with labelInstance is ours: it may be replaced, as its data lies in a volume.
const (
	labelInstance = "org.livepeer.naap.instance"
	labelIdentity = "org.livepeer.naap.identity" // the server's cluster_name
	labelInit     = "org.livepeer.naap.init"     // mounted or copied
	labelSettings = "org.livepeer.naap.settings" // hash of what the container was made with; see Spec.settings
	labelPurpose  = "org.livepeer.naap.purpose"  // inspect: a container that is never started
	labelImage    = "org.livepeer.naap.image"    // of a volume: the image that filled it
	labelLibc     = "org.livepeer.naap.libc"     // of a volume: glibc or musl
	labelMajor    = "org.livepeer.naap.major"    // of a volume: PostgreSQL's major version
)

// Labels that Docker Compose finds its own by (github.com/docker/compose, pkg/api/labels.go).
const (
	composeProject     = "com.docker.compose.project"
	composeService     = "com.docker.compose.service"
	composeConfigHash  = "com.docker.compose.config-hash"
	composeNumber      = "com.docker.compose.container-number"
	composeOneoff      = "com.docker.compose.oneoff"
	composeImage       = "com.docker.compose.image"
	composeVersion     = "com.docker.compose.version"
	composeWorkingDir  = "com.docker.compose.project.working_dir"
	composeConfigFiles = "com.docker.compose.project.config_files"
	composeEnvFiles    = "com.docker.compose.project.environment_file"
	composeDependsOn   = "com.docker.compose.depends_on"
	composeVolume      = "com.docker.compose.volume"
	composeNetwork     = "com.docker.compose.network"
)

// composeMadeBy is written as the version of compose. Compose shows it and reads nothing from it.
const composeMadeBy = "2.0.0"

// containerLabels returns those of a container that is made for spec from the image with imageID.
func containerLabels(spec Spec, identity, imageID string, how initWay) map[string]string {
	labels := map[string]string{
		labelInstance: spec.Instance,
		labelIdentity: identity,
		labelInit:     string(how),
		labelSettings: spec.settings(),
	}
	for name, value := range spec.Labels {
		if _, own := labels[name]; !own {
			labels[name] = value
		}
	}
	c := spec.Compose
	if c == nil {
		return labels
	}
	labels[composeProject] = c.Project
	labels[composeService] = c.Service
	// Compose overlooks a container without a hash, and then fails on its name; so there is always one. Where it is
	// that of the compose file, compose leaves the container alone; else it makes a new one on the same volume.
	labels[composeConfigHash] = c.ConfigHash
	labels[composeNumber] = "1"
	labels[composeOneoff] = "False"
	labels[composeImage] = imageID
	labels[composeVersion] = composeMadeBy
	labels[composeWorkingDir] = c.WorkingDir
	labels[composeConfigFiles] = strings.Join(c.Files, ",")
	labels[composeDependsOn] = strings.Join(c.DependsOn, ",")
	if len(c.EnvFiles) > 0 {
		labels[composeEnvFiles] = strings.Join(c.EnvFiles, ",")
	}
	return labels
}

// volumeLabels returns those of a volume that is made for spec and is filled by img.
func volumeLabels(spec Spec, ref string, img imageState) map[string]string {
	labels := map[string]string{
		labelInstance: spec.Instance,
		labelImage:    ref,
	}
	if img.Libc != "" {
		labels[labelLibc] = string(img.Libc)
	}
	if img.Major > 0 {
		labels[labelMajor] = strconv.Itoa(img.Major)
	}
	maps.Copy(labels, composeVolumeLabels(spec.Compose, spec.VolumeMade))
	return labels
}

// composeVolumeLabels returns those of a compose project's volume; none for one that is not its own.
func composeVolumeLabels(c *workspace.Compose, made workspace.Volume) map[string]string {
	if c == nil || made.Key == "" || made.External {
		return nil
	}
	return map[string]string{
		composeProject: c.Project,
		composeVolume:  made.Key,
		composeVersion: composeMadeBy,
	}
}

// networkLabels returns those of a compose project's network; without them compose refuses the network.
func networkLabels(c *workspace.Compose, n workspace.Network) map[string]string {
	return map[string]string{
		composeProject: c.Project,
		composeNetwork: n.Key,
		composeVersion: composeMadeBy,
	}
}
