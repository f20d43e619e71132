// SPDX-License-Identifier: LGPL-2.1-or-later

// Package tap prints the Test Anything Protocol for OCI runtime-tools.  It stands in for
// github.com/mndrix/tap-go, which Debian does not have: the same names, as far as runtime-tools
// uses them, written anew.  What runtime-tools prints through it is what its verdict is read from.
package tap

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

// T counts the cases of one program.
type T struct {
	count  *int
	todo   bool
	Writer io.Writer
}

// New returns a T that prints to stdout and has counted nothing.
func New() *T {
	return &T{count: new(int), Writer: os.Stdout}
}

func (t *T) print(format string, values ...interface{}) {
	fmt.Fprintf(t.Writer, format, values...)
}

// Header prints the version and, where the number of cases is known, the plan.
func (t *T) Header(cases int) {
	t.print("TAP version 13\n")
	if cases > 0 {
		t.print("1..%d\n", cases)
	}
}

// AutoPlan prints the plan behind the cases.
func (t *T) AutoPlan() {
	t.print("1..%d\n", *t.count)
}

// Ok is a case that passed or failed.
func (t *T) Ok(passed bool, description string) {
	verdict, directive := "ok", ""
	if !passed {
		verdict = "not ok"
	}
	if t.todo {
		directive = " # TODO"
	}
	*t.count++
	t.print("%s %d%s - %s\n", verdict, *t.count, directive, oneLine(description))
}

// Pass is a case that passed.
func (t *T) Pass(description string) { t.Ok(true, description) }

// Fail is a case that failed.
func (t *T) Fail(description string) { t.Ok(false, description) }

// Skip counts cases that do not apply.
func (t *T) Skip(cases int, description string) {
	for ; cases > 0; cases-- {
		*t.count++
		t.print("ok %d # SKIP %s\n", *t.count, oneLine(description))
	}
}

// Todo returns a T of the same count whose failures are expected.
func (t *T) Todo() *T {
	other := *t
	other.todo = true
	return &other
}

// Diagnostic prints a remark.
func (t *T) Diagnostic(text string) {
	t.print("# %s\n", strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n# "))
}

// Diagnosticf prints a remark.
func (t *T) Diagnosticf(format string, values ...interface{}) {
	t.Diagnostic(fmt.Sprintf(format, values...))
}

// YAML prints a value behind the case that it explains, as JSON, which is YAML.
func (t *T) YAML(value interface{}) error {
	text, err := json.MarshalIndent(value, "  ", "  ")
	if err != nil {
		return err
	}
	t.print("  ---\n  %s\n  ...\n", text)
	return nil
}

func oneLine(text string) string {
	return strings.ReplaceAll(text, "\n", " ")
}
