package files

// IsInstalled reports whether folders of this name contain what is installed, built or kept by tools, wherever they are
// and whether or not git ignores them.
func IsInstalled(name string) bool {
	switch name {
	case ".git", ".hg", ".svn", "node_modules", "bower_components", "vendor",
		"dist", ".next", ".nuxt", ".turbo", ".nx", ".cache", ".vercel",
		".output", ".svelte-kit", ".parcel-cache", "coverage", "storybook-static",
		".yarn", ".pnpm-store", "__pycache__", ".venv":
		return true
	}
	return false
}
