/// What runs in a pod beside a worker's interpreter: it starts the interpreter, carries what that and
/// omcops tell each other, hands signals on, and ends all of it with the connection.
///
/// The programs, the variables and their secrets come over standard input: nothing of them is seen in
/// the pod's list of processes or in the cluster's records of requests. What the interpreter writes for
/// a while is in a folder of its own, which goes with it; the image's folders stay as they are. Works
/// from Python 3.8 on.
enum KeeperProgram {
  /// What `python -c` is given: it reads the keeper from standard input. It is part of a URL.
  static let loader = """
    import os
    def take(n):
        b = b""
        while len(b) < n:
            c = os.read(0, n - len(b))
            if not c: os._exit(70)
            b += c
        return b
    def line():
        b = b""
        while b[-1:] != b"\\n": b += take(1)
        return b
    exec(compile(take(int(line())), "omcops_keeper.py", "exec"))
    """

  /// The keeper. The next line is the length of what it is to start, as JSON. Of what follows, lines
  /// that begin with `!` are signals, negative ones for the whole group; the others are the worker's. Its
  /// own last line says how the interpreter ended.
  static let source = #"""
    import base64, fcntl, json, select, shutil, signal, subprocess, sys, tempfile, time

    PREFIX = "omcops-test-"
    MARK = "OMCOPS_TEST_KEEPER"


    def put(descriptor, data):
        try:
            while data:
                data = data[os.write(descriptor, data):]
            return True
        except OSError:
            return False


    def last_word(**values):
        tell("exit", **values)
        os._exit(0)


    def tell(event, **values):
        # On a line of its own: the interpreter may have died in the midst of one.
        return put(1, ("\n%s\n" % json.dumps(dict(values, e=event))).encode())


