package script

import (
	"fmt"
	"strings"
	"testing"
)

// describe returns an import on one line, for comparison.
func describe(im Import) string {
	var b strings.Builder
	b.WriteString([]string{"", "static", "export", "require", "dynamic", "assigned"}[im.Form])
	if im.TypeOnly {
		b.WriteString(" type")
	}
	if im.Default != "" {
		b.WriteString(" default=" + im.Default)
	}
	if im.Namespace != "" {
		b.WriteString(" *=" + im.Namespace)
	}
	if im.All {
		b.WriteString(" all")
	}
	for _, n := range im.Names {
		fmt.Fprintf(&b, " %s", n.Imported)
		if n.Local != n.Imported {
			b.WriteString(":" + n.Local)
		}
		if n.TypeOnly {
			b.WriteString("(type)")
		}
	}
	return b.String() + " < " + im.Specifier
}

func TestEveryFormOfImportIsUnderstood(t *testing.T) {
	for src, want := range map[string]string{
		`import "m"`:                                        "static < m",
		`import 'm';`:                                       "static < m",
		`import a from "m"`:                                 "static default=a < m",
		`import * as a from "m"`:                            "static *=a < m",
		`import a, * as b from "m"`:                         "static default=a *=b < m",
		`import {a, b as c} from "m"`:                       "static a b:c < m",
		`import a, {b} from "m"`:                            "static default=a b < m",
		"import {\n  a, // one\n  b,\n}\nfrom\n'm'":         "static a b < m",
		`import {} from "m"`:                                "static < m",
		`import {"x y" as z} from "m"`:                      "static x y:z < m",
		`import {default as d} from "m"`:                    "static default:d < m",
		`import type A from "m"`:                            "static type default=A < m",
		`import type {A, B} from "m"`:                       "static type A B < m",
		`import type * as A from "m"`:                       "static type *=A < m",
		`import {type A} from "m"`:                          "static type A(type) < m",
		`import {type A, b} from "m"`:                       "static A(type) b < m",
		`import {type as as} from "m"`:                      "static type:as < m",
		`import {type as} from "m"`:                         "static type as(type) < m",
		`import {type} from "m"`:                            "static type < m",
		`import type from "m"`:                              "static default=type < m",
		`import type from from "m"`:                         "static type default=from < m",
		`import type, {a} from "m"`:                         "static default=type a < m",
		`import from from "m"`:                              "static default=from < m",
		`import a from "m" with {type: "json"}`:             "static default=a < m",
		`import defer * as a from "m"`:                      "static *=a < m",
		`import a = require("m")`:                           "assigned *=a < m",
		`export import a = require("m");`:                   "assigned *=a < m",
		`import type a = require("m")`:                      "assigned type *=a < m",
		`import a = b.c`:                                    "",
		`export * from "m"`:                                 "export all < m",
		`export * as a from "m"`:                            "export *=a < m",
		`export {a, b as c} from "m"`:                       "export a b:c < m",
		`export {default} from "m"`:                         "export default < m",
		`export type {A} from "m"`:                          "export type A < m",
		`export type * from "m"`:                            "export type all < m",
		`export {type A, type B} from "m"`:                  "export type A(type) B(type) < m",
		`export {a}`:                                        "",
		`export const from = "m"`:                           "",
		`export default "m"`:                                "",
		`require("m")`:                                      "require < m",
		`const a = require('m')`:                            "require *=a < m",
		"const a = require(`m`)":                            "require *=a < m",
		`const {a, b: c} = require("m")`:                    "require a b:c < m",
		`const {a: {d, e}, b = 1} = require("m")`:           "require a b < m",
		`module.require("m")`:                               "require < m",
		`require.resolve("m")`:                              "require < m",
		`require("m" + x)`:                                  "",
		`obj.require("m")`:                                  "",
		`import("m")`:                                       "dynamic < m",
		"import(`m`)":                                       "dynamic < m",
		"import(`m/${x}`)":                                  "dynamic < m/",
		"import(`m${x}`)":                                   "",
		`const a = await import("m")`:                       "dynamic *=a < m",
		`const {A} = await import("m", {with: {}})`:         "dynamic A < m",
		`type T = import("m").A`:                            "dynamic *=T < m",
		`let x: typeof import("m")`:                         "dynamic < m",
		`import.meta.url`:                                   "",
		`a.import("m")`:                                     "",
		`import a from "\x40p/c"`:                           "static default=a < @p/c",
		`import a from "@p\u002fc"`:                         "static default=a < @p/c",
		`import a from "\u{40}p/c"`:                         "static default=a < @p/c",
		`#!/usr/bin/env node import "x"` + "\nimport \"m\"": "static < m",
		"\uFEFFimport 'm'":                                  "static < m",
	} {
		var got []string
		for _, im := range Read([]byte(src), Dialect{JSX: true}).Imports() {
			got = append(got, describe(im))
		}
		if strings.Join(got, "; ") != want {
			t.Errorf("%s\n got %q\nwant %q", src, strings.Join(got, "; "), want)
		}
	}
}

