"""Fetches Debian's packages and sources without touching the machine's own lists of them."""
from __future__ import annotations

import glob
import os
import subprocess

CACHE = os.environ.get("OMCOPS_BENCH_CACHE") or os.path.join(
    os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "omcops-bench-fidelity")


def unpacked(package: str) -> str:
    """The folder of a binary package's files, fetched once."""
    folder = os.path.join(CACHE, "packages", package)
    if os.path.isdir(folder):
        return folder
    files = os.path.join(CACHE, "files")
    os.makedirs(files, exist_ok=True)
    found = glob.glob(f"{files}/{package}_*.deb")
    if not found:
        apt("download", package, cwd=files)
        found = glob.glob(f"{files}/{package}_*.deb")
    partial = folder + ".partial"
    os.makedirs(partial, exist_ok=True)
    subprocess.run(["dpkg-deb", "-x", found[0], partial], check=True)
    os.rename(partial, folder)
    return folder


def source(package: str) -> str | None:
    """The archive of a package's original source, fetched once; None where there is none.

    One that was put into the cache by hand, as that of a version which this Debian does not have,
    is taken as it is.
    """
    folder = os.path.join(CACHE, "sources")
    os.makedirs(folder, exist_ok=True)
    pattern = f"{folder}/{package}_*.orig.tar.*"
    if not glob.glob(pattern):
        try:
            apt("source", "--download-only", package, cwd=folder)
        except (subprocess.CalledProcessError, FileNotFoundError):
            return None
    return next(iter(glob.glob(pattern)), None)


def apt(verb: str, *arguments: str, cwd: str) -> None:
    """Runs apt-get with lists of our own, which have sources beside binaries.

    The last argument is a package. A mirror may lack the newest version that its lists name, so the
    others are tried after it.
    """
    home = os.path.join(CACHE, "apt")
    if not os.path.exists(os.path.join(home, "ready")):
        os.makedirs(os.path.join(home, "lists", "partial"), exist_ok=True)
        os.makedirs(os.path.join(home, "archives", "partial"), exist_ok=True)
        with open(os.path.join(home, "sources.list"), "w") as file:
            file.write(_sources())
        _run(home, "apt-get", "update", cwd=home)
        open(os.path.join(home, "ready"), "w").close()
    *options, package = arguments
    listed = _run(home, "apt-cache", "madison", package, cwd=home)
    versions = dict.fromkeys(line.split("|")[1].strip() for line in listed.splitlines())
    for version in versions:
        try:
            _run(home, "apt-get", verb, *options, f"{package}={version}", cwd=cwd)
            return
        except subprocess.CalledProcessError as error:
            failure = error
    raise failure if versions else FileNotFoundError(f"no Debian package {package}")


def _run(home: str, program: str, *arguments: str, cwd: str) -> str:
    options = {"Dir::Etc::sourcelist": f"{home}/sources.list", "Dir::Etc::sourceparts": "/dev/null",
               "Dir::State::lists": f"{home}/lists", "Dir::Cache": home, "Acquire::Languages": "none",
               "APT::Sandbox::User": "root"}
    command = [program, "-qq"]
    for name, value in options.items():
        command += ["-o", f"{name}={value}"]
    return subprocess.run(command + list(arguments), cwd=cwd, check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True).stdout


def _sources() -> str:
    """The machine's own Debian mirrors, each with its sources."""
    text = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)",
                           "Created-By: Packages"], check=True, capture_output=True, text=True).stdout
    lines = []
    for line in sorted(set(text.splitlines())):
        uri, release, component = line.split()
        if "debian" not in uri or component != "main":
            continue
        lines += [f"{kind} {uri} {release} {component}" for kind in ("deb", "deb-src")]
    return "\n".join(lines) + "\n"