    def lock(folder):
        # Locked as long as the keeper lives: pods may share the folder that it is in.
        file = os.open(os.path.join(folder, "keeper"), os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return file


    def sweep(base):
        # What a keeper has left that was killed.
        for name in os.listdir(base):
            folder = os.path.join(base, name)
            if name.startswith(PREFIX) and os.path.exists(os.path.join(folder, "keeper")):
                try:
                    file = lock(folder)
                except OSError:
                    continue
                shutil.rmtree(folder, ignore_errors=True)
                os.close(file)


    def end_marked(own):
        # What tests have started in sessions of their own: nothing else bears this mark.
        mark = ("\0%s=%s\0" % (MARK, os.path.basename(own))).encode()
        for _ in range(50):
            found = False
            for name in os.listdir("/proc"):
                try:
                    if name.isdigit():
                        with open("/proc/%s/environ" % name, "rb") as file:
                            is_marked = mark in b"\0" + file.read()
                        if is_marked:
                            os.kill(int(name), signal.SIGKILL)
                            found = True
                except OSError:
                    pass
            if not found:
                return
            time.sleep(0.01)


    def own_folder():
        for base in (os.environ.get("TMPDIR"), "/tmp", "/var/tmp", "/dev/shm"):
            try:
                if base:
                    folder = tempfile.mkdtemp(prefix=PREFIX, dir=base)
                    lock(folder)
                    sweep(base)
                    return folder
            except OSError:
                pass
        last_word(trouble="none of the folders /tmp, /var/tmp and /dev/shm can be written to")


    def reach(server):
        import socket
        try:
            socket.create_connection(server, 10).close()
        except OSError as error:
            last_word(unreached="the database server at %s:%s: %s" % (server[0], server[1], error))


    def launch(setup, own):
        for name, text in setup["files"].items():
            with open(os.path.join(own, name), "w") as file:
                file.write(text)
        environment = dict(
            os.environ, PYTHONDONTWRITEBYTECODE="1", TMPDIR=own,
            COVERAGE_FILE=os.path.join(own, ".coverage"))
        environment.update(setup["environment"])
        environment[MARK] = os.path.basename(own)
        folder = setup["folder"] or os.getcwd()
        if not os.path.isdir(folder):
            shutil.rmtree(own, ignore_errors=True)
            last_word(trouble="there is no folder " + folder)
        if setup["coverage"]:
            measure(environment, folder, os.path.join(own, "coverage"))
        words = [sys.executable, "-c", setup["loader"], os.path.join(own, "omcops_worker.py")]
        words += setup["arguments"] + ["-o", "cache_dir=" + os.path.join(own, "cache")]
        return subprocess.Popen(
            words, bufsize=0, cwd=folder, env=environment, start_new_session=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


    def measure(environment, folder, place):
        os.mkdir(place)
        with open(os.path.join(place, "root"), "w") as file:
            file.write(os.path.abspath(folder))
        environment["OMCOPS_TEST_COVERAGE_FILE"] = os.path.join(place, ".coverage")
        if environment.get("COVERAGE_PROCESS_START"):
            environment["COVERAGE_FILE"] = environment["OMCOPS_TEST_COVERAGE_FILE"]


    def send_files(place):
        # Where nothing was measured nobody wants to know the rest.
        names = sorted(os.listdir(place)) if os.path.isdir(place) else []
        if not any(name.startswith(".coverage") for name in names):
            return
        for name in names:
            path = os.path.join(place, name)
            if not os.path.isfile(path) or os.path.getsize(path) > 1 << 28:
                continue
            with open(path, "rb") as file:
                part, following = file.read(49152), b"-"
                while following:
                    following = file.read(49152)
                    data = base64.b64encode(part).decode()
                    if not tell("file", name=name, data=data, last=not following):
                        return
                    part = following


    class Keeper:
        def __init__(self, child):
            self.child, self.heard, self.pending = child, b"", b""
            self.streams = {child.stdout.fileno(): 1, child.stderr.fileno(): 2}
            self.input = child.stdin.fileno()
            for descriptor in list(self.streams) + [self.input]:
                os.set_blocking(descriptor, False)
            self.ended, wakeup = os.pipe()
            os.set_blocking(wakeup, False)
            signal.set_wakeup_fd(wakeup, warn_on_full_buffer=False)
            signal.signal(signal.SIGCHLD, lambda *_: None)
            signal.signal(signal.SIGPIPE, signal.SIG_IGN)

        def end(self, number):
            try:
                os.killpg(self.child.pid, number)
            except OSError:
                pass

        def run(self):
            """Until the interpreter has ended; false where omcops has gone before."""
            while self.child.poll() is None:
                poll = select.poll()
                for descriptor in [0, self.ended] + list(self.streams):
                    poll.register(descriptor, select.POLLIN)
                if self.pending:
                    poll.register(self.input, select.POLLOUT)
                for descriptor, _ in poll.poll(5000):
                    if descriptor == 0:
                        if not self.hear():
                            return False
                    elif descriptor == self.ended:
                        os.read(descriptor, 512)
                    elif descriptor == self.input:
                        self.hand_on()
                    elif not self.forward(descriptor):
                        return False
            self.end(signal.SIGKILL)
            for descriptor in list(self.streams):
                while descriptor in self.streams:
                    if not self.forward(descriptor, is_last=True):
                        return False
            return True

        def hear(self):
            data = os.read(0, 65536)
            if not data:
                return False
            *lines, self.heard = (self.heard + data).split(b"\n")
            for line in lines:
                if line.startswith(b"!"):
                    number = int(line[1:])
                    if number < 0:
                        self.end(-number)
                    elif self.child.poll() is None:
                        self.child.send_signal(number)
                else:
                    self.pending += line + b"\n"
            return True

        def hand_on(self):
            try:
                self.pending = self.pending[os.write(self.input, self.pending):]
            except BlockingIOError:
                pass
            except OSError:
                self.pending = b""

        def forward(self, descriptor, is_last=False):
            try:
                data = os.read(descriptor, 65536)
            except BlockingIOError:
                data = b"" if is_last else None
            if data is None:
                return True
            if not data:
                del self.streams[descriptor]
                return True
            return put(self.streams.get(descriptor, 2), data)


    def main():
        setup = json.loads(take(int(line())).decode())
        if setup["server"]:
            reach(setup["server"])
        own = own_folder()
        keeper = Keeper(launch(setup, own))
        is_heard = keeper.run()
        keeper.end(signal.SIGKILL)
        end_marked(own)
        code = keeper.child.wait()
        if is_heard:
            send_files(os.path.join(own, "coverage"))
        shutil.rmtree(own, ignore_errors=True)
        if not is_heard:
            os._exit(70)
        last_word(**({"signal": -code} if code < 0 else {"code": code}))


    main()
    """#

  /// What the container of a shard's pod runs as its own: nothing, until nobody has used it for as many
  /// seconds as it is told. omcops deletes the pod long before; that is for an omcops that was killed.
  /// It also takes the ends of orphans, as the first process of a container has to.
  static let holder = """
    import os, signal, sys, time
    signal.signal(signal.SIGTERM, lambda *_: os._exit(143))
    since = time.monotonic()
    while time.monotonic() - since < int(sys.argv[1]):
        time.sleep(1)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]: pass
        except ChildProcessError: pass
        if sum(name.isdigit() for name in os.listdir("/proc")) > 1: since = time.monotonic()
    """
}
