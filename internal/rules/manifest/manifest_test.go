package manifest

import "testing"

const sample = "\xEF\xBB\xBF" + `{
  "name": "@a/b", "private": true, "files": ["x", {"y": 1}],
  "scripts": { "db:push" : "prisma db push", "x": "y" },
  "exports": { ".": { "import": "./a" } , "./b": "c" },
  "dependencies": {},
  "devDependencies": {
    "prisma": "^5\u002e0", "emoji": "\ud83d\ude00"
  }
}
`

func TestEverythingHasItsPlace(t *testing.T) {
	f, err := Read([]byte(sample))
	if err != nil {
		t.Fatal(err)
	}
	if f.Name != "@a/b" || sample[f.At.Start:f.At.End] != sample[3:len(sample)-1] {
		t.Errorf("name %q, object %q", f.Name, sample[f.At.Start:f.At.End])
	}
	at := func(s Span) string { return sample[s.Start:s.End] }
	push := f.Section("scripts").Find("db:push")
	if at(push.At) != `"db:push" : "prisma db push"` || at(push.ValueAt) != `"prisma db push"` {
		t.Errorf("script at %q, value at %q", at(push.At), at(push.ValueAt))
	}
	if m := f.Section("exports").Find("."); at(m.At) != `".": { "import": "./a" }` {
		t.Errorf("member with an object at %q", at(m.At))
	}
	if s := f.Section("dependencies"); at(s.At) != "{}" || at(s.NameAt) != `"dependencies"` {
		t.Errorf("empty section at %q", at(s.At))
	}
	if m, s := f.Depends("prisma"); m == nil || m.Value != "^5.0" || s.Name != "devDependencies" {
		t.Errorf("prisma: %+v in %+v", m, s)
	}
	if m, _ := f.Depends("x"); m != nil {
		t.Errorf("a script is no dependency: %+v", m)
	}
}

func TestWhatIsNoManifestIsAnError(t *testing.T) {
	for _, src := range []string{"", "[]", `{"a": `, `{"scripts": {"a": 1`, `{"scripts": {"a": "b",}}`, "{} // x\n{"[:1]} {
		if _, err := Read([]byte(src)); err == nil {
			t.Errorf("%q was read", src)
		}
	}
}

func FuzzReading(f *testing.F) {
	f.Add([]byte(sample))
	f.Fuzz(func(t *testing.T, src []byte) {
		m, err := Read(src)
		if err != nil {
			return
		}
		for _, s := range m.Sections {
			for _, x := range s.Members {
				if x.At.Start < s.At.Start || x.At.End > s.At.End || x.ValueAt.Start < x.At.Start {
					t.Fatalf("member %+v of %+v", x, s.At)
				}
			}
		}
	})
}
