# Sourced by the shell tests: one line per case, and a last line that counts.
# Cases are functions or commands; what they print is shown when they fail.

passed=0
failed=0
skipped=0

# pass NAME
pass()
{
	passed=$((passed + 1))
	echo "ok      $1"
}

# fail NAME [OUTPUT]
fail()
{
	failed=$((failed + 1))
	echo "FAILED  $1"
	[ -z "${2:-}" ] || printf '%s\n' "$2" | sed 's/^/        /'
}

# skip NAME REASON
skip()
{
	skipped=$((skipped + 1))
	echo "SKIPPED $1: $2"
}

# try NAME COMMAND...
try()
{
	try_name=$1
	shift
	if try_output=$("$@" 2>&1); then
		pass "$try_name"
	else
		fail "$try_name" "$try_output"
	fi
}

# finish RUNNER: the last command of a test script
finish()
{
	echo "$1: $passed passed, $failed failed, $skipped skipped"
	[ "$failed" = 0 ]
}
