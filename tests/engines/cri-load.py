#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""cri-load.py SOCKET HANDLER CONTAINERS AT_A_TIME SECONDS CGROUP - pods of ten containers each, made, probed and removed.

Every container is probed by ExecSync, once a second where the machine manages that, for SECONDS.  Prints a line of
numbers as JSON: containers, pods, probes, failed (what did not succeed, each told on stderr), seconds of each part."""
import concurrent.futures, json, sys, threading, time
sys.dont_write_bytecode = True
import grpc
from cri import Runtime

socket, handler, count, width, seconds, cgroup = sys.argv[1:]
count, width, seconds = int(count), int(width), float(seconds)
runtime = Runtime(socket)
failed = []


def call(name, request):
    try:
        return runtime.call(name, json.dumps(request))
    except grpc.RpcError as error:
        failed.append(name)
        print(name, error.code().name, error.details(), file=sys.stderr)
        return None


def pod(number):
    config = {"metadata": {"name": "%s-%d" % (handler, number), "uid": "%s-%d" % (handler, number), "namespace": "load"},
              "linux": {"cgroup_parent": cgroup, "security_context": {"namespace_options": {"network": 2}}}}
    answer = call("RunPodSandbox", {"config": config, "runtime_handler": handler})
    return answer and (answer["pod_sandbox_id"], config)


def container(pods, number):
    if not pods[number % len(pods)]:
        return None
    sandbox, config = pods[number % len(pods)]
    answer = call("CreateContainer", {"pod_sandbox_id": sandbox, "sandbox_config": config, "config": {
        "metadata": {"name": "c%d" % number}, "image": {"image": "local/pause:1"}, "command": ["sleep", "1000000"],
        "linux": {"resources": {"memory_limit_in_bytes": 64 << 20, "cpu_shares": 100, "oom_score_adj": 1000}}}})
    if not answer or call("StartContainer", {"container_id": answer["container_id"]}) is None:
        return None
    return answer["container_id"]


def probe(one):
    answer = call("ExecSync", {"container_id": one, "cmd": ["true"], "timeout": 60})
    if answer and answer["exit_code"]:
        failed.append("probe")


def remove(one):
    call("StopContainer", {"container_id": one})
    call("RemoveContainer", {"container_id": one})


def remove_pod(one):
    call("StopPodSandbox", {"pod_sandbox_id": one[0]})
    call("RemovePodSandbox", {"pod_sandbox_id": one[0]})


def main():
    took, probes = {}, 0
    with concurrent.futures.ThreadPoolExecutor(width) as pool:
        begun = time.monotonic()
        pods = list(pool.map(pod, range((count + 9) // 10)))
        containers = [one for one in pool.map(lambda n: container(pods, n), range(count)) if one]
        took["create"] = time.monotonic() - begun
        begun = time.monotonic()
        while time.monotonic() - begun < seconds:
            round_begun = time.monotonic()
            list(pool.map(probe, containers))
            probes += len(containers)
            time.sleep(max(0, round_begun + 1 - time.monotonic()))
        took["probe"] = time.monotonic() - begun
        begun = time.monotonic()
        list(pool.map(remove, containers))
        list(pool.map(remove_pod, [one for one in pods if one]))
        took["remove"] = time.monotonic() - begun
    print(json.dumps({"containers": len(containers), "pods": len([one for one in pods if one]), "probes": probes,
                      "failed": len(failed), **{part: round(value, 1) for part, value in took.items()}}))


main()
