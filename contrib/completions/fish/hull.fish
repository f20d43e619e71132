# fish completion for hull, printed by hull from its command table (make update-docs)

function __hull_ids
	set -l words (commandline -opc)
	set -l at (contains -i -- --root $words)
	if test -n "$at"
		hull --root $words[(math $at + 1)] list --quiet 2>/dev/null
	else
		hull list --quiet 2>/dev/null
	end
end

complete -c hull -f
complete -c hull -n '__fish_use_subcommand' -l root -r -a '(__fish_complete_directories)' -d 'Directory of the containers\' states'
complete -c hull -n '__fish_use_subcommand' -l log -r -d 'Write errors and, as --log-level asks, more to DEST as well: a file (PATH or file:PATH, appended to), journald:ID or syslog:ID'
complete -c hull -n '__fish_use_subcommand' -l log-format -r -a 'text json' -d 'Format of the log file'
complete -c hull -n '__fish_use_subcommand' -l log-level -r -a 'error warning info debug' -d 'Least important messages that are written to the log'
complete -c hull -n '__fish_use_subcommand' -l debug -d 'Log everything, as each step of a container\'s start with its time: to --log, or without it to stderr'
complete -c hull -n '__fish_use_subcommand' -l systemd-cgroup -d 'The same as --cgroup-manager=systemd'
complete -c hull -n '__fish_use_subcommand' -l cgroup-manager -r -a 'cgroupfs systemd disabled' -d 'Who makes the container\'s cgroup: hull itself (cgroupfs, the default), systemd (as a transient unit; cgroupsPath is slice:prefix:name then) or nobody (disabled: the container stays in the caller\'s cgroup)'
complete -c hull -n '__fish_use_subcommand' -l rootless -d 'Whether a container without cgroupsPath and without limits may stay in the caller\'s cgroup where the caller has no right to make one'
complete -c hull -n '__fish_use_subcommand' -l version -s v -s V -d 'Print the version, the commit and the version of the OCI runtime specification'
complete -c hull -n '__fish_use_subcommand' -l help -s h -d 'Print a short description'
complete -c hull -n __fish_use_subcommand -a create -d 'make a container that waits for start'
complete -c hull -n __fish_use_subcommand -a delete -d 'remove a container that has stopped'
complete -c hull -n __fish_use_subcommand -a exec -d 'run a further process in a container'
complete -c hull -n __fish_use_subcommand -a features -d 'print what this release supports, as JSON'
complete -c hull -n __fish_use_subcommand -a help -d 'explain hull or a command'
complete -c hull -n __fish_use_subcommand -a kill -d 'send a signal to a container'
complete -c hull -n __fish_use_subcommand -a list -d 'print the containers of the state root'
complete -c hull -n __fish_use_subcommand -a pause -d 'freeze all processes of a container'
complete -c hull -n __fish_use_subcommand -a ps -d 'list the processes of a container'
complete -c hull -n __fish_use_subcommand -a resume -d 'let the processes of a paused container go on'
complete -c hull -n __fish_use_subcommand -a run -d 'create a container, start it, and wait for its end'
complete -c hull -n __fish_use_subcommand -a seccomp -d 'print what a seccomp profile compiles to'
complete -c hull -n __fish_use_subcommand -a spec -d 'write a default config.json'
complete -c hull -n __fish_use_subcommand -a start -d 'run the program of a created container'
complete -c hull -n __fish_use_subcommand -a state -d 'print a container\'s state as JSON'
complete -c hull -n __fish_use_subcommand -a validate -d 'print all faults of a bundle\'s configuration'
complete -c hull -n '__fish_seen_subcommand_from create' -l bundle -s b -r -a '(__fish_complete_directories)' -d 'Directory of the bundle, which holds config.json'
complete -c hull -n '__fish_seen_subcommand_from create' -l config -s f -r -F -d 'Name of the configuration in the bundle'
complete -c hull -n '__fish_seen_subcommand_from create' -l console-socket -r -F -d 'Unix socket that receives the master end of the container\'s terminal'
complete -c hull -n '__fish_seen_subcommand_from create' -l pidfd-socket -r -F -d 'Unix socket that receives a pidfd of the container\'s init process'
complete -c hull -n '__fish_seen_subcommand_from create' -l pid-file -r -F -d 'Write the process id of the container\'s init process to FILE: digits alone, no newline'
complete -c hull -n '__fish_seen_subcommand_from create' -l no-pivot -d 'Move the root mount and chroot instead of pivot_root, for hosts whose root is an initramfs'
complete -c hull -n '__fish_seen_subcommand_from create' -l no-new-keyring -d 'Keep the caller\'s session keyring instead of joining a new one'
complete -c hull -n '__fish_seen_subcommand_from create' -l preserve-fds -r -d 'Pass N more descriptors, from 3 on (or behind those of LISTEN_FDS), to the container'
complete -c hull -n '__fish_seen_subcommand_from create' -l trace -r -F -d 'Write to FILE where the time goes, as a trace of Chrome\'s format; with - draw it as bars to stderr'
complete -c hull -n '__fish_seen_subcommand_from create' -l help -s h -d 'Print a short description'
complete -c hull -n '__fish_seen_subcommand_from create' -a '(__hull_ids)' -d container
complete -c hull -n '__fish_seen_subcommand_from delete' -l force -s f -d 'Kill the container if it has not stopped'
complete -c hull -n '__fish_seen_subcommand_from delete' -l regex -s r -d 'ID is an extended regular expression: delete all containers whose id matches'
complete -c hull -n '__fish_seen_subcommand_from delete' -l trace -r -F -d 'Write to FILE where the time goes, as a trace of Chrome\'s format; with - draw it as bars to stderr'
complete -c hull -n '__fish_seen_subcommand_from delete' -l help -s h -d 'Print a short description'
complete -c hull -n '__fish_seen_subcommand_from delete' -a '(__hull_ids)' -d container
complete -c hull -n '__fish_seen_subcommand_from exec' -l process -s p -r -F -d 'Read the process from FILE, an object as "process" in config.json; what it leaves out is the container\'s'
complete -c hull -n '__fish_seen_subcommand_from exec' -l console-socket -r -F -d 'Unix socket that receives the master end of the process\'s terminal'
complete -c hull -n '__fish_seen_subcommand_from exec' -l pidfd-socket -r -F -d 'Unix socket that receives a pidfd of the process'
complete -c hull -n '__fish_seen_subcommand_from exec' -l pid-file -r -F -d 'Write the process id to FILE: digits alone, no newline'
complete -c hull -n '__fish_seen_subcommand_from exec' -l detach -s d -d 'Return as soon as the program runs, and leave the process to the caller'
complete -c hull -n '__fish_seen_subcommand_from exec' -l tty -s t -d 'Give the process a terminal'
complete -c hull -n '__fish_seen_subcommand_from exec' -l cwd -r -a '(__fish_complete_directories)' -d 'Working directory in the container'
complete -c hull -n '__fish_seen_subcommand_from exec' -l env -s e -r -d 'Set or replace a variable of the container\'s environment'
complete -c hull -n '__fish_seen_subcommand_from exec' -l user -s u -r -d 'User and group, as numbers'
complete -c hull -n '__fish_seen_subcommand_from exec' -l additional-gids -s g -r -d 'A further group, as a number'
complete -c hull -n '__fish_seen_subcommand_from exec' -l cap -s c -r -d 'A further capability (CAP_NET_ADMIN)'
complete -c hull -n '__fish_seen_subcommand_from exec' -l apparmor -r -d 'AppArmor profile of the process'
complete -c hull -n '__fish_seen_subcommand_from exec' -l process-label -r -d 'SELinux label of the process'
complete -c hull -n '__fish_seen_subcommand_from exec' -l no-new-privs -d 'Set, or with =false do not set, that the process can gain no privileges'
complete -c hull -n '__fish_seen_subcommand_from exec' -l cgroup -r -d 'Cgroup below the container\'s own, which must exist'
complete -c hull -n '__fish_seen_subcommand_from exec' -l preserve-fds -r -d 'Pass N more descriptors, from 3 on, to the process'
complete -c hull -n '__fish_seen_subcommand_from exec' -l ignore-paused -d 'Do not refuse a paused container: the process starts when it is resumed'
complete -c hull -n '__fish_seen_subcommand_from exec' -l trace -r -F -d 'Write to FILE where the time goes, as a trace of Chrome\'s format; with - draw it as bars to stderr'
complete -c hull -n '__fish_seen_subcommand_from exec' -l help -s h -d 'Print a short description'
complete -c hull -n '__fish_seen_subcommand_from exec' -a '(__hull_ids)' -d container
complete -c hull -n '__fish_seen_subcommand_from features' -l help -s h -d 'Print a short description'
complete -c hull -n '__fish_seen_subcommand_from help' -l help -s h -d 'Print a short description'
complete -c hull -n '__fish_seen_subcommand_from kill' -l all -s a -d 'Signal every process of the container'
complete -c hull -n '__fish_seen_subcommand_from kill' -l regex -s r -d 'ID is an extended regular expression: signal all containers whose id matches'
complete -c hull -n '__fish_seen_subcommand_from kill' -l help -s h -d 'Print a short description'
complete -c hull -n '__fish_seen_subcommand_from kill' -a '(__hull_ids)' -d container
complete -c hull -n '__fish_seen_subcommand_from kill' -a 'TERM KILL HUP INT QUIT USR1 USR2 STOP CONT' -d signal
complete -c hull -n '__fish_seen_subcommand_from list' -l format -s f -r -a 'table json' -d 'Print a table for people, or an array of state documents'
complete -c hull -n '__fish_seen_subcommand_from list' -l quiet -s q -d 'Print the ids only, one a line'
complete -c hull -n '__fish_seen_subcommand_from list' -l help -s h -d 'Print a short description'
complete -c hull -n '__fish_seen_subcommand_from pause' -l help -s h -d 'Print a short description'
complete -c hull -n '__fish_seen_subcommand_from pause' -a '(__hull_ids)' -d container
complete -c hull -n '__fish_seen_subcommand_from ps' -l format -s f -r -a 'table json' -d 'Print the table of ps(1), or an array of process ids'
complete -c hull -n '__fish_seen_subcommand_from ps' -l help -s h -d 'Print a short description'
complete -c hull -n '__fish_seen_subcommand_from ps' -a '(__hull_ids)' -d container
complete -c hull -n '__fish_seen_subcommand_from resume' -l help -s h -d 'Print a short description'
complete -c hull -n '__fish_seen_subcommand_from resume' -a '(__hull_ids)' -d container
complete -c hull -n '__fish_seen_subcommand_from run' -l bundle -s b -r -a '(__fish_complete_directories)' -d 'Directory of the bundle, which holds config.json'
complete -c hull -n '__fish_seen_subcommand_from run' -l config -s f -r -F -d 'Name of the configuration in the bundle'
complete -c hull -n '__fish_seen_subcommand_from run' -l console-socket -r -F -d 'Unix socket that receives the master end of the container\'s terminal'
complete -c hull -n '__fish_seen_subcommand_from run' -l pidfd-socket -r -F -d 'Unix socket that receives a pidfd of the container\'s init process'
complete -c hull -n '__fish_seen_subcommand_from run' -l pid-file -r -F -d 'Write the process id of the container\'s init process to FILE: digits alone, no newline'
complete -c hull -n '__fish_seen_subcommand_from run' -l no-pivot -d 'Move the root mount and chroot instead of pivot_root, for hosts whose root is an initramfs'
complete -c hull -n '__fish_seen_subcommand_from run' -l no-new-keyring -d 'Keep the caller\'s session keyring instead of joining a new one'
complete -c hull -n '__fish_seen_subcommand_from run' -l preserve-fds -r -d 'Pass N more descriptors, from 3 on (or behind those of LISTEN_FDS), to the container'
complete -c hull -n '__fish_seen_subcommand_from run' -l trace -r -F -d 'Write to FILE where the time goes, as a trace of Chrome\'s format; with - draw it as bars to stderr'
complete -c hull -n '__fish_seen_subcommand_from run' -l detach -s d -d 'Return as soon as the program runs, and leave the container to the caller'
complete -c hull -n '__fish_seen_subcommand_from run' -l keep -d 'Do not delete the container when it ends'
complete -c hull -n '__fish_seen_subcommand_from run' -l no-subreaper -d 'Do not adopt processes that lose their parent in the container\'s session'
complete -c hull -n '__fish_seen_subcommand_from run' -l help -s h -d 'Print a short description'
complete -c hull -n '__fish_seen_subcommand_from run' -a '(__hull_ids)' -d container
complete -c hull -n '__fish_seen_subcommand_from seccomp' -l format -s f -r -a 'table json' -d 'How to print it'
complete -c hull -n '__fish_seen_subcommand_from seccomp' -l help -s h -d 'Print a short description'
complete -c hull -n '__fish_seen_subcommand_from spec' -l bundle -s b -r -a '(__fish_complete_directories)' -d 'Directory to write to'
complete -c hull -n '__fish_seen_subcommand_from spec' -l file -s f -r -F -d 'Name of the file'
complete -c hull -n '__fish_seen_subcommand_from spec' -l rootless -d 'Write a configuration for a user who is not root: the calling user becomes root in a user namespace'
complete -c hull -n '__fish_seen_subcommand_from spec' -l help -s h -d 'Print a short description'
complete -c hull -n '__fish_seen_subcommand_from start' -l trace -r -F -d 'Write to FILE where the time goes, as a trace of Chrome\'s format; with - draw it as bars to stderr'
complete -c hull -n '__fish_seen_subcommand_from start' -l help -s h -d 'Print a short description'
complete -c hull -n '__fish_seen_subcommand_from start' -a '(__hull_ids)' -d container
complete -c hull -n '__fish_seen_subcommand_from state' -l help -s h -d 'Print a short description'
complete -c hull -n '__fish_seen_subcommand_from state' -a '(__hull_ids)' -d container
complete -c hull -n '__fish_seen_subcommand_from validate' -l config -s f -r -F -d 'Name of the configuration in the bundle'
complete -c hull -n '__fish_seen_subcommand_from validate' -l format -r -a 'text json' -d 'Print lines as compilers do, or one JSON object'
complete -c hull -n '__fish_seen_subcommand_from validate' -l host -d 'Look also whether this host, and the caller\'s rights on it, have what the configuration asks for'
complete -c hull -n '__fish_seen_subcommand_from validate' -l strict -d 'Warnings count as errors in the exit status'
complete -c hull -n '__fish_seen_subcommand_from validate' -l help -s h -d 'Print a short description'
