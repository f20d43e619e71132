# SPDX-License-Identifier: LGPL-2.1-or-later
"""The bundles of differential: base.json of the integration tests, each with a change.  Those of this table are compared by
every check; those of bundles.tsv and configs.tsv, whose changes are filters of jq, by check --all."""
import copy, csv, functools, json, os, subprocess

HERE = os.path.dirname(os.path.abspath(__file__))

BUNDLES = []


def bundle(name, change=None, *, words=(), options=(), paths=(), exec=None, fds=0, env=None, umask=0o022, core=True,
           refused=False, ids=(), terminal=False):
    """A row of the table: change edits the config, paths go to the probe.  refused: no container comes of it, because of the
    rows ids of the specification."""
    BUNDLES.append(dict(name=name, change=change, words=list(words), options=list(options), paths=list(paths), exec=exec, fds=fds,
                        env=env or {}, umask=umask, core=core, refused=refused, ids=list(ids), terminal=terminal))


@functools.lru_cache(maxsize=None)
def jq(program, text):
    return subprocess.run(["jq", "-c", program], input=text, stdout=subprocess.PIPE, text=True, check=True).stdout


def filtered(program):
    """A change by a filter of jq, which sees the config."""
    def change(config):
        changed = json.loads(jq(program, json.dumps(config)))
        config.clear()
        config.update(changed)
    return change


def setter(path, value):
    def change(config):
        at = config
        *most, last = path.split("/")
        for word in most:
            at = at[int(word)] if isinstance(at, list) else at.setdefault(word, {})
        if value is None:
            at.pop(last, None)
        else:
            at[last] = value
    return change


def all_of(*changes):
    def change(config):
        for one in changes:
            one(config)
    return change


def mount(destination, source, kind="none", *options):
    return lambda config: config["mounts"].append(
        {"destination": destination, "type": kind, "source": source, "options": list(options)})


def user(uid, gid, **more):
    return setter("process/user", dict(uid=uid, gid=gid, **more))


def caps(*names, sets=("bounding", "effective", "permitted")):
    return setter("process/capabilities", {s: ["CAP_" + n for n in names] for s in sets})


def without(*types):
    def change(config):
        config["linux"]["namespaces"] = [n for n in config["linux"]["namespaces"] if n["type"] not in types]
        if "uts" in types:
            config.pop("hostname", None)
    return change


def unmount(*destinations):
    def change(config):
        config["mounts"] = [m for m in config["mounts"] if m["destination"] not in destinations]
    return change


def add_namespace(kind, **more):
    return lambda config: config["linux"]["namespaces"].append(dict(type=kind, **more))


def user_namespace(config):
    add_namespace("user")(config)
    for key in ("uidMappings", "gidMappings"):
        config["linux"][key] = [{"containerID": 0, "hostID": 200000, "size": 65536}]


def device(path, kind, major=None, minor=None, **more):
    def change(config):
        entry = dict(path=path, type=kind, **more)
        if major is not None:
            entry.update(major=major, minor=minor)
        config["linux"].setdefault("devices", []).append(entry)
    return change


def seccomp(**profile):
    return setter("linux/seccomp", profile)


ROOT_CAPS = ["AUDIT_WRITE", "KILL", "NET_BIND_SERVICE"]
ALL_SETS = ("bounding", "effective", "permitted", "inheritable", "ambient")
HOST = "HOST"  # stands for the directory of bind sources

# ---- the table ----

bundle("base")
# the user
bundle("user-1000", user(1000, 1000))
bundle("user-groups", user(1000, 1000, additionalGids=[5, 7, 100, 4000]))
bundle("user-root-group-7", user(0, 7))
bundle("user-root-groups", user(0, 0, additionalGids=[0, 7, 7]))
bundle("user-high", user(4000000000, 4000000001))
bundle("umask-0027", user(0, 0, umask=0o027))
bundle("umask-0777", user(1000, 1000, umask=0o777))
bundle("umask-of-caller", umask=0o077)
# capabilities
bundle("caps-absent", setter("process/capabilities", None))
bundle("caps-absent-user", all_of(setter("process/capabilities", None), user(1000, 1000)))
bundle("caps-empty", caps(sets=ALL_SETS))
bundle("caps-inheritable", caps(*ROOT_CAPS, sets=ALL_SETS[:4]))
bundle("caps-ambient-user", all_of(caps(*ROOT_CAPS, sets=ALL_SETS), user(1000, 1000)))
bundle("caps-user-no-ambient", all_of(caps(*ROOT_CAPS), user(1000, 1000)))
bundle("caps-bounding-only", setter("process/capabilities", {"bounding": ["CAP_CHOWN", "CAP_KILL"]}))
bundle("caps-effective-less", setter("process/capabilities", {
    "bounding": ["CAP_CHOWN", "CAP_KILL"], "permitted": ["CAP_CHOWN", "CAP_KILL"], "effective": ["CAP_KILL"]}))
