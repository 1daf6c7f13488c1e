package files

import "testing"

func TestWhatWindowsReadsAsAnotherMachineOrADeviceLeadsOff(t *testing.T) {
	for path, want := range map[string]bool{
		`\\evil\share\x.prisma`: true, `//evil/share/x.prisma`: true, `\/evil\share`: true, `\\evil`: true, `\\evil@SSL@443\dav\x`: true,
		`\\.\pipe\x`: true, `\\.\C:\x`: true, `\\?\UNC\evil\share\x`: true, `\\?\C:\x`: true, `//./x`: true, `//?/x`: true, `\??\C:\x`: true, `/??/UNC/evil/s`: true,
		`C:\repo\con`: true, `C:\repo\NUL.sql`: true, `aux.prisma`: true, `C:\repo\com1:`: true, `C:\lpt9 .x\a`: true, `C:\repo\CONIN$`: true,
		`C:\repo\schema.prisma`: false, `/home/me/x`: false, `x.prisma`: false, `a\b`: false, `C:\auxiliary\console.sql`: false, `C:\repo\com10`: false,
		`\\wsl.localhost\Ubuntu\home\me\repo\x.prisma`: false, `//WSL.localhost/ubuntu/x`: false,
		`\\wsl.localhost\Ubuntu2\x`: true, `\\nas\work\x`: false, `\\nas\wor\x`: true, `\\nas\work2\x`: true,
	} {
		given := []string{`\\wsl.localhost\Ubuntu\home\me\repo`, `NAAP_SCHEMA=//nas/work/schema.prisma`, "--port", "5432"}
		if got := leadsOff(path, given); got != want {
			t.Errorf("%s: %v", path, got)
		}
	}
}
