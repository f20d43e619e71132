#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# linux.netDevices: interfaces of the host move into the container, with their addresses.

load helpers

extra_setup() {
	hull_only
	DEVICE=hull$((RANDOM % 10000))
	ip link add "$DEVICE" type dummy 2>/dev/null || skip "the kernel has no dummy network devices"
	settle
}

# udev gives new devices a hardware address, in its own time.
settle() {
	! command -v udevadm >/dev/null || [ ! -S /run/udev/control ] || udevadm settle --timeout=20
}

extra_teardown() {
	[ -z "$DEVICE" ] || ip link delete "$DEVICE" 2>/dev/null || :
	ip netns delete "$DEVICE" 2>/dev/null || :
}

device() {
	config --arg d "$DEVICE" ".linux.netDevices = {(\$d): $1}"
}

@test "a device moves, is renamed, keeps MTU, hardware and permanent global addresses, and is up (netdev-01, 02, 06, 08)" {
	ip link set "$DEVICE" mtu 1400 address 02:00:00:00:12:34
	ip addr add 192.0.2.7/24 dev "$DEVICE"
	ip addr add 2001:db8::7/64 dev "$DEVICE" nodad
	ip addr add 169.254.9.9/16 scope link dev "$DEVICE"
	device '{name: "eth7"}'
	shell 'ip addr show dev eth7; ip -6 addr show dev eth7'
	run hull run "$ID"
	is "$status" 0
	has "$output" "mtu 1400"
	has "$output" "02:00:00:00:12:34"
	has "$output" "192.0.2.7/24"
	has "$output" "2001:db8::7/64"
	has "$output" ",UP"
	[[ $output != *169.254.9.9* ]]
	[ ! -e "/sys/class/net/$DEVICE" ]
}

@test "without a name it keeps its own; a template lets the kernel choose (netdev-05)" {
	device '{}'
	shell "ip link show dev $DEVICE >/dev/null && echo here"
	run hull run "$ID"
	is "$output" here
	DEVICE=hull$((RANDOM % 10000))
	ip link add "$DEVICE" type dummy
	settle
	device '{name: "abc%d"}'
	shell 'ip link show dev abc0 >/dev/null && echo here'
	run hull run "$ID"
	is "$output" here
}

@test "a device that is not there, and a name that is taken: nothing has moved (netdev-03, 04)" {
	args true
	config '.linux.netDevices = {nosuch0: {}}'
	unchanged hull create "$ID"
	is "$status" 1
	one_line "$output"
	has "$output" "config.json:/linux/netDevices/nosuch0"
	has "$output" "cannot find the interface: no such device"
	device '{name: "lo"}'
	unchanged hull create "$ID"
	is "$status" 1
	one_line "$output"
	has "$output" "config.json:/linux/netDevices/$DEVICE"
	has "$output" "cannot move the interface: file exists"
	ip link show dev "$DEVICE" >/dev/null
	# The first is fine and stays, because the second is not.
	for second in nosuch0 lo; do
		config --arg d "$DEVICE" --arg s "$second" '.linux.netDevices = {($d): {name: "eth0"}, ($s): {name: "eth1"}}'
		unchanged hull create "$ID"
		is "$status" 1
		has "$output" "config.json:/linux/netDevices/$second"
		ip link show dev "$DEVICE" >/dev/null
	done
	config --arg d "$DEVICE" '.linux.netDevices = {($d): {name: "eth0"}, other0: {name: "eth0"}}'
	unchanged hull create "$ID"
	has "$output" "two devices would have the same name"
}

@test "a device that is up and has addresses goes into a namespace that exists, whose names count (netdev-03, 04)" {
	ip netns add "$DEVICE"
	ip -n "$DEVICE" link add taken0 type dummy
	ip addr add 192.0.2.7/24 dev "$DEVICE"
	ip link set "$DEVICE" up
	config --arg p "/run/netns/$DEVICE" '(.linux.namespaces[] | select(.type == "network")).path = $p'
	args true
	device '{name: "taken0"}'
	unchanged hull create "$ID"
	is "$status" 1
	has "$output" "cannot move the interface: file exists"
	ip link show dev "$DEVICE" >/dev/null
	device '{name: "eth0"}'
	hull run "$ID"
	# The namespace is somebody else's: the device stays there, set up, and is left alone (netdev-09, 10).
	has "$(ip -n "$DEVICE" addr show dev eth0)" "192.0.2.7/24"
	has "$(ip -n "$DEVICE" link show dev eth0)" ",UP"
	ip netns delete "$DEVICE"
}

@test "netDevices need a network namespace, and names of interfaces" {
	args true
	device '{}'
	config '.linux.namespaces |= map(select(.type != "network"))'
	unchanged hull create "$ID"
	has "$output" "config.json:/linux/netDevices"
	config '.linux.namespaces += [{type: "network"}]'
	device '{name: "a/b"}'
	unchanged hull create "$ID"
	has "$output" "config.json:/linux/netDevices/$DEVICE/name"
}
