package trust

import (
	"errors"
	"fmt"
	"io/fs"

	"golang.org/x/sys/windows"
)

const noFollow = 0

// ownerOf compares security identifiers. A file that an administrator made may belong to the group of administrators;
// as in git, it acts for everyone in that group.
func ownerOf(path string) (Owner, error) {
	sd, err := windows.GetNamedSecurityInfo(path, windows.SE_FILE_OBJECT, windows.OWNER_SECURITY_INFORMATION)
	if err != nil {
		return Owner{}, err
	}
	sid, _, err := sd.Owner()
	if err != nil {
		return Owner{}, err
	}
	token := windows.GetCurrentProcessToken()
	me, err := token.GetTokenUser()
	if err != nil {
		return Owner{}, err
	}
	o := Owner{Name: sid.String(), Self: sid.Equals(me.User.Sid)}
	if sid.IsWellKnown(windows.WinBuiltinAdministratorsSid) {
		if member, err := windows.Token(0).IsMember(sid); err == nil && member {
			o.Self = true
		}
	}
	o.Mine = o.Self
	if account, domain, _, err := sid.LookupAccount(""); err == nil {
		o.Name = domain + `\` + account
	}
	return o, nil
}

func ownFile(path string, info fs.FileInfo) error {
	if !info.Mode().IsRegular() {
		return errors.New("it is not a regular file")
	}
	owner, err := ownerOf(path)
	if err == nil && !owner.Self {
		err = fmt.Errorf("it belongs to %s", owner.Name)
	}
	return err
}
