# Every option of every command is in ringctl.1 and in the bash completion,
# and the completion offers nothing that is not there.
. "$CLI_DIR/lib.sh"
root=$CLI_DIR/../..
sed 's/\\-/-/g' "$root/docs/ringctl.1" >man
for command in create info produce consume dump suspend resume check \
	'consumer add' 'consumer remove' 'consumer list' erase watch \
	'journal push' 'journal run' 'journal status' torture bench; do
	ringctl $command --help | sed -n 's/^  \(--[a-z-]*\).*/\1/p' | sort \
		>options
	for option in $(cat options); do
		grep -q -e "$option" man ||
			echo "$command: $option is not in ringctl.1"
	done
	bash -c '. "$1"; _ringctl_options "$2"' - \
		"$root/tools/completion/ringctl.bash" "$command" |
		tr ' ' '\n' | sort | diff options - ||
		echo "completion of $command differs"
	grep -q "ringctl $command" man || echo "$command is not in ringctl.1"
done