bundle("caps-many", caps("CHOWN", "DAC_OVERRIDE", "FSETID", "FOWNER", "MKNOD", "NET_RAW", "SETGID", "SETUID", "SETFCAP", "SETPCAP",
                         "NET_BIND_SERVICE", "SYS_CHROOT", "KILL", "AUDIT_WRITE"))
bundle("new-privileges", setter("process/noNewPrivileges", False))
bundle("new-privileges-user", all_of(setter("process/noNewPrivileges", False), user(1000, 1000)))
# limits and scores
bundle("rlimits-absent", setter("process/rlimits", None))
bundle("rlimits-many", setter("process/rlimits", [
    {"type": "RLIMIT_" + t, "soft": s, "hard": h} for t, s, h in (
        ("NOFILE", 100, 200), ("CORE", 0, 0), ("NPROC", 50, 60), ("STACK", 1 << 20, 8 << 20), ("CPU", 3600, 7200),
        ("FSIZE", 1 << 30, 1 << 31), ("MEMLOCK", 4096, 65536), ("DATA", 1 << 33, 1 << 34), ("MSGQUEUE", 1000, 2000))]))
bundle("rlimit-infinity", setter("process/rlimits", [{"type": "RLIMIT_AS", "soft": 1 << 40, "hard": (1 << 64) - 1}]))
bundle("oom-500", setter("process/oomScoreAdj", 500))
bundle("oom-0", setter("process/oomScoreAdj", 0))
# environment, arguments, working directory
bundle("env-absent", setter("process/env", None))
bundle("env-home", setter("process/env", ["HOME=/somewhere", "PATH=/"]))
bundle("env-home-empty", setter("process/env", ["HOME=", "PATH=/"]))
bundle("env-home-of-user", all_of(user(1000, 1000), setter("process/env", ["PATH=/"])))
bundle("env-home-unknown", all_of(user(1234, 1), setter("process/env", ["PATH=/"])))
bundle("env-twice", setter("process/env", ["PATH=/", "A=1", "B=", "A=2", "C=x=y"]))
bundle("args-search", setter("process/env", ["PATH=/nowhere:/bin:/"]), words=["probe", "", "an argument"])
bundle("args-relative", setter("process/cwd", "/data"), words=["../probe"])
bundle("cwd-data", setter("process/cwd", "/data"))
bundle("cwd-missing", setter("process/cwd", "/not/there"), paths=["/not", "/not/there"])
bundle("cwd-link", setter("process/cwd", "/link"))
bundle("cwd-closed", all_of(setter("process/cwd", "/closed"), user(1000, 1000)))
# namespaces
bundle("ns-no-pid", without("pid"))
bundle("ns-no-network", without("network"))
bundle("ns-no-ipc", all_of(without("ipc"), unmount("/dev/mqueue")))
bundle("ns-no-uts", without("uts"))
bundle("ns-no-cgroup", without("cgroup"))
bundle("ns-join-network", all_of(without("network"), add_namespace("network", path="/proc/self/ns/net")))
bundle("ns-user", user_namespace)
bundle("ns-user-1000", all_of(user_namespace, user(1000, 1000)))
bundle("ns-user-caps", all_of(user_namespace, caps("CHOWN", "SYS_ADMIN", "NET_ADMIN", sets=ALL_SETS)))
bundle("hostname-long", setter("hostname", "h" * 64))
bundle("domainname", setter("domainname", "example.org"))
# the root
bundle("root-writable", setter("root/readonly", False), paths=["write:/", "write:/data"])
bundle("root-read-only", paths=["write:/", "write:/data", "write:/dev", "write:/tmp"])
for word in ("private", "slave", "shared", "unbindable", "rprivate", "rslave", "rshared"):
    bundle("propagation-" + word, setter("linux/rootfsPropagation", word))