func TestWhatIsNoCodeHoldsNoImports(t *testing.T) {
	for _, src := range []string{
		`// import a from "m"`,
		`/* import a from "m" */`,
		"/**\n * @example\n * import a from 'm'\n */",
		`const s = "import a from 'm'"`,
		`const s = 'require("m")'`,
		"const s = `import a from 'm'`",
		"const s = `x ${y} import a from 'm' ${z} require('m')`",
		`const r = /import a from "m"/`,
		`const r = x.replace(/require\("m"\)/g, "")`,
		`if (x) /import "m"/.test(y)`,
		`return /["']/.test(x) ? 'import "m"' : 1`,
		`const e = <p>import a from "m"</p>`,
		`const e = <p>don't import a from "m" and don't require("m")</p>`,
		`const e = <code title='require("m")'>x</code>`,
		`const e = <><b/>import "m"</>`,
		`const e = (<A.B x={1} {...y}>it's {z} require("m")</A.B>)`,
		`const e = <div>{/* import "m" */}</div>`,
		`const e = c ? <p>can't</p> : <p>import "m"</p>`,
		`type X = { import: "m", require: "m" }`,
	} {
		if got := Read([]byte(src), Dialect{JSX: true}).Imports(); len(got) > 0 {
			t.Errorf("%s\n got %q", src, describe(got[0]))
		}
	}
}

// What looks like the beginning of a string, a comment, a regular expression or an element must not hide what follows.
func TestCodeBehindLookAlikesIsSeen(t *testing.T) {
	for _, before := range []string{
		`a = b / c; d = e / f;`,
		`a = (b) / c; x = "/";`,
		`a = b[0] / c / d;`,
		`a = b++ / c;`,
		`a = b! / c;`,
		`a = {x: 1} / 2;`,
		`a = /[/"]/; `,
		`a = /\//; `,
		`a = x ? /"/ : /'/;`,
		`if (x) { } /"/.test(y);`,
		"a = `${`${'}'}`}`;",
		"a = `${{a: {b: 1}}.a.b}\"`;",
		"a = `\\``;",
		`a = '\\';`,
		`a = "\"";`,
		`a = "x\` + "\n" + `y";`,
		`a = <T,>(x: T) => x;`,
		`a = <T extends object>(x: T) => x;`,
		`type F = <T>(x: T) => void;`,
		`a = x < y; b = z > w;`,
		`a = f<string>("x");`,
		`a = new Map<string, Array<number>>();`,
		`a = <div>{x < y ? "'" : <b>it's</b>}</div>;`,
		`a = <input disabled value="a>b'" />;`,
		`a = <Foo<Bar> x="y" />;`,
		`a = <p>{"}"}</p>;`,
		`a = x?.5:1;`,
		`a = 1e+5 / 2; b = 0xe+1;`,
		`class A { #b = 1; c() { return this.#b / 2 } }`,
		`a = async <T,>(x: T) => <b>{x}</b>;`,
		`const x = y as any as string / 2;`,
		`label: { } /"/;`,
		`a = b
			/ c / d;`,
		`a = () => {}; /"/.test(a);`,
		`x = "unclosed`,
	} {
		src := before + "\nimport m from 'm'"
		got := Read([]byte(src), Dialect{JSX: true}).Imports()
		if len(got) != 1 || got[0].Specifier != "m" {
			t.Errorf("%s\nhides the import: %v", before, got)
		}
	}
}

func TestTypeAssertionsAreNoElementsInTypeScript(t *testing.T) {
	src := "const a = <any>b; const c = '</any>';\nimport 'm'"
	if got := Read([]byte(src), Dialect{}).Imports(); len(got) != 1 {
		t.Errorf("got %v", got)
	}
}

func TestClassesThatAreMadeOrExtendedAreFound(t *testing.T) {
	for src, want := range map[string]string{
		`new A()`:                               "new A",
		`new A`:                                 "new A",
		`new a.b.C({})`:                         "new a.b.C",
		`new (a.B)()`:                           "new a.B",
		`new A<B, C>()`:                         "new A",
		`class X extends A {}`:                  "extends A",
		`class X<T> extends a.B<T> {}`:          "extends a.B",
		`export default class extends A {}`:     "extends A",
		`interface X extends A {}`:              "",
		`type X<T extends A> = T`:               "",
		`function f<T extends A>(x: T) {}`:      "",
		`a.new(B)`:                              "",
		`// new A()`:                            "",
		"`new A()`":                             "",
		`"new A()"`:                             "",
		`let x: { new(): A }`:                   "",
		`type C = T extends A ? 1 : 2`:          "",
		"export\nclass X\n  extends\n  A {}":    "extends A",
		`const x = new /* why */ A /* not */()`: "new A",
	} {
		var got []string
		for _, u := range Read([]byte(src), Dialect{JSX: true}).Uses() {
			verb := "new "
			if u.Extends {
				verb = "extends "
			}
			got = append(got, verb+strings.Join(u.Path, "."))
		}
		if strings.Join(got, "; ") != want {
			t.Errorf("%s\n got %q\nwant %q", src, strings.Join(got, "; "), want)
		}
	}
}

func FuzzReading(f *testing.F) {
	for _, seed := range []string{
		"import a, {b as c} from 'm'; const x = <A b={`${<C/>}`}>it's {1}</A> / 2",
		"`${`${`", "<a>{<b>{<c>{", "a = /[/]/g", "<T,>(x) => y", "'\\", "{}}])", "require(`a`)",
	} {
		f.Add([]byte(seed), true)
	}
	f.Fuzz(func(t *testing.T, src []byte, jsx bool) {
		s := Read(src, Dialect{JSX: jsx})
		at := 0
		for _, tok := range s.Tokens {
			if tok.Start < at || tok.End <= tok.Start || tok.End > len(src) {
				t.Fatalf("token %+v after offset %d of %d", tok, at, len(src))
			}
			at = tok.End
		}
		for i := 1; i < len(s.Comments); i++ {
			if s.Comments[i].Start < s.Comments[i-1].End {
				t.Fatalf("comments overlap: %+v", s.Comments)
			}
		}
		for _, im := range s.Imports() {
			if im.At.Start < im.Statement.Start || im.At.End > im.Statement.End {
				t.Fatalf("import %+v is outside its statement", im)
			}
		}
		s.Uses()
	})
}
