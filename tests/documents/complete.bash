# SPDX-License-Identifier: LGPL-2.1-or-later
# complete.bash - what the bash completion offers, word for word, with a fake hull and without a terminal.
. "$HULL_COMPLETION"
failed=0

hull() { [[ $1 == --root ]] && echo "c1 at-$2" || echo c1 c2; }
compopt() { :; }

# offers EXPECTED WORD...: the last word is the one under the cursor; bash splits at "="
offers() {
	local expected=$1
	shift
	COMP_WORDS=(hull "$@")
	COMP_CWORD=$#
	COMPREPLY=()
	_hull
	[[ ${COMPREPLY[*]} == "$expected" ]] && return
	echo "hull $*: expected '$expected', got '${COMPREPLY[*]}'"
	failed=1
}

offers "start state" st
offers "--log --log-format --log-level" --lo
offers "text json" --log-format ''
offers json --log-format = j
offers "c1 c2" start ''
offers "" start c1 ''
offers "c1 at-/x" --root /x kill ''
offers "c1 at-/x" -root = /x kill ''
offers SIGKILL kill c1 SIGKI
offers "--bundle" create --bu
offers "/usr" create --bundle /us
offers "/usr" run -b /us
offers "table json" list -f ''
offers table --debug = true list --format = t
offers "start state" help st
exit $failed