# mounts
bundle("bind", mount("/data/b", HOST, "none", "bind"), paths=["list:/data/b", "write:/data/b"])
bundle("bind-ro", mount("/data/b", HOST, "bind", "bind", "ro"), paths=["write:/data/b", "list:/data/b"])
bundle("bind-flags", mount("/data/b", HOST, "bind", "rbind", "nosuid", "nodev", "noexec", "noatime", "rw"))
bundle("bind-file", mount("/etc/hosts", HOST + "/file", "bind", "rbind", "rprivate", "ro"), paths=["/etc/hosts", "read:/etc/hosts"])
bundle("bind-private", mount("/data/b", HOST, "bind", "rbind", "rprivate"))
bundle("bind-slave", mount("/data/b", HOST, "bind", "rbind", "rslave"))
bundle("bind-shared", mount("/data/b", HOST, "bind", "rbind", "rshared"))
bundle("bind-through-link", mount("/link/b", HOST, "bind", "bind"), paths=["list:/data/b", "/link"])
bundle("bind-of-link", mount("/data/b", HOST + "/link-to-dir", "bind", "bind"), paths=["list:/data/b"])
bundle("bind-relative", mount("data/b", HOST, "bind", "bind"), paths=["list:/data/b"])
bundle("tmpfs", mount("/data/t", "tmpfs", "tmpfs", "size=1m", "mode=1770", "uid=7", "gid=8", "nosuid"), paths=["/data/t"])
bundle("tmpfs-plain", mount("/data/t", "tmpfs", "tmpfs"), paths=["/data/t", "write:/data/t"])
bundle("tmpfs-ro", mount("/data/t", "tmpfs", "tmpfs", "ro", "noexec"), paths=["write:/data/t"])
bundle("tmpfs-copy", mount("/data/full", "tmpfs", "tmpfs", "tmpcopyup"), paths=["list:/data/full"])
bundle("mounts-nested", all_of(mount("/data/t", "tmpfs", "tmpfs"), mount("/data/t/in/side", HOST, "bind", "bind", "ro")),
       paths=["list:/data/t", "list:/data/t/in/side"])
bundle("mounts-over", all_of(mount("/data/t", "tmpfs", "tmpfs", "mode=700"), mount("/data/t", "tmpfs", "tmpfs", "mode=711")),
       paths=["/data/t"])
bundle("mounts-few", lambda c: c.update(mounts=c["mounts"][:1]), paths=["/dev/null"])
bundle("proc-hidepid", lambda c: c["mounts"][0].update(options=["hidepid=2", "nosuid", "nodev", "noexec"]))
bundle("sys-writable", lambda c: c["mounts"][5].update(options=["nosuid", "noexec", "nodev"]))
bundle("cgroup-writable", lambda c: c["mounts"][6].update(options=["nosuid", "noexec", "nodev", "relatime"]))
bundle("cgroup-absent", unmount("/sys/fs/cgroup"))
bundle("atime", all_of(mount("/data/a", "tmpfs", "tmpfs", "strictatime"), mount("/data/b", "tmpfs", "tmpfs", "noatime"),
                       mount("/data/c", "tmpfs", "tmpfs", "relatime", "nodiratime")))
# devices
bundle("device-character", device("/dev/mine", "c", 1, 3, fileMode=0o640, uid=7, gid=8))
bundle("device-default-mode", device("/dev/mine", "c", 1, 3))
bundle("device-deep", device("/dev/a/b/mine", "c", 1, 5, fileMode=0o600), paths=["/dev/a", "/dev/a/b", "/dev/a/b/mine"])
bundle("device-block", device("/dev/disk", "b", 7, 77, fileMode=0o660))
bundle("device-fifo", device("/dev/pipe", "p", fileMode=0o622))
bundle("device-outside-dev", all_of(setter("root/readonly", False), device("/data/mine", "c", 1, 7, fileMode=0o666)), paths=["/data/mine"])
bundle("device-again", device("/dev/null", "c", 1, 3, fileMode=0o600, uid=1))
# masks, read-only paths, sysctls
bundle("masked", setter("linux/maskedPaths", ["/data/full", "/data/full/file", "/etc/passwd", "/not/there"]),
       paths=["list:/data/full", "read:/etc/passwd", "/etc/passwd", "/data/full"])
bundle("readonly-paths", all_of(setter("root/readonly", False), setter("linux/readonlyPaths", ["/data/full", "/etc/passwd", "/not/there"])),
       paths=["write:/data/full", "write:/data", "write:/etc/passwd"])
bundle("masks-absent", all_of(setter("linux/maskedPaths", None), setter("linux/readonlyPaths", None)))
bundle("sysctl", setter("linux/sysctl", {"net.ipv4.ip_forward": "1", "kernel.shmmax": "1234567", "fs.mqueue.msg_max": "17"}),
       paths=["read:/proc/sys/net/ipv4/ip_forward", "read:/proc/sys/kernel/shmmax", "read:/proc/sys/fs/mqueue/msg_max"])
# seccomp
ALLOW, ERRNO = "SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO"
bundle("seccomp", seccomp(defaultAction=ALLOW, syscalls=[{"names": ["acct"], "action": ERRNO}]))
bundle("seccomp-user", all_of(user(1000, 1000), setter("process/noNewPrivileges", False),
                              seccomp(defaultAction=ALLOW, syscalls=[{"names": ["acct"], "action": ERRNO}])))
bundle("seccomp-errno", seccomp(defaultAction=ALLOW, syscalls=[{"names": ["capget", "getpriority"], "action": ERRNO, "errnoRet": 95},
                                                             {"names": ["personality"], "action": ERRNO}]))
bundle("seccomp-args", seccomp(defaultAction=ALLOW, syscalls=[
    {"names": ["prctl"], "action": ERRNO, "errnoRet": 12, "args": [{"index": 0, "value": 39, "op": "SCMP_CMP_EQ"}]}]))
# resources
bundle("memory", setter("linux/resources/memory", {"limit": 1 << 28}), paths=["read:/sys/fs/cgroup/memory/memory.limit_in_bytes"])
bundle("pids", setter("linux/resources/pids", {"limit": 33}), paths=["read:/sys/fs/cgroup/pids/pids.max"])
bundle("cpu", setter("linux/resources/cpu", {"shares": 512, "quota": 50000, "period": 100000}),
       paths=["read:/sys/fs/cgroup/cpu/cpu.shares", "read:/sys/fs/cgroup/cpu/cpu.cfs_quota_us"])
bundle("cpuset", setter("linux/resources/cpu", {"cpus": "0", "mems": "0"}))
# options of the command line
bundle("preserve-fds", options=["--preserve-fds", "2"], fds=2)
bundle("listen-fds", fds=1, env={"LISTEN_FDS": "1"})
bundle("no-pivot", options=["--no-pivot"])
bundle("no-new-keyring", options=["--no-new-keyring"])
# exec: into a container of that config
bundle("exec", exec=[])
bundle("exec-user", exec=["--user", "1000:1001", "--additional-gids", "7"])
bundle("exec-user-of-config", user(1000, 1000, additionalGids=[5]), exec=[])
bundle("exec-cwd-env", exec=["--cwd", "/data", "--env", "X=1"])
bundle("exec-seccomp", all_of(setter("process/noNewPrivileges", False),
                              seccomp(defaultAction=ALLOW, syscalls=[{"names": ["acct"], "action": ERRNO}])), exec=[])
bundle("exec-user-namespace", user_namespace, exec=[])
bundle("exec-limits", all_of(setter("process/oomScoreAdj", 300), setter("process/rlimits", [
    {"type": "RLIMIT_NOFILE", "soft": 77, "hard": 99}])), exec=[])


# ---- the tables of other files ----

def rows_of(name):
    with open(os.path.join(HERE, name)) as f:
        return list(csv.DictReader((line for line in f if not line.startswith("#")), delimiter="\t", quoting=csv.QUOTE_NONE))


def read_tables():
    for row in rows_of("bundles.tsv"):
        bundle(row["name"], filtered(row["filter"]), paths=row["paths"].split(), core=False, refused=bool(row["refused"]),
               ids=row["refused"].split(), terminal=row["name"].startswith("terminal"))
    seen = {}
    for row in rows_of("configs.tsv"):
        if not row.get("ids") or not row.get("filter"):
            continue
        # With what hull refuses there, another runtime would change the host, or make a container of the host's root;
        # without a process nothing runs.
        if row["ids"].split()[0] in ("cg-path-07", "ns-host-02", "ns-host-04", "proc-01", "root-01", "root-02", "sysctl-01") or \
                "namespaces = " in row["filter"]:
            continue
        name = row["ids"].split()[0]
        seen[name] = seen.get(name, 0) + 1
        bundle("row-%s-%d" % (name, seen[name]), filtered(row["filter"]), core=False, refused=row.get("verdict") == "refused",
               ids=row["ids"].split() if row.get("verdict") == "refused" else ())
    assert len({r["name"] for r in BUNDLES}) == len(BUNDLES)


# ---- what is varied ----

def places(value, path=""):
    """The paths of config.tsv that a config has, each with its value there."""
    if isinstance(value, dict):
        yield path or "/", None
        for key, below in value.items():
            yield from places(below, path + "/" + key)
            yield from places(below, path + "/*")
    elif isinstance(value, list):
        yield path, None
        for n, below in enumerate(value):
            for place, found in places(below, path + "[]"):
                yield place, (n, found)
    else:
        yield path, json.dumps(value)


def unvaried(base):
    """The rows of config.tsv that are the same in each bundle."""
    had, varied = set(places(base)), set()
    for row in BUNDLES:
        config = copy.deepcopy(base)
        try:
            if row["change"]:
                row["change"](config)
        except subprocess.CalledProcessError:
            continue  # its case fails
        varied |= {path for path, _ in set(places(config)) ^ had}
    parents = {path for place in varied for path in above(place)}
    return [r["path"] for r in rows_of("config.tsv")
            if {"linux", "all"} & set(r["platform"].split(",")) and r["path"] not in varied | parents]


def above(path):
    while path:
        yield path
        path = path[:-2] if path.endswith("[]") else path.rpartition("/")[0]


read_tables()
